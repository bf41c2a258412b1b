/** Looks in each turn of the event loop how much `count` has grown since the one before. */
export class TurnWatch {
  readonly #count: () => number;
  #counted: number;
  #most = 0;
  #next: NodeJS.Immediate;

  constructor(count: () => number) {
    this.#count = count;
    this.#counted = count();
    this.#next = setImmediate(() => this.#look());
  }

  /** Most in one turn. */
  get most(): number {
    return this.#most;
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#next);
  }

  #look(): void {
    const counted = this.#count();
    this.#most = Math.max(this.#most, counted - this.#counted);
    this.#counted = counted;
    this.#next = setImmediate(() => this.#look());
  }
}
