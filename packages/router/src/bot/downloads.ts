import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@phonework/shared/log';
import type { Inbox, Letter } from '@phonework/shared/mail';
import type { Attachment } from '@phonework/shared/protocol';
import { StalledError } from '@phonework/shared/save-stream';
import type { Store } from '@phonework/shared/store';
import { StoreError } from '@phonework/shared/store';
import type { ImageType } from '../nodes/image-type.ts';
import type { PassingFile, PassingFiles } from '../nodes/passing-files.ts';
import { FileRefusal } from '../nodes/passing-files.ts';
import type { NodeRequest } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { ChatChannel, IncomingAttachment, IncomingMessage } from './chat-channel.ts';
import { ChatError } from './chat-channel.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import { Lanes } from './lanes.ts';

/** A message whose files are not here yet, or that came behind one. */
export type Undownloaded = { readonly message: IncomingMessage; readonly text: string };

type DownloadTimings = { readonly retryMinMs: number; readonly retryMaxMs: number };

export type DownloadOptions = {
  readonly store: Store;
  readonly inbox: Inbox<Undownloaded>;
  readonly channels: readonly ChatChannel[];
  readonly files: PassingFiles;
  readonly deliveries: Deliveries;
  /** How long files are kept for their node. */
  readonly keepMs: number;
  /** Gets each message when its files are here. Used inside `store.write`. */
  readonly onReady: (message: IncomingMessage, request: NodeRequest) => void;
  readonly timings: DownloadTimings;
  readonly logger: Logger;
};

/** A file that came with `message`; worth trying for until `deadline`, ms since the epoch. */
type Wanted = {
  readonly message: IncomingMessage;
  readonly attachment: IncomingAttachment;
  readonly deadline: number;
};

/** Feishu's troubles pass sooner than that, or a person has to look. */
const PATIENCE_MS = 10 * 60_000;

/** However long the platform asks to wait: the rest of its chat waits too. */
const MAX_WAIT_MS = 60_000;

/** Of one message: what one frame to a node holds. */
const MAX_ATTACHMENTS = 100;

/** For one file, however slowly it comes. */
const FETCH_MS = 10 * 60_000;

/**
 * Gets the files that came with messages, before the messages go on: in order within a chat, over restarts too. What can't
 * be got is told to the user, and the rest of the message goes on.
 */
export class Downloads {
  readonly #options: DownloadOptions;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #lanes: Lanes<Undownloaded>;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#lanes = new Lanes({
      inbox: options.inbox,
      work: (letter, signal) => this.#see(letter, signal),
      complaint: "a message's files could not be got, trying again",
      logger: options.logger,
    });
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
  }

  /** Goes on with what an earlier process left behind. */
  start(): void {
    this.#lanes.start();
  }

  /** What is not here yet is fetched after the next start. */
  async stop(): Promise<void> {
    await this.#lanes.stop();
  }

  /** Whether the message has to wait: for its own files, or behind others of its chat. */
  mustWait(message: IncomingMessage): boolean {
    return (message.attachments ?? []).length > 0 || this.#options.inbox.waiting(laneOf(message)) > 0;
  }

  /** For use inside `store.write`. */
  take(message: IncomingMessage, text: string): void {
    const { store, inbox } = this.#options;
    const lane = laneOf(message);
    inbox.add({ id: `${message.channel}:${message.id}`, lane, body: { message, text } });
    store.afterCommit(() => this.#lanes.wake(lane));
  }

  async #see({ id, body, receivedAt }: Letter<Undownloaded>, signal: AbortSignal): Promise<void> {
    const { store, inbox, deliveries, onReady } = this.#options;
    const { message, text } = body;
    const got: Attachment[] = [];
    const faults: string[] = [];
    const { attachments = [] } = message;
    if (attachments.length > MAX_ATTACHMENTS) faults.push(texts.tooManyAttachments(MAX_ATTACHMENTS));
    for (const attachment of attachments.slice(0, MAX_ATTACHMENTS)) {
      const outcome = await this.#get({ message, attachment, deadline: receivedAt + PATIENCE_MS }, signal);
      if (typeof outcome === 'string') faults.push(outcome);
      else got.push(outcome);
    }
    signal.throwIfAborted();
    await store.write(() => {
      inbox.settle(id);
      const { channel, chatId, id: replyTo } = message;
      const to: ChatAddress = { channel, chatId, replyTo };
      for (const fault of faults) deliveries.put(to, fault);
      if (text !== '' || got.length > 0) onReady(message, { text, attachments: got });
    });
  }

  /** Resolves with the attachment as the node gets it, or with a sentence for the user. Rejects at a stop, and for the disk. */
  async #get({ message, attachment, deadline }: Wanted, signal: AbortSignal): Promise<Attachment | string> {
    const { timings, logger } = this.#options;
    for (let waitMs = timings.retryMinMs; ; waitMs = Math.min(waitMs * 2, timings.retryMaxMs)) {
      try {
        return toAttachment(attachment, await this.#fetch(message, attachment, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StoreError) throw error;
        const sentence = refusal(attachment.name, error, Date.now() > deadline);
        if (sentence !== undefined) return sentence;
        logger.warn({ err: error, message: message.id, waitMs }, 'a file could not be fetched, trying again');
        const asked = (error instanceof ChatError && error.retryAfterMs) || 0;
        await delay(Math.min(Math.max(asked, waitMs), MAX_WAIT_MS), undefined, { signal });
      }
    }
  }

  async #fetch(message: IncomingMessage, attachment: IncomingAttachment, stop: AbortSignal): Promise<PassingFile> {
    const { files, keepMs } = this.#options;
    const origin = { kind: 'chat' } as const;
    const channel = this.#channels.get(message.channel);
    if (channel === undefined) throw new ChatError('refused', texts.channelOff);
    if ((attachment.size ?? 0) > 0) files.requireRoom(attachment.size ?? 0, origin);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(FETCH_MS)]);
    const source = await channel.fetchFile(message.id, attachment, signal);
    // Made a stream again, one would not end where nothing was read of it.
    const stream = source instanceof Readable ? source : Readable.from(source);
    try {
      return await files.receive(stream, { origin, keepMs, signal });
    } finally {
      stream.destroy();
    }
  }
}

function laneOf({ channel, chatId }: IncomingMessage): string {
  return `${channel}:${chatId}`;
}

/** A sentence, where trying again would not help, or took too long. */
function refusal(name: string, error: unknown, isOverdue: boolean): string | undefined {
  if (error instanceof FileRefusal) {
    return error.code === 'too_large'
      ? texts.attachmentTooLarge(name)
      : texts.attachmentFailed(name, texts.attachmentsFull);
  }
  const isFinal = isOverdue || (error instanceof ChatError && error.code === 'refused');
  return isFinal ? texts.attachmentFailed(name, whyNot(error)) : undefined;
}

function whyNot(error: unknown): string {
  if (error instanceof ChatError) return error.message;
  return error instanceof StalledError ? texts.fetchStalled : texts.fetchBroke;
}

const extensions: Readonly<Record<ImageType, string>> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/gif': '.gif',
  'image/webp': '.webp',
};

/** Images come without a name from most platforms; programs on the node tell them by it. */
function toAttachment({ kind, name }: IncomingAttachment, { id, size, imageType }: PassingFile): Attachment {
  const needsExtension = kind === 'image' && imageType !== undefined && !/\.\w{2,5}$/.test(name);
  return { id, kind, name: `${name.slice(0, 200)}${needsExtension ? extensions[imageType] : ''}`, size };
}
