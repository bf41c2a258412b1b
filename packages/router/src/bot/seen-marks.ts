import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { ChatChannel, IncomingMessage } from './chat-channel.ts';
import { ChatError } from './chat-channel.ts';

/** An answer that is there sooner needs no sign before it. */
const MARK_AFTER_MS = 400;

/** When taking a sign off is tried again: it is worth a few calls, and no more. */
const UNMARK_RETRIES_MS = [1000, 5000, 30_000];

/** How long a sign can wait for an answer. */
const KEEP_MS = 7 * 24 * 3600 * 1000;

/** The sign on a person's message that it has arrived, until its answer is there; over restarts too. */
export class SeenMarks {
  readonly #store: Store;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #logger: Logger;
  /** Messages that are not marked yet, by when they are to be; in that order. */
  readonly #waiting = new Map<string, { readonly channel: ChatChannel; readonly dueAt: number }>();
  #timer: NodeJS.Timeout | undefined;
  /** Messages whose sign is being set. */
  readonly #marking = new Map<string, Promise<void>>();
  /** Signs that this process has set. */
  readonly #marks = new Map<string, string>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #isStopped = false;

  constructor(store: Store, options: { readonly channels: readonly ChatChannel[]; readonly logger: Logger }) {
    this.#store = store;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#logger = options.logger;
    store.prepare('DELETE FROM seen_marks WHERE set_at < ?').run(Date.now() - KEEP_MS);
  }

  /** The message is stored. */
  seen({ channel: name, id }: Pick<IncomingMessage, 'channel' | 'id'>): void {
    const channel = this.#channels.get(name);
    if (this.#isStopped || channel?.mark === undefined || this.#waiting.has(id)) return;
    this.#waiting.set(id, { channel, dueAt: performance.now() + MARK_AFTER_MS });
    this.#timer ??= setTimeout(() => this.#markNext(), MARK_AFTER_MS);
  }

  /** No sign is set on it any more: it is to be told, right after `seen`, that the message leads to nothing. */
  forget({ id }: Pick<IncomingMessage, 'id'>): void {
    this.#waiting.delete(id);
  }

  /** What the message led to is in the chat. */
  answered(name: string, id: string): void {
    if (this.#waiting.delete(id)) return;
    const channel = this.#channels.get(name);
    if (channel?.unmark === undefined) return;
    // One that is just being set has to be there before it can be taken off.
    void (this.#marking.get(id) ?? Promise.resolve()).then(() => this.#unmark(channel, id, 0));
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of [this.#timer, ...this.#retries]) clearTimeout(timer);
    this.#waiting.clear();
    this.#retries.clear();
  }

  /** One at a time, so that thousands of messages that came together hold nobody up; many are answered before their turn. */
  #markNext(): void {
    this.#timer = undefined;
    const [first] = this.#waiting;
    if (this.#isStopped || first === undefined) return;
    const [id, { channel, dueAt }] = first;
    const waitMs = dueAt - performance.now();
    if (waitMs <= 0) {
      this.#waiting.delete(id);
      this.#marking.set(
        id,
        this.#mark(channel, id).finally(() => this.#marking.delete(id)),
      );
    }
    this.#timer = setTimeout(() => this.#markNext(), Math.max(0, waitMs));
  }

  /** Never rejects: whoever misses the sign gets the answer all the same. */
  async #mark(channel: ChatChannel, id: string): Promise<void> {
    // Before the call: after a crash in the middle of it somebody has to know that there may be a sign.
    this.#store.writeLater(() => {
      this.#store.prepare('INSERT OR IGNORE INTO seen_marks (message_id, set_at) VALUES (?, ?)').run(id, Date.now());
    });
    try {
      const mark = await channel.mark?.(id);
      if (mark === undefined) return;
      this.#marks.set(id, mark);
      this.#store.writeLater(() => {
        this.#store.prepare('UPDATE seen_marks SET mark = ? WHERE message_id = ?').run(mark, id);
      });
    } catch (error) {
      this.#logger.debug({ err: error, message: id }, 'a message could not be marked as seen');
      // There is no sign to look for later: of thousands that came together, most have none.
      if (error instanceof ChatError && error.code === 'rate_limited') this.#forgetMark(id);
    }
  }

  #forgetMark(id: string): void {
    this.#store.writeLater(() => {
      this.#store.prepare('DELETE FROM seen_marks WHERE message_id = ?').run(id);
    });
  }

  /** Of an earlier process; empty where it is not known. */
  #earlierMark(id: string): string | undefined {
    const row = this.#store.prepare('SELECT mark FROM seen_marks WHERE message_id = ?').get(id);
    return row === undefined ? undefined : String(row.mark ?? '');
  }

  async #unmark(channel: ChatChannel, id: string, failures: number): Promise<void> {
    if (this.#isStopped) return;
    const mark = this.#marks.get(id) ?? this.#earlierMark(id);
    if (mark === undefined) return;
    try {
      await channel.unmark?.(id, mark === '' ? undefined : mark);
      this.#marks.delete(id);
      this.#forgetMark(id);
    } catch (error) {
      this.#logger.debug({ err: error, message: id }, 'a message is still marked as only seen');
      const waitMs = UNMARK_RETRIES_MS[failures];
      if (waitMs === undefined || this.#isStopped) return;
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        void this.#unmark(channel, id, failures + 1);
      }, waitMs);
      this.#retries.add(timer);
    }
  }
}
