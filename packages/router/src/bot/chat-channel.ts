import type { Language, Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { ImageType } from '../nodes/image-type.ts';

export type ChannelName = 'feishu' | 'console';

/** A file that came with a person's message; its bytes are still with the platform. */
export type IncomingAttachment = {
  /** The platform's key. */
  readonly key: string;
  readonly kind: 'image' | 'file' | 'audio' | 'video';
  /** As its sender called it, or as the platform's kind is called: not to be trusted as a name on a disk. */
  readonly name: string;
  readonly size?: number;
};

/** A message that a person sent to the bot, or an entry of the bot's menu that stands for one. */
export type IncomingMessage = {
  /** The platform's message id, or for the menu its event's: the same for each redelivery. */
  readonly id: string;
  /** What stays the same when a platform redelivers under a new id. */
  readonly fingerprint?: string;
  readonly channel: ChannelName;
  readonly chatId: string;
  readonly chatType: 'p2p' | 'group';
  readonly userId: string;
  /** Without the mention of the bot. Empty when `unreadable` is set, and for a file without a word. */
  readonly text: string;
  readonly attachments?: readonly IncomingAttachment[];
  /** True in a p2p chat, and in a group when the bot was mentioned. */
  readonly addressed: boolean;
  /** The platform's name of a kind of message that the bot can't read (yet), such as `image`. */
  readonly unreadable?: string;
  /** Id of the earlier message that this one answers. */
  readonly quotedId?: string;
  /** ms since the epoch, by the platform's clock. */
  readonly sentAt: number;
  /** When it was found in the chat's history, ms since the epoch; absent for one that the platform brought. */
  readonly foundAt?: number;
};

/** A chat in which people have talked to the bot. */
export type KnownChat = Pick<IncomingMessage, 'chatId' | 'chatType'>;

/** A button under a message of the bot. */
export type MessageAction = {
  readonly id: string;
  readonly label: string;
  readonly style: 'default' | 'primary' | 'danger';
};

/** A message from the bot. Sending the same `id` again must not show it twice. */
export type OutgoingMessage = {
  /** Stable over all attempts; at most 50 characters. */
  readonly id: string;
  readonly chatId: string;
  /** The platform's id of the message that this one answers. */
  readonly replyTo?: string;
  /** Markdown, any length. */
  readonly text: string;
  /** Buttons under it; a press comes back through `onAction`. */
  readonly actions?: readonly MessageAction[];
  /** The turn that this is the answer of, where the turn may have been shown while it ran. */
  readonly turn?: EndedTurn;
  /** Of what the channel adds by itself; English when absent. */
  readonly language?: Language;
  /** Absent for what was never tried before. */
  readonly earlier?: EarlierAttempts;
};

/**
 * What there is to know of attempts to send the same message before. Where they are so old that the platform has
 * forgotten the id, the channel looks in the chat for what they left there, so that nothing is shown twice.
 */
export type EarlierAttempts = {
  /** None was made before this time, ms since the epoch. */
  readonly since: number;
  /** Whether the message with this platform id is known to be another one. */
  readonly isOther: (shownId: string) => boolean;
};

/** What becomes of the live view of a turn, now that its answer is here. */
export type EndedTurn = {
  /** The id of its TurnView. */
  readonly id: string;
  /** ms. */
  readonly tookMs: number;
  /** The answer takes the view's place; otherwise it is a message of its own, so that the phone rings, and the view says so. */
  readonly isInPlace: boolean;
};

/** A turn as it is shown while it runs. */
export type TurnView = {
  /** Stable over all updates, and over restarts; at most 128 characters. Its *Stop* button comes back through `onStop`. */
  readonly id: string;
  readonly chatId: string;
  /** The platform's id of the message that is answered. */
  readonly replyTo: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** The whole text so far: Markdown, perhaps empty. */
  readonly text: string;
  /** What it does right now, in a line. */
  readonly step?: string;
  readonly language: Language;
};

/** A change of a message that is in the chat: another text, and no buttons any more. */
export type MessageEdit = {
  readonly chatId: string;
  /** The platform's id of the message that carries the buttons: the last one that `send` resolved with. */
  readonly shownId: string;
  readonly text: string;
};

/** A file from the bot. Sending the same `id` again must not show it twice. */
export type OutgoingFile = Pick<OutgoingMessage, 'chatId' | 'earlier' | 'id' | 'language' | 'replyTo'> & {
  /** As the node called it: not to be trusted as a name on a disk. */
  readonly name: string;
  readonly size: number;
  /** The router's own id of it, and where its bytes are. They stay there until the send is settled, and for a day. */
  readonly fileId: string;
  readonly path: string;
  /** Of what is to be shown as an image, if the platform can. */
  readonly imageType?: ImageType;
};

/** A press of a button. The same press may come again: it is told by user, message and button. */
export type IncomingAction = {
  readonly channel: ChannelName;
  readonly chatId: string;
  readonly userId: string;
  /** Id of the OutgoingMessage that carried the button. */
  readonly messageId: string;
  readonly actionId: string;
};

/** What a press led to: told at once to who pressed. */
export type ActionOutcome = {
  readonly kind: 'success' | 'warning' | 'error';
  /** One short sentence. */
  readonly toast: string;
  /** The message's new text, without buttons; absent: it stays as it is. */
  readonly text?: string;
};

/** A press of the *Stop* button of a TurnView. */
export type IncomingStop = {
  readonly channel: ChannelName;
  readonly chatId: string;
  readonly userId: string;
  readonly turnId: string;
};

/** A person took a message back. */
export type IncomingRecall = {
  readonly channel: ChannelName;
  readonly chatId: string;
  readonly messageId: string;
};

/** A person opened the chat with the bot. */
export type IncomingVisit = {
  readonly channel: ChannelName;
  readonly chatId: string;
  readonly userId: string;
};

/** A time from which messages may be missing, because nothing could come in. */
export type IncomingGap = {
  readonly channel: ChannelName;
  /** ms since the epoch, by the platform's clock. */
  readonly since: number;
};

/** Where a channel brings what people do. */
export type ChannelHandlers = {
  /** The message is acknowledged to the platform when it resolves, and left to redelivery when it rejects. */
  onMessage(message: IncomingMessage): Promise<void>;
  /** Resolves within a second; what it resolves with is shown to who pressed. */
  onAction(action: IncomingAction): Promise<ActionOutcome>;
  /** The same for a *Stop*. */
  onStop(stop: IncomingStop): Promise<ActionOutcome>;
  onRecall(recall: IncomingRecall): Promise<void>;
  onVisit(visit: IncomingVisit): Promise<void>;
  /** Resolves when what is missing was looked for; rejects only when `signal` ended that. */
  onGap(gap: IncomingGap, signal: AbortSignal): Promise<void>;
};

export type ChatErrorCode = 'rate_limited' | 'unavailable' | 'refused';

/** A send that failed. `rate_limited` and `unavailable` may be tried again with the same id; `refused` may not. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ChatErrorCode;
  /** The message for who waits for what was sent. */
  readonly said: Said;
  /** How long the platform asked to wait. */
  readonly retryAfterMs: number | undefined;
  constructor(code: ChatErrorCode, said: Said, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** State of a channel's way in, for `/health`. */
export type ChannelHealth = {
  readonly state: 'off' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
  readonly lastEventAt?: number;
};

/** Where people talk to the bot. */
export interface ChatChannel {
  readonly name: ChannelName;
  /** Lets messages in; resolves at once, also when the platform can't be reached yet. */
  start(handlers: ChannelHandlers): Promise<void>;
  /**
   * One attempt; the channel splits what is too long, and puts the buttons under the last part. Resolves with the
   * platform's ids of what is shown, by which people quote it. Rejects with ChatError.
   */
  send(message: OutgoingMessage): Promise<readonly string[]>;
  /** The same for a file: one attempt, and nothing is shown twice, however often it is made. */
  sendFile(file: OutgoingFile): Promise<readonly string[]>;
  /**
   * The bytes of an attachment of the message `messageId`, as they come: at most the caller's patience of them. Rejects
   * with ChatError; what breaks on the way breaks the stream.
   */
  fetchFile(messageId: string, attachment: IncomingAttachment, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Shows a running turn: the newest state replaces the one before. May be lost, never throws. */
  showTurn(view: TurnView): void;
  /** Takes the buttons off a message and changes its text: one attempt. Rejects with ChatError. */
  edit(edit: MessageEdit): Promise<void>;
  /**
   * Puts a sign on a person's message that it has arrived; resolves with what `unmark` needs. One attempt; rejects with
   * ChatError. Absent, like `unmark`, where people see by themselves that it has.
   */
  mark?(messageId: string): Promise<string>;
  /** Takes that sign off; without `mark`, every such sign of the bot's. One attempt; rejects with ChatError. */
  unmark?(messageId: string, mark: string | undefined): Promise<void>;
  /**
   * What people have said to the bot in a chat since then (ms since the epoch) and the bot has not answered there, oldest
   * first; undefined where the platform does not tell. Rejects with ChatError. Absent where nothing can ever be missing.
   */
  messagesSince?(chat: KnownChat, since: number, signal: AbortSignal): Promise<readonly IncomingMessage[] | undefined>;
  /** The text of a message in the chat; undefined where it has none. Rejects with ChatError. */
  textOf(messageId: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * What was said in a sound that came with a message; undefined where the platform can't tell. Rejects with ChatError.
   * Absent where the platform never can.
   */
  transcribe?(sound: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string | undefined>;
  health(): ChannelHealth;
  /** No message comes in after this. Stopping twice is fine. */
  stop(): Promise<void>;
}
