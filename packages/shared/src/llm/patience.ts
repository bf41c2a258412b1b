/** Ends one attempt that has become silent, or that its caller no longer wants. To be closed. */
export class Patience {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #deadline: number;
  #timer: NodeJS.Timeout | undefined;
  #ranOut = false;

  /** `deadline` is on the clock of `performance.now()`. */
  constructor(deadline: number, caller: AbortSignal | undefined) {
    this.#deadline = deadline;
    this.#caller = caller;
    caller?.addEventListener('abort', this.#abort);
    if (caller?.aborted === true) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ranOut(): boolean {
    return this.#ranOut;
  }

  /** Waits this long from now on, and never beyond the deadline. */
  allow(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#controller.signal.aborted) return;
    this.#timer = setTimeout(
      () => {
        this.#ranOut = true;
        this.#abort();
      },
      Math.max(0, Math.min(ms, this.#deadline - performance.now())),
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort();
}
