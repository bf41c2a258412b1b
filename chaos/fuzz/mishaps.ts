/** Errors that nobody caught, and the warnings of the runtime: a timer that overflows, listeners that pile up. */
export class Mishaps implements Disposable {
  readonly #found: unknown[] = [];
  readonly #note = (what: unknown): void => void this.#found.push(what);

  constructor() {
    process.on('uncaughtException', this.#note);
    process.on('unhandledRejection', this.#note);
    process.on('warning', this.#note);
  }

  /** Throws the first one since the last call. */
  check(): void {
    const [first] = this.#found.splice(0);
    if (first !== undefined) throw new Error(`nobody caught: ${String(first)}`, { cause: first });
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#note);
    process.off('unhandledRejection', this.#note);
    process.off('warning', this.#note);
  }
}
