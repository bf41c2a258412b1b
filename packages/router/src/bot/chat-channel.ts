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

/** A message that a person sent to the bot. */
export type IncomingMessage = {
  /** The platform's message id: the same for each redelivery. */
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
};

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
};

/** A file from the bot. Sending the same `id` again must not show it twice. */
export type OutgoingFile = Pick<OutgoingMessage, 'chatId' | 'id' | 'replyTo'> & {
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

export type ChatErrorCode = 'rate_limited' | 'unavailable' | 'refused';

/** A send that failed. `rate_limited` and `unavailable` may be tried again with the same id; `refused` may not. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ChatErrorCode;
  /** How long the platform asked to wait. */
  readonly retryAfterMs: number | undefined;
  constructor(code: ChatErrorCode, message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.code = code;
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
  /**
   * Lets messages in; resolves at once, also when the platform can't be reached yet. A message is acknowledged to the
   * platform when `onMessage` has resolved, and left to redelivery when it rejects. `onAction` resolves within a second;
   * what it resolves with is shown to who pressed.
   */
  start(
    onMessage: (message: IncomingMessage) => Promise<void>,
    onAction: (action: IncomingAction) => Promise<ActionOutcome>,
  ): Promise<void>;
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
  /** The answer to `replyTo` as far as it is written; the whole text each time. May be lost, never throws. */
  showProgress(progress: { readonly chatId: string; readonly replyTo: string; readonly text: string }): void;
  health(): ChannelHealth;
  /** No message comes in after this. Stopping twice is fine. */
  stop(): Promise<void>;
}
