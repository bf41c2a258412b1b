import { setTimeout as delay } from 'node:timers/promises';
import { DAY_MS } from '@phonework/shared/duration';
import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { summarize } from '../nodes/forward.ts';
import { texts } from '../texts.ts';
import type { ChatChannel, IncomingGap, IncomingMessage, KnownChat } from './chat-channel.ts';
import { ChatError } from './chat-channel.ts';
import { clockTime } from './clock-time.ts';
import type { Deliveries, DeliveryTimings } from './deliveries.ts';
import { idsOf } from './handler.ts';
import type { KnownChats } from './known-chats.ts';

/** What is older when it is found is not run any more: whoever wrote it may want something else by now. */
const MAX_AGE_MS = DAY_MS;

/** How many of those are listed. */
const MAX_LISTED = 10;

/**
 * Messages that no event told of, because nothing could come in: they are looked for in the chats where people have talked
 * to the bot, and go the way of all messages. Whether the platform brings one of them too, before or after, makes no
 * difference.
 */
export class MissedMessages {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #chats: KnownChats;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (message: IncomingMessage) => boolean;
  readonly #receive: (message: IncomingMessage) => Promise<void>;
  readonly #timings: DeliveryTimings;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    /** The one that knows which messages came. */
    readonly inbox: Inbox<never>;
    readonly channels: readonly ChatChannel[];
    readonly chats: KnownChats;
    readonly deliveries: Deliveries;
    readonly mayTalk: (message: IncomingMessage) => boolean;
    /** Resolves when the message is safe. */
    readonly receive: (message: IncomingMessage) => Promise<void>;
    readonly timings: DeliveryTimings;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#inbox = options.inbox;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#chats = options.chats;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    this.#receive = options.receive;
    this.#timings = options.timings;
    this.#logger = options.logger;
  }

  /** One chat after the other, each until it can be read. Rejects only when `signal` ends that. */
  async lookFor({ channel: name, since }: IncomingGap, signal: AbortSignal): Promise<void> {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    let found = 0;
    for (const chat of this.#chats.newest(channel.name))
      found += await this.#untilDone(channel, { chat, since }, signal);
    if (found > 0) this.#logger.info({ channel: name, found }, 'messages that had been missed were found in the chats');
  }

  async #untilDone(
    channel: ChatChannel,
    { chat, since }: { readonly chat: KnownChat; readonly since: number },
    signal: AbortSignal,
  ): Promise<number> {
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted();
      try {
        const messages = await channel.messagesSince?.(chat, since, signal);
        return await this.#take(chat, messages ?? []);
      } catch (error) {
        signal.throwIfAborted();
        const waitMs = this.#waitMs(failures, error);
        this.#logger.debug({ err: error, waitMs }, 'a chat could not be searched for missed messages, trying again');
        await delay(waitMs, undefined, { signal });
      }
    }
  }

  /** How many were missed. Rejects when one could not be stored: the others are then known, and not taken again. */
  async #take({ chatId }: KnownChat, messages: readonly IncomingMessage[]): Promise<number> {
    const foundAt = Date.now();
    const missed = messages.filter((message) => message.addressed && this.#mayTalk(message) && !this.#isKnown(message));
    const tooOld = missed.filter(({ sentAt }) => foundAt - sentAt > MAX_AGE_MS);
    const fresh = missed.filter(({ sentAt }) => foundAt - sentAt <= MAX_AGE_MS);
    if (tooOld.length > 0) await this.#list(chatId, tooOld, foundAt);
    for (const message of fresh) await this.#receive({ ...message, foundAt });
    return missed.length;
  }

  #isKnown(message: IncomingMessage): boolean {
    return idsOf(message).some((id) => this.#inbox.has(id));
  }

  /** In one transaction with their ids, so that each is listed once, and none is run when the platform brings it later. */
  async #list(chatId: string, messages: readonly IncomingMessage[], now: number): Promise<void> {
    await this.#store.write(() => {
      const listed = messages.filter((message) => this.#inbox.addSettled(idsOf(message)));
      const [first] = listed;
      if (first === undefined) return;
      const lines = listed
        .slice(-MAX_LISTED)
        .map((message) => `- ${clockTime(message.sentAt, now)} ${wordsOf(message)}`);
      this.#deliveries.put({ channel: first.channel, chatId }, texts.foundTooLate(lines, listed.length - lines.length));
    });
  }

  #waitMs(failures: number, error: unknown): number {
    const { retryMinMs, retryMaxMs } = this.#timings;
    const asked = error instanceof ChatError ? error.retryAfterMs : undefined;
    return Math.min(retryMaxMs, Math.max(asked ?? 0, retryMinMs * 2 ** Math.min(failures, 20)));
  }
}

/** In one line, however much it was. */
function wordsOf({ text, attachments = [], unreadable }: IncomingMessage): string {
  return summarize(text) || attachments.map(({ name }) => name).join(', ') || `(${unreadable ?? '…'})`;
}
