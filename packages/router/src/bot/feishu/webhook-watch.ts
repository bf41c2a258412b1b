/** Durations in ms. */
type WatchTimings = {
  readonly watchMs: number;
  /** A look that comes so much too late means that the machine slept. */
  readonly clockJumpMs: number;
};

/** In the place of a connection where Feishu comes to us: until when the process was there to be found. */
export class WebhookWatch {
  readonly #timings: WatchTimings;
  readonly #onReady: () => void;
  readonly state = 'connected';
  #heardUntil: number | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly timings: WatchTimings;
    /** At the start, and after each sleep of the machine. */
    readonly onReady: () => void;
  }) {
    this.#timings = options.timings;
    this.#onReady = options.onReady;
  }

  /** ms since the epoch. */
  get heardUntil(): number | undefined {
    return this.#heardUntil;
  }

  start(): void {
    if (this.#watch !== undefined) return;
    this.#watch = setInterval(() => this.#look(), this.#timings.watchMs);
    this.#onReady();
    this.#heardUntil = Date.now();
  }

  /** Closing twice is fine. */
  close(): void {
    clearInterval(this.#watch);
  }

  #look(): void {
    const now = Date.now();
    const { watchMs, clockJumpMs } = this.#timings;
    // Told before the time moves on: the gap begins where it was.
    if (now - (this.#heardUntil ?? now) > watchMs + clockJumpMs) this.#onReady();
    this.#heardUntil = now;
  }
}
