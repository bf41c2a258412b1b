import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { texts } from '../texts.ts';
import type { IncomingMessage } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';

/** Of one user, at each place where messages wait. */
const MAX_WAITING = 10_000;

/** Refusals that come closer to each other are told in one sentence. */
const TOGETHER_MS = 1000;

/** Between two such sentences in one chat. */
const BETWEEN_MS = 30_000;

type Row = { channel: string; chat_id: string; message_id: string; refused: number };

export type QuotaOptions = {
  readonly store: Store;
  /** How many messages of a user wait for a node's answer. */
  readonly unanswered: (userId: string) => number;
  /** Where messages wait before that; a lane is a chat. */
  readonly inboxes: readonly Pick<Inbox<never>, 'size' | 'waiting'>[];
  readonly deliveries: Deliveries;
  readonly maxWaiting?: number;
  readonly logger: Logger;
};

/**
 * Keeps one user from filling what all share. Whoever has too much waiting already is refused, and told so: each refusal
 * is counted in the commit that takes the message in, and a burst of them is one sentence, over restarts too.
 */
export class Quota {
  readonly #options: QuotaOptions;
  readonly #maxWaiting: number;
  /** Chats in which something is to be told, or was a moment ago. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #isRunning = false;

  constructor(options: QuotaOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
  }

  /** Tells what an earlier process has counted. */
  start(): void {
    this.#isRunning = true;
    const rows = this.#options.store.prepare('SELECT peer FROM refusals').all();
    for (const { peer } of rows) this.#tellIn(String(peer), TOGETHER_MS);
  }

  /** Stopping twice is fine. */
  stop(): void {
    this.#isRunning = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** False for a message that is refused. For use inside `store.write`. */
  admits(message: IncomingMessage): boolean {
    if (!this.#isFull(message)) return true;
    const { store } = this.#options;
    const { channel, chatId, id } = message;
    const peer = peerOf(message);
    store
      .prepare(
        `INSERT INTO refusals (peer, channel, chat_id, message_id, refused) VALUES (?, ?, ?, ?, 1)
         ON CONFLICT (peer) DO UPDATE SET message_id = excluded.message_id, refused = refused + 1`,
      )
      .run(peer, channel, chatId, id);
    store.afterCommit(() => this.#tellIn(peer, TOGETHER_MS));
    return false;
  }

  #isFull(message: IncomingMessage): boolean {
    const { unanswered, inboxes } = this.#options;
    const max = this.#maxWaiting;
    // What is counted at once comes first: one lane holds no more than all of them.
    const isFull = (inbox: (typeof inboxes)[number]) => inbox.size >= max && inbox.waiting(peerOf(message)) >= max;
    return unanswered(message.userId) >= max || inboxes.some(isFull);
  }

  #tellIn(peer: string, ms: number): void {
    if (!this.#isRunning || this.#timers.has(peer)) return;
    this.#timers.set(
      peer,
      setTimeout(() => void this.#tell(peer), ms),
    );
  }

  /** Never rejects. */
  async #tell(peer: string): Promise<void> {
    const { store, deliveries, logger } = this.#options;
    let hasTold = true;
    try {
      hasTold = await store.write(() => {
        const row = store.prepare('DELETE FROM refusals WHERE peer = ? RETURNING *').get(peer);
        if (row === undefined) return false;
        // A row of our own table: columns are as the schema says.
        const { channel, chat_id: chatId, message_id: replyTo, refused } = row as Row;
        deliveries.put({ channel, chatId, replyTo }, texts.tooMany(refused, this.#maxWaiting));
        return true;
      });
    } catch (error) {
      logger.error({ err: error }, 'that messages were refused could not be stored, trying again');
    }
    this.#timers.delete(peer);
    if (hasTold) this.#tellIn(peer, BETWEEN_MS);
  }
}
