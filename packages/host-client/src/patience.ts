/** Does things a while later: for what is only worth saying when nothing else came of it meanwhile. */
export class Patience {
  readonly #ms: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** `work` must not throw. */
  later(work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, this.#ms);
    this.#timers.add(timer);
  }

  /** Nothing is done after this. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
