/** A tool call as the scripted model makes it; what is absent here is absent on the wire. */
export type ScriptedToolCall = {
  readonly name?: string;
  /** A string goes out as it is; an object as JSON. */
  readonly arguments?: string | Readonly<Record<string, unknown>>;
  /** Absent: `call_1`, `call_2`…; null: none on the wire. */
  readonly id?: string | null;
  /** Absent: the place in the list; null: none on the wire. */
  readonly index?: number | null;
};

/** What happens after the last content: a proper end, silence, a torn connection, or an end without `finish_reason`. */
type StreamEnding = 'done' | 'hang' | 'cut' | 'unfinished';

/** A model's answer. */
export type ScriptedAnswer = {
  readonly text?: string;
  /** Goes out before the text, as `reasoning_content`. */
  readonly reasoning?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** Deltas sent as they are, after everything else: for shapes that only one vendor makes. */
  readonly deltas?: readonly Readonly<Record<string, unknown>>[];
  /** Default: `tool_calls` if there are any, else `stop`. */
  readonly finishReason?: string;
  /** Sends a last chunk with token counts and no choices. */
  readonly usage?: boolean;
  /** How many characters of text or arguments one chunk carries; 12. */
  readonly chunkSize?: number;
  /** Wait before each chunk; 0. */
  readonly delayMs?: number;
  readonly ending?: StreamEnding;
};

/** A stream of raw `data:` payloads. */
export type ScriptedEvents = {
  readonly events: readonly string[];
  readonly delayMs?: number;
  readonly ending?: StreamEnding;
};

/** No answer: an HTTP error (a string body goes out as HTML, another one as JSON), or silence before the headers. */
export type ScriptedFault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly silence: true };

/** One entry of the script; a string is an answer in text. */
export type ModelReply = string | ScriptedAnswer | ScriptedEvents | ScriptedFault;
