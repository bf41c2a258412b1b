/**
 * Messages whose turns the end of an earlier process cut off: each of them may have caused it. One at a time goes on, so
 * that another crash counts against that one, and not against those that happened to run beside it.
 */
export class Suspects {
  #last: Promise<void> = Promise.resolve();

  /** Settles as `work` does, which begins when all earlier ones have ended. */
  async oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }
}
