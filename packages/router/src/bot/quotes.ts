import type { Logger } from '@phonework/shared/log';
import type { Attachment } from '@phonework/shared/protocol';
import type { AttachmentDownloads } from './attachment-downloads.ts';
import type { ChatChannel, IncomingAttachment, IncomingMessage } from './chat-channel.ts';
import { untilAborted } from './until-aborted.ts';

/** Where earlier messages are looked up. */
export interface QuoteSource extends Pick<ChatChannel, 'name' | 'textOf'> {
  /** The files that came with a person's message; none with the bot's own. Rejects with ChatError. */
  attachmentsOf?(messageId: string, signal: AbortSignal): Promise<readonly IncomingAttachment[]>;
}

/** What the message that is answered says, and brought. */
export type Quote = { readonly text?: string; readonly attachments: readonly Attachment[] };

/** An answer must not wait for longer to learn what it answers. */
const PATIENCE_MS = 10_000;

/** Longer ones are cut. */
const MAX_QUOTED_CHARS = 8000;

/** Gets what messages answer. A quote is a kindness: where it can't be had, the message goes on without it. */
export class Quotes {
  readonly #channels: ReadonlyMap<string, QuoteSource>;
  readonly #downloads: AttachmentDownloads;
  readonly #patienceMs: number;
  readonly #logger: Logger;

  constructor(options: {
    readonly channels: readonly QuoteSource[];
    readonly downloads: AttachmentDownloads;
    /** 10 s when absent. */
    readonly patienceMs?: number;
    readonly logger: Logger;
  }) {
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#downloads = options.downloads;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#logger = options.logger;
  }

  /** Rejects when `stop` is aborted, and for the disk. */
  async get(message: IncomingMessage, stop: AbortSignal): Promise<Quote> {
    const { channel, quotedId } = message;
    const source = this.#channels.get(channel);
    if (source === undefined || quotedId === undefined) return { attachments: [] };
    const patience = AbortSignal.any([stop, AbortSignal.timeout(this.#patienceMs)]);
    // Asked for together: a channel may need one look for both.
    const [text, files] = await Promise.all([
      this.#ask(source.textOf(quotedId, patience), patience),
      this.#ask(source.attachmentsOf?.(quotedId, patience) ?? Promise.resolve([]), patience),
    ]);
    stop.throwIfAborted();
    const attachments = await this.#download({ channel, quotedId, files: files ?? [] }, stop);
    return { ...(text !== undefined && text.trim() !== '' && { text: cut(text) }), attachments };
  }

  async #ask<T>(question: Promise<T>, patience: AbortSignal): Promise<T | undefined> {
    try {
      return await untilAborted(question, patience);
    } catch (error) {
      this.#logger.debug({ err: error }, 'a quoted message could not be looked up');
      return undefined;
    }
  }

  async #download(
    quoted: { readonly channel: string; readonly quotedId: string; readonly files: readonly IncomingAttachment[] },
    stop: AbortSignal,
  ): Promise<readonly Attachment[]> {
    const { channel, quotedId: messageId, files } = quoted;
    const deadline = Date.now() + this.#patienceMs;
    const got: Attachment[] = [];
    for (const attachment of files) {
      const outcome = await this.#downloads.get({ channel, messageId, attachment, deadline }, stop);
      if ('attachment' in outcome) got.push(outcome.attachment);
    }
    return got;
  }
}

function cut(text: string): string {
  if (text.length <= MAX_QUOTED_CHARS) return text;
  // Half of a surrogate pair is no character.
  return `${text.slice(0, MAX_QUOTED_CHARS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
