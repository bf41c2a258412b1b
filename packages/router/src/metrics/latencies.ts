type Bucket = { readonly upToMs: number; totalMs: number; times: number };

/** How long something took, sorted into buckets, so that it needs the same few bytes however often it happens. */
export class Latencies {
  readonly #boundsMs: readonly number[];
  #buckets: readonly Bucket[];

  /** `boundsMs`: the upper ends of the buckets, ascending; one more is for everything above. */
  constructor(boundsMs: readonly number[]) {
    this.#boundsMs = boundsMs;
    this.#buckets = emptyBuckets(boundsMs);
  }

  get boundsMs(): readonly number[] {
    return this.#boundsMs;
  }

  /** `ms` is a difference of two clock readings, and so below 0 when the clock was set back meanwhile. */
  add(ms: number): void {
    // Whole numbers: the mean of a bucket must not be rounded across its upper end.
    const tookMs = Math.max(0, Math.round(ms));
    const bucket = this.#buckets.find(({ upToMs }) => tookMs <= upToMs);
    if (bucket === undefined) return;
    bucket.totalMs += tookMs;
    bucket.times += 1;
  }

  /** What was added since it was last taken: for each bucket that has something, how often, and the mean. */
  take(): readonly { readonly meanMs: number; readonly times: number }[] {
    const taken = this.#buckets.filter(({ times }) => times > 0);
    this.#buckets = emptyBuckets(this.#boundsMs);
    return taken.map(({ totalMs, times }) => ({ meanMs: totalMs / times, times }));
  }
}

function emptyBuckets(boundsMs: readonly number[]): readonly Bucket[] {
  return [...boundsMs, Number.POSITIVE_INFINITY].map((upToMs) => ({ upToMs, totalMs: 0, times: 0 }));
}
