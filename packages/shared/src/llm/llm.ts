import type { Said } from '../language/language.ts';
import { inLanguage } from '../language/language.ts';

/** A tool as the model is told about it; `parameters` is a JSON schema of an object. */
export type ToolSpec = {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
};

/** A model's wish to call a tool. `arguments` is the text the model wrote: JSON if it behaved. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly content: string };

export type ChatRequest = {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolSpec[];
  /** Absent: the model's own default. */
  readonly temperature?: number;
};

export type ChatCompletion = {
  /** What the user may read: never contains a tool call written as text. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** `length`: the answer was cut by the model's limit. */
  readonly finish: 'stop' | 'tool_calls' | 'length';
  /** Set when the answer held a tool call, written as text, that can't be understood; it was left out of `text`. */
  readonly malformed?: true;
};

export type ChatModelErrorCode =
  | 'unauthorized'
  | 'unknown_model'
  | 'rate_limited'
  | 'unavailable'
  | 'timed_out'
  | 'refused'
  | 'malformed'
  | 'aborted';

/** A model call that failed for good. The message is one sentence for the user: what happened and what to do. */
export class ChatModelError extends Error {
  override readonly name = 'ChatModelError';
  readonly code: ChatModelErrorCode;
  /** The message, for the user. */
  readonly said: Said;
  constructor(code: ChatModelErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}

/** A chat model. Implementations stream, retry what is worth retrying, and give up in bounded time. */
export interface ChatModel {
  /**
   * One answer to `messages`. `onText` gets the whole visible text so far, each time it has grown; it starts anew when
   * an answer that broke off is asked for again, and must not throw. Rejects with ChatModelError
   * only; with code `aborted` once `signal` is aborted.
   */
  complete(
    request: ChatRequest,
    options?: { readonly signal?: AbortSignal; readonly onText?: (text: string) => void },
  ): Promise<ChatCompletion>;
}
