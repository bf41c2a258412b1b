import type { Logger } from '@phonework/shared/log';

/** A clock that jumps, and a machine that slept, are noticed within this time. */
const MAX_WAIT_MS = 60_000;

/** After a round that failed: the disk, most likely. */
const RETRY_MS = 1000;

/** How many are expired side by side, so that their commits become one. */
const ROUND = 20;

/** A timer that is so late was asleep with its machine. */
const ASLEEP_MS = 10_000;

/**
 * One timer for all that expires, however much there is. Rows decide; it only looks at them in time. What became due
 * while nobody could look is spared for a while: an answer to it may be on its way here.
 */
export class Expiry {
  readonly #options: ExpiryOptions;
  /** Nothing expires before; ms since the epoch. */
  #sparedUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #round: Promise<void> = Promise.resolve();

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /** Begins with what is overdue, if that is not to be spared. */
  start(): void {
    const { next, now } = this.#options;
    this.#isRunning = true;
    if ((next() ?? Number.POSITIVE_INFINITY) <= now()) this.#spare();
    this.plan();
  }

  /** To be told when there may be an earlier one than before. */
  plan(): void {
    if (!this.#isRunning) return;
    const next = this.#options.next();
    if (next === undefined) clearTimeout(this.#timer);
    else this.#wakeIn(Math.min(MAX_WAIT_MS, Math.max(0, Math.max(next, this.#sparedUntil) - this.#options.now())));
  }

  /** Resolves when nothing is being expired any more. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #spare(): void {
    this.#sparedUntil = this.#options.now() + this.#options.graceMs;
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    const expectedAt = this.#options.now() + ms;
    this.#timer = setTimeout(() => {
      if (this.#options.now() - expectedAt > ASLEEP_MS) this.#spare();
      const previous = this.#round;
      this.#round = previous.then(() => this.#expireAll());
    }, ms);
  }

  /** Never rejects. */
  async #expireAll(): Promise<void> {
    const { overdue, expire, now, logger } = this.#options;
    if (now() < this.#sparedUntil) {
      if (this.#isRunning) this.plan();
      return;
    }
    try {
      for (let ids = overdue(now(), ROUND); this.#isRunning && ids.length > 0; ids = overdue(now(), ROUND)) {
        await Promise.all(ids.map(expire));
      }
      this.plan();
    } catch (error) {
      if (!this.#isRunning) return;
      logger.error({ err: error }, 'a question could not be expired, trying again');
      this.#wakeIn(RETRY_MS);
    }
  }
}

export type ExpiryOptions = {
  /** ms since the epoch. */
  readonly now: () => number;
  /** For how long what became due unseen is spared. */
  readonly graceMs: number;
  /** When the next one expires. */
  readonly next: () => number | undefined;
  readonly overdue: (now: number, limit: number) => readonly string[];
  /** Resolves when `id` is not overdue any more. */
  readonly expire: (id: string) => Promise<void>;
  readonly logger: Logger;
};
