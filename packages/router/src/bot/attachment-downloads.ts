import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Said, Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Attachment } from '@phonework/shared/protocol';
import { StalledError } from '@phonework/shared/save-stream';
import { StoreError } from '@phonework/shared/store';
import type { ImageType } from '../nodes/image-type.ts';
import type { PassingFile, PassingFiles } from '../nodes/passing-files.ts';
import { FileRefusal } from '../nodes/passing-files.ts';
import { texts } from '../texts.ts';
import type { ChatChannel, IncomingAttachment } from './chat-channel.ts';
import { ChatError } from './chat-channel.ts';

/** A file that came with a message. */
export type WantedFile = {
  readonly channel: string;
  readonly messageId: string;
  readonly attachment: IncomingAttachment;
  /** Worth trying for until then: ms since the epoch. */
  readonly deadline: number;
  /** Asked before another attempt: whether anybody still waits for it; yes when absent. */
  readonly isStillWanted?: () => boolean;
};

/** A file that is here. */
export type DownloadedFile = {
  /** As the node gets it. */
  readonly attachment: Attachment;
  readonly path: string;
};

export type DownloadTimings = { readonly retryMinMs: number; readonly retryMaxMs: number };

/** However long the platform asks to wait: the rest of its chat waits too. */
const MAX_WAIT_MS = 60_000;

/** For one file, however slowly it comes. */
const FETCH_MS = 10 * 60_000;

/** Gets the files that came with messages from their chats. */
export class AttachmentDownloads {
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #files: PassingFiles;
  readonly #keepMs: number;
  readonly #timings: DownloadTimings;
  readonly #logger: Logger;

  constructor(options: {
    readonly channels: readonly ChatChannel[];
    readonly files: PassingFiles;
    /** How long files are kept for their node. */
    readonly keepMs: number;
    readonly timings: DownloadTimings;
    readonly logger: Logger;
  }) {
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#files = options.files;
    this.#keepMs = options.keepMs;
    this.#timings = options.timings;
    this.#logger = options.logger;
  }

  /** Resolves with the file, or with a sentence for its user. Rejects when `signal` is aborted, and for the disk. */
  async get(wanted: WantedFile, signal: AbortSignal): Promise<DownloadedFile | Text> {
    const { attachment, deadline, isStillWanted = () => true } = wanted;
    const { retryMinMs, retryMaxMs } = this.#timings;
    for (let waitMs = retryMinMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
      try {
        const file = await this.#fetch(wanted, signal);
        return { attachment: toAttachment(attachment, file), path: file.path };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StoreError) throw error;
        const sentence = refusal(attachment.name, error, Date.now() > deadline || !isStillWanted());
        if (sentence !== undefined) return sentence;
        this.#logger.warn(
          { err: error, message: wanted.messageId, waitMs },
          'a file could not be fetched, trying again',
        );
        const asked = (error instanceof ChatError && error.retryAfterMs) || 0;
        await delay(Math.min(Math.max(asked, waitMs), MAX_WAIT_MS), undefined, { signal });
      }
    }
  }

  async #fetch({ channel: name, messageId, attachment }: WantedFile, stop: AbortSignal): Promise<PassingFile> {
    const origin = { kind: 'chat' } as const;
    const channel = this.#channels.get(name);
    if (channel === undefined) throw new ChatError('refused', texts.channelOff);
    if ((attachment.size ?? 0) > 0) this.#files.requireRoom(attachment.size ?? 0, origin);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(FETCH_MS)]);
    const source = await channel.fetchFile(messageId, attachment, signal);
    // Made a stream again, one would not end where nothing was read of it.
    const stream = source instanceof Readable ? source : Readable.from(source);
    try {
      return await this.#files.receive(stream, { origin, keepMs: this.#keepMs, signal });
    } finally {
      stream.destroy();
    }
  }
}

/** A sentence, where trying again would not help, or took too long. */
function refusal(name: string, error: unknown, isOverdue: boolean): Text | undefined {
  if (error instanceof FileRefusal) {
    return error.code === 'too_large'
      ? texts.attachmentTooLarge(name)
      : texts.attachmentFailed(name, texts.attachmentsFull);
  }
  const isFinal = isOverdue || (error instanceof ChatError && error.code === 'refused');
  return isFinal ? texts.attachmentFailed(name, whyNot(error)) : undefined;
}

function whyNot(error: unknown): Said {
  if (error instanceof ChatError) return error.said;
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
