import type { Language } from '@phonework/shared/language';
import * as z from 'zod';
import type { ActionOutcome, MessageAction } from '../chat-channel.ts';

/** What the page and the router say to each other over `/console/ws`: text frames, one JSON object each. */

export const maxFrameBytes = 256 * 1024;

/** A file that the page has brought before, under the id that it was given. */
const SaidFile = z.object({ id: z.string().min(1).max(128), name: z.string().min(1).max(255) });

/** The user said something: words, files, or both. The page makes `id`, and says it again with the same one until it hears `stored`. */
const SayFrame = z
  .object({
    type: z.literal('say'),
    id: z.string().regex(/^[\w-]{8,64}$/),
    text: z.string(),
    files: z.array(SaidFile).max(10).default([]),
  })
  .refine(({ text, files }) => files.length > 0 || /\S/.test(text), { path: ['text'] });
export type SayFrame = z.output<typeof SayFrame>;

/** The user pressed a button. It is not said again by itself: after a lost connection the user decides. */
const PressFrame = z.object({
  type: z.literal('press'),
  messageId: z.string().min(1).max(256),
  actionId: z.string().min(1).max(256),
});
export type PressFrame = z.infer<typeof PressFrame>;

/** The user pressed *Stop* under a running turn. Like a press, it is not said again by itself. */
const StopFrame = z.object({ type: z.literal('stop'), turnId: z.string().min(1).max(256) });
export type StopFrame = z.infer<typeof StopFrame>;

const PageFrame = z.discriminatedUnion('type', [SayFrame, PressFrame, StopFrame]);
/** As pages write it: what has a default may be absent. */
export type PageFrame = z.input<typeof PageFrame>;

export type ReadFrame = z.output<typeof PageFrame>;

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
  /** Buttons under it; never an empty list. */
  readonly actions?: readonly MessageAction[];
  /** Never an empty list. The n-th one, counted from 0, is at `/console/files/ID/n` for as long as it is kept. */
  readonly files?: readonly ConsoleFile[];
  /** How long the turn took that this is the answer of, ms. */
  readonly tookMs?: number;
};

export type ConsoleFile = {
  readonly fileId: string;
  readonly name: string;
  readonly size: number;
  /** Browsers can show it. */
  readonly isImage: boolean;
};

/** A turn that runs, as far as it is. */
export type LiveTurn = {
  readonly turnId: string;
  /** Id of the message that it answers. */
  readonly replyTo: string;
  /** ms since the epoch, by the router's clock. */
  readonly startedAt: number;
  /** Markdown: the text so far, or the end of it. */
  readonly text: string;
  /** What it does right now, in a line. */
  readonly step?: string;
};

export type NodeState = {
  readonly nodeId: string;
  readonly displayName: string;
  readonly online: boolean;
  /** Those that it told of; none while it is offline. */
  readonly sessions: readonly SessionState[];
  /** How many more it has. */
  readonly moreSessions: number;
};

/** `state` as the node calls it; pages know the usual ones. */
export type SessionState = { readonly name: string; readonly state: string };

export type ConsoleFrame =
  /** First frame. */
  | {
      readonly type: 'history';
      readonly messages: readonly ConsoleMessage[];
      /** Forget the messages shown so far: these do not follow them. */
      readonly replaces: boolean;
      /** Older messages that may have changed since the page saw them. */
      readonly changed: readonly ConsoleMessage[];
      /** All turns that run: what the page shows of others is over. */
      readonly live: readonly LiveTurn[];
      readonly nodes: readonly NodeState[];
      /** What the page is to be written in; `auto`: the browser's language. */
      readonly language: Language | 'auto';
      /** The router's clock, ms since the epoch. */
      readonly now: number;
    }
  /** `endsTurn`: the turn that this is the answer of. */
  | { readonly type: 'message'; readonly message: ConsoleMessage; readonly endsTurn?: string }
  /** A message that was there before has changed. */
  | { readonly type: 'update'; readonly message: ConsoleMessage }
  /** To the page that pressed. Comes after the update that the press led to. */
  | { readonly type: 'pressed'; readonly messageId: string; readonly outcome: ActionOutcome }
  /** To the page that pressed *Stop*. */
  | { readonly type: 'stopped'; readonly turnId: string; readonly outcome: ActionOutcome }
  /** What the user said is on the disk and will be answered. `id` is that of the say frame, here and in `refused`. */
  | { readonly type: 'stored'; readonly id: string }
  | { readonly type: 'refused'; readonly id: string; readonly reason: string }
  /** The whole state each time. */
  | ({ readonly type: 'progress' } & LiveTurn)
  /** Nothing was heard of a turn for so long that it is not shown as running any longer. */
  | { readonly type: 'turn-over'; readonly turnId: string }
  | { readonly type: 'nodes'; readonly nodes: readonly NodeState[] };

/** A frame that no page sends. Its message is the reason that the socket is closed with. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Throws FrameError. */
export function parsePageFrame(text: string): ReadFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FrameError('the frame is not JSON', { cause });
  }
  const parsed = PageFrame.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'frame');
  throw new FrameError(`the frame is not understood: ${fields.join(', ')}`, { cause: parsed.error });
}
