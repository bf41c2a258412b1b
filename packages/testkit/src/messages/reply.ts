/** A tool that the model calls. */
export type ScriptedToolUse = {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Default: `toolu_` and a number that this server has not used yet. */
  readonly id?: string;
};

/** A model's answer: the thinking goes out first, then the text, then the tools. */
export type ScriptedMessage = {
  readonly thinking?: string;
  readonly text?: string;
  readonly toolUses?: readonly ScriptedToolUse[];
  /** Default: `tool_use` if there are any, else `end_turn`. */
  readonly stopReason?: string;
  /** How many characters one delta carries; 12. */
  readonly chunkSize?: number;
  /** Wait before each delta; 0. */
  readonly delayMs?: number;
  /** What happens after the last delta: a proper end, silence, or a torn connection. */
  readonly ending?: 'done' | 'hang' | 'cut';
};

/** No answer: an HTTP error with a body as the API's own unless told otherwise, or silence before the headers. */
export type MessagesFault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly silence: true };

/** One entry of the script; a string is an answer in text. */
export type MessagesReply = string | ScriptedMessage | MessagesFault;

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** The body that the API sends with a status. */
export function toErrorBody(status: number, message = 'scripted fault'): unknown {
  return { type: 'error', error: { type: errorTypes[status] ?? 'api_error', message }, request_id: 'req_scripted' };
}
