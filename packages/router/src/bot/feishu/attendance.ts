import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';

/** Durations in ms. */
export type AttendanceTimings = {
  /** How often it is noted until when everything came in. */
  readonly noteMs: number;
  /** How much longer than the gap is looked for messages: clocks differ, and events take their time. */
  readonly overlapMs: number;
  /** From one look to the next at least. */
  readonly restMs: number;
};

type LookForMissed = (since: number, signal: AbortSignal) => Promise<void>;

/**
 * Knows until when everything that people sent has come in, over restarts too, and has what may be missing looked for.
 * The time moves on only when that was done, so that a crash on the way begins it again.
 */
export class Attendance {
  readonly #store: Store;
  readonly #timings: AttendanceTimings;
  readonly #heardUntil: () => number | undefined;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #attendedUntil: number | undefined;
  /** Until when has to be looked, while that is not done. */
  #gapEnd: number | undefined;
  #isLooking = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #noting: NodeJS.Timeout | undefined;
  #lookForMissed: LookForMissed | undefined;

  constructor(options: {
    readonly store: Store;
    readonly timings: AttendanceTimings;
    /** Until when the way in that is open, or was the last one open, has surely brought everything; ms since the epoch. */
    readonly heardUntil: () => number | undefined;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#timings = options.timings;
    this.#heardUntil = options.heardUntil;
    this.#logger = options.logger;
    const row = this.#store.prepare('SELECT attended_until FROM feishu_attendance').get();
    this.#attendedUntil = row === undefined ? undefined : Number(row.attended_until);
  }

  /** `lookForMissed` rejects only when the signal ends it. */
  start(lookForMissed: LookForMissed): void {
    this.#lookForMissed = lookForMissed;
    this.#noting = setInterval(() => this.#noteHeard(), this.#timings.noteMs);
  }

  /** Events come in again, or for the first time. */
  returned(): void {
    if (this.#stopping.signal.aborted) return;
    const now = Date.now();
    this.#noteHeard();
    // Before the very first time there was nothing to miss.
    if (this.#attendedUntil === undefined) {
      this.#note(now);
      return;
    }
    this.#gapEnd = now;
    if (!this.#isLooking) void this.#look();
  }

  /** Stopping twice is fine. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    clearInterval(this.#noting);
    this.#noteHeard();
    this.#stopping.abort();
  }

  /** Never rejects: what was not looked for is looked for with the next gap. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#untilAllIsLookedFor(this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#logger.error({ err: error }, 'missed messages could not be looked for');
    }
    this.#isLooking = false;
  }

  /** Again for as long as the way in breaks and comes back meanwhile. */
  async #untilAllIsLookedFor(signal: AbortSignal): Promise<void> {
    const { overlapMs, restMs } = this.#timings;
    let lookedUntil: number | undefined;
    while (this.#gapEnd !== lookedUntil) {
      const waitMs = this.#lookedAt + restMs - performance.now();
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
      this.#lookedAt = performance.now();
      lookedUntil = this.#gapEnd;
      await this.#lookForMissed?.((this.#attendedUntil ?? 0) - overlapMs, signal);
      if (lookedUntil !== undefined) this.#note(lookedUntil);
    }
    this.#gapEnd = undefined;
  }

  #noteHeard(): void {
    const heardUntil = this.#heardUntil();
    if (this.#gapEnd === undefined && heardUntil !== undefined && heardUntil > (this.#attendedUntil ?? 0)) {
      this.#note(heardUntil);
    }
  }

  #note(until: number): void {
    this.#attendedUntil = until;
    this.#store.writeLater(() => {
      this.#store.prepare('INSERT OR REPLACE INTO feishu_attendance (only, attended_until) VALUES (1, ?)').run(until);
    });
  }
}
