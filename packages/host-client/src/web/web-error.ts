export type WebErrorCode =
  | 'bad_key'
  | 'quota'
  | 'unavailable'
  | 'unreachable'
  | 'timed_out'
  | 'too_large'
  | 'moved'
  | 'not_mcp'
  | 'malformed'
  | 'no_tool'
  | 'failed'
  | 'bad_address'
  | 'internal_address';

/** Nothing came from the web. The message is a sentence for the user: what happened, and what to do. */
export class WebError extends Error {
  override readonly name = 'WebError';
  readonly code: WebErrorCode;
  /** What the service said, as it said it: words of a stranger, and no part of the message for that reason. */
  readonly detail: string;

  constructor(code: WebErrorCode, message: string, options: ErrorOptions & { readonly detail?: string } = {}) {
    super(message, options);
    this.code = code;
    this.detail = options.detail ?? '';
  }
}
