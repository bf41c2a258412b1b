import { DAY_MS } from '@phonework/shared/duration';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import { texts } from '../texts.ts';
import type { IncomingMessage, IncomingVisit } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';
import type { KnownChats } from './known-chats.ts';
import type { Presence } from './presence.ts';

/** How many strangers are remembered: whoever comes after that may be told again. */
const MAX_STRANGERS = 1000;

/** What a person reads who opens the chat with the bot: a welcome, once; a stranger that they are not allowed, once a day. */
export class Visits {
  readonly #store: Store;
  readonly #presence: Presence;
  readonly #knownChats: KnownChats;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
  readonly #logger: Logger;
  /** When each stranger was told, by their chats: ms since the epoch. */
  readonly #toldStrangers = new Map<string, number>();

  constructor(options: {
    readonly store: Store;
    readonly presence: Presence;
    readonly knownChats: KnownChats;
    readonly deliveries: Deliveries;
    readonly mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#presence = options.presence;
    this.#knownChats = options.knownChats;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    this.#logger = options.logger;
  }

  /** Rejects when it could not be stored. */
  async visit(visit: IncomingVisit): Promise<void> {
    const { channel, userId } = visit;
    if (!this.#mayTalk(visit)) {
      await this.#refuse(visit);
      return;
    }
    await this.#store.write(() => {
      // Who wrote before they ever opened the chat, or before there was a welcome, knows the bot.
      const isFirst = this.#presence.chatOf({ channel, userId }) === undefined;
      this.#presence.seen({ ...visit, chatType: 'p2p' });
      this.#knownChats.talkedIn({ ...visit, chatType: 'p2p' });
      if (isFirst) this.#deliveries.put(visit, texts.welcome);
    });
  }

  async #refuse(visit: IncomingVisit): Promise<void> {
    const { channel, userId } = visit;
    const now = Date.now();
    const toldAt = this.#toldStrangers.get(peerOf(visit));
    if (toldAt !== undefined && now - toldAt < DAY_MS) return;
    this.#logger.warn({ user: userId, channel }, 'a stranger opened the chat');
    // At once: the next visit may come before this one is stored.
    this.#remember(peerOf(visit), now);
    try {
      await this.#store.write(() => void this.#deliveries.put(visit, texts.notAllowed(userId)));
    } catch (error) {
      this.#toldStrangers.delete(peerOf(visit));
      throw error;
    }
  }

  #remember(stranger: string, at: number): void {
    // Taken out first, so that the oldest stays the first.
    this.#toldStrangers.delete(stranger);
    this.#toldStrangers.set(stranger, at);
    const [oldest] = this.#toldStrangers.keys();
    if (this.#toldStrangers.size > MAX_STRANGERS && oldest !== undefined) this.#toldStrangers.delete(oldest);
  }
}
