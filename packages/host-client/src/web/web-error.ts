import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

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

/** Nothing came from the web; `said` is a sentence for the user: what happened, and what to do. */
export class WebError extends Error {
  override readonly name = 'WebError';
  readonly code: WebErrorCode;
  readonly said: Said;
  /** What the service said, as it said it: words of a stranger, and no part of what is said for that reason. */
  readonly detail: string;

  constructor(code: WebErrorCode, said: Said, options: ErrorOptions & { readonly detail?: string } = {}) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
    this.detail = options.detail ?? '';
  }
}
