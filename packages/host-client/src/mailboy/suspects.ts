/** A turn that goes on for so long has most likely not ended the earlier process: it may be waiting for its user. */
const SUSPECTED_MS = 20_000;

/**
 * Messages whose turns the end of an earlier process cut off: each of them may have caused it. They go on one after the
 * other, so that another crash counts against one of them, and not against those that happened to run beside it.
 */
export class Suspects {
  readonly #suspectedMs: number;
  #last: Promise<void> = Promise.resolve();

  /** After `suspectedMs` the next one goes on beside one that has not ended. */
  constructor({ suspectedMs = SUSPECTED_MS }: { readonly suspectedMs?: number } = {}) {
    this.#suspectedMs = suspectedMs;
  }

  /** Settles as `work` does, which begins when all earlier ones have ended or are above suspicion. */
  async oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    const timer = setTimeout(resolve, this.#suspectedMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      resolve();
    }
  }
}
