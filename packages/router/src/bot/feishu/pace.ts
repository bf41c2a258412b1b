import { FeishuError } from './feishu-error.ts';

/** At most `max` calls in any time of `windowMs`. */
type Rate = { readonly max: number; readonly windowMs: number };

/** What Feishu takes. */
export type FeishuRates = {
  /** Messages to one chat, answers among them. */
  readonly chat: Rate;
  /** Changes of one message. */
  readonly message: Rate;
  /** Changes of one card. */
  readonly card: Rate;
  /** Calls of one kind, over the whole app. */
  readonly route: readonly Rate[];
};

export const feishuRates: FeishuRates = {
  chat: { max: 5, windowMs: 1000 },
  message: { max: 5, windowMs: 1000 },
  card: { max: 10, windowMs: 1000 },
  route: [
    { max: 50, windowMs: 1000 },
    { max: 1000, windowMs: 60_000 },
  ],
};

/** A rate that holds for all calls with the same key. */
export type Limit = Rate & { readonly key: string };

/** `answer` waits for its turn, `spare` is made only with what answers leave over, and never waits. */
export type Urgency = 'answer' | 'spare';

/** ms from any beginning, and a way to be called later. */
export interface Clock {
  now(): number;
  /** Returns what calls it off. */
  after(ms: number, callback: () => void): () => void;
}

const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Of each limit so much is kept for answers. */
const SPARE_SHARE = 0.8;

/** Feishu's clock and ours need not tick alike. */
const WINDOW_MARGIN = 1.02;

/** Where Feishu does not say for how long. */
const DEFAULT_PAUSE_MS = 1000;

/** What it meant by more was not a wait. */
const MAX_PAUSE_MS = 3_600_000;

const SWEEP_EVERY = 256;

type Waiter = { readonly limits: readonly Limit[]; readonly go: () => void; readonly refuse: () => void };

/**
 * Keeps calls below Feishu's limits, and quiet for as long as Feishu asks. Answers are let through in the order in which
 * they came, except that one whose chat is full holds up only that chat.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  #waiters: Waiter[] = [];
  #callOff: (() => void) | undefined;
  #isClosed = false;

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  /**
   * Makes the call when all limits, the narrowest first, let it through. Rejects as the call does; with FeishuError
   * `rate_limited` where a `spare` one has no room, and `aborted` for what would have to wait after `close`.
   */
  async run<T>(limits: readonly Limit[], urgency: Urgency, call: () => Promise<T>): Promise<T> {
    if (urgency === 'spare') this.#enterSpare(limits);
    else await this.#enter(limits);
    try {
      return await call();
    } catch (error) {
      if (error instanceof FeishuError && error.code === 'rate_limited') this.#pause(limits, error);
      throw error;
    } finally {
      const now = this.#clock.now();
      for (const limit of limits) this.#bucket(limit).leave(now);
      this.#admit();
    }
  }

  /** Nothing waits any longer. Closing twice is fine. */
  close(): void {
    this.#isClosed = true;
    this.#callOff?.();
    this.#callOff = undefined;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { refuse } of waiters) refuse();
  }

  #enterSpare(limits: readonly Limit[]): void {
    const now = this.#clock.now();
    const wanted = new Set(this.#waiters.flatMap((waiter) => waiter.limits.map(({ key }) => key)));
    const freeAt = Math.max(...limits.map((limit) => this.#bucket(limit).freeAt(now, SPARE_SHARE)));
    if (freeAt > now || limits.some(({ key }) => wanted.has(key))) {
      const waitMs = freeAt - now;
      const facts = waitMs > 0 && Number.isFinite(waitMs) ? { retryAfterMs: Math.ceil(waitMs) } : {};
      throw new FeishuError('rate_limited', 'There is room for answers only.', facts);
    }
    for (const limit of limits) this.#bucket(limit).enter();
  }

  #enter(limits: readonly Limit[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(new FeishuError('aborted', 'The channel stops.'));
      this.#waiters.push({ limits, go: resolve, refuse });
      this.#admit();
      if (this.#isClosed) this.close();
    });
  }

  #pause(limits: readonly Limit[], { apiCode, retryAfterMs }: FeishuError): void {
    // 230020 is about the chat, the message or the card; everything else about the app's calls of this kind.
    const limit = apiCode === 230020 ? limits[0] : limits.at(-1);
    const pauseMs = Math.min(retryAfterMs ?? DEFAULT_PAUSE_MS, MAX_PAUSE_MS);
    if (limit !== undefined) this.#bucket(limit).pauseUntil(this.#clock.now() + pauseMs);
  }

  /** Lets through who has room, and comes back when the next one has. */
  #admit(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const now = this.#clock.now();
    const admitted: Waiter[] = [];
    const blocked = new Set<string>();
    let nextAt = Number.POSITIVE_INFINITY;
    this.#waiters = this.#waiters.filter((waiter) => {
      const narrowest = waiter.limits[0]?.key ?? '';
      if (blocked.has(narrowest)) return true;
      const freeAt = Math.max(now, ...waiter.limits.map((limit) => this.#bucket(limit).freeAt(now)));
      if (freeAt > now) {
        blocked.add(narrowest);
        nextAt = Math.min(nextAt, freeAt);
        return true;
      }
      for (const limit of waiter.limits) this.#bucket(limit).enter();
      admitted.push(waiter);
      return false;
    });
    if (Number.isFinite(nextAt)) this.#callOff = this.#clock.after(Math.max(1, nextAt - now), () => this.#admit());
    for (const { go } of admitted) go();
  }

  #bucket(limit: Limit): Bucket {
    let bucket = this.#buckets.get(limit.key);
    if (bucket === undefined) {
      if (this.#buckets.size % SWEEP_EVERY === SWEEP_EVERY - 1) this.#sweep();
      bucket = new Bucket(limit);
      this.#buckets.set(limit.key, bucket);
    }
    return bucket;
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, bucket] of this.#buckets) if (bucket.isIdle(now)) this.#buckets.delete(key);
  }
}

/** The calls of the last window, each counted until its window is over: that begins when Feishu has answered. */
class Bucket {
  readonly #limit: Limit;
  /** When the window of each call that was answered is over, in order. */
  #overAt: number[] = [];
  #inFlight = 0;
  #pausedUntil = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** When a call may be made, with only this share of the limit in use; Infinity: not before one that is on its way is answered. */
  freeAt(now: number, share = 1): number {
    this.#forget(now);
    const max = Math.max(1, Math.floor(this.#limit.max * share));
    const tooMany = this.#inFlight + this.#overAt.length - max;
    const roomAt = tooMany < 0 ? now : (this.#overAt[tooMany] ?? Number.POSITIVE_INFINITY);
    return Math.max(roomAt, this.#pausedUntil);
  }

  enter(): void {
    this.#inFlight += 1;
  }

  leave(now: number): void {
    this.#inFlight -= 1;
    this.#overAt.push(now + this.#limit.windowMs * WINDOW_MARGIN);
  }

  pauseUntil(at: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, at);
  }

  isIdle(now: number): boolean {
    return this.#inFlight === 0 && this.freeAt(now) <= now && this.#overAt.length === 0;
  }

  #forget(now: number): void {
    const kept = this.#overAt.findIndex((at) => at > now);
    if (kept !== 0) this.#overAt = kept === -1 ? [] : this.#overAt.slice(kept);
  }
}
