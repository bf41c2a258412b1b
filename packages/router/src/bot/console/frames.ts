import * as z from 'zod';

/** What the page and the router say to each other over `/console/ws`: text frames, one JSON object each. */

export const maxFrameBytes = 256 * 1024;

/** The user said something. The page makes `id`, and says it again with the same one until it hears `stored`. */
export const SayFrame = z.object({
  type: z.literal('say'),
  id: z.string().regex(/^[\w-]{8,64}$/),
  text: z.string().regex(/\S/),
});
export type SayFrame = z.infer<typeof SayFrame>;

export type ConsoleMessage = {
  /** Grows with each message: the page asks for what is newer than the last one it has. */
  readonly seq: number;
  /** `console:` and the page's id for the user's messages. */
  readonly id: string;
  readonly author: 'user' | 'bot';
  /** Markdown, where the author is the bot. */
  readonly text: string;
  /** Id of the message that this one answers. */
  readonly replyTo?: string;
  /** ms since the epoch. */
  readonly at: number;
};

export type NodeState = { readonly nodeId: string; readonly displayName: string; readonly online: boolean };

export type ConsoleFrame =
  /** First frame. `replaces`: forget the messages shown so far, these do not follow them. */
  | {
      readonly type: 'history';
      readonly messages: readonly ConsoleMessage[];
      readonly replaces: boolean;
      readonly nodes: readonly NodeState[];
    }
  | { readonly type: 'message'; readonly message: ConsoleMessage }
  /** What the user said is on the disk and will be answered. `id` is that of the say frame, here and in `refused`. */
  | { readonly type: 'stored'; readonly id: string }
  | { readonly type: 'refused'; readonly id: string; readonly reason: string }
  /** The answer to `replyTo` as far as it is written; the whole text each time. */
  | { readonly type: 'progress'; readonly replyTo: string; readonly text: string }
  | { readonly type: 'nodes'; readonly nodes: readonly NodeState[] };

/** A frame that is no say frame. Its message is the reason that the socket is closed with. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Throws FrameError. */
export function parseSayFrame(text: string): SayFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FrameError('the frame is not JSON', { cause });
  }
  const parsed = SayFrame.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'frame');
  throw new FrameError(`the frame is not understood: ${fields.join(', ')}`, { cause: parsed.error });
}
