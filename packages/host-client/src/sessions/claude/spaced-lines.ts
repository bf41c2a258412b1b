/** To read such a line takes some milliseconds, as did to put it together. */
const longChars = 500_000;

/** Hands on lines in their order, and a long one only when the event loop has been at everything else. */
export class SpacedLines {
  readonly #onLine: (line: string) => void;
  readonly #waiting: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(line: string): void {
    if (this.#waiting.length === 0 && line.length < longChars) this.#onLine(line);
    else if (this.#waiting.push(line) === 1) this.#handOnLater();
  }

  /** Hands on what waits. */
  flush(): void {
    for (const line of this.#waiting.splice(0)) this.#onLine(line);
  }

  #handOnLater(): void {
    // The first comes before the timers of this round, the second after them.
    setImmediate(() => setImmediate(() => this.#handOn()));
  }

  #handOn(): void {
    do {
      const line = this.#waiting.shift();
      if (line === undefined) return;
      this.#onLine(line);
    } while ((this.#waiting[0]?.length ?? longChars) < longChars);
    if (this.#waiting.length > 0) this.#handOnLater();
  }
}
