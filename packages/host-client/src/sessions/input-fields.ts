/** The fields of a tool's input, each taken once by the one who shows it. What nobody takes is in `rest`, so that all is shown. */
export class InputFields {
  readonly #left: Map<string, unknown>;

  constructor(input: Readonly<Record<string, unknown>>) {
    this.#left = new Map(Object.entries(input));
  }

  /** Undefined, and left for `rest`, when it is no text. */
  text(name: string): string | undefined {
    const value = this.#left.get(name);
    if (typeof value !== 'string') return undefined;
    this.#left.delete(name);
    return value;
  }

  number(name: string): number | undefined {
    const value = this.#left.get(name);
    if (typeof value !== 'number') return undefined;
    this.#left.delete(name);
    return value;
  }

  /** False when it is absent too. */
  flag(name: string): boolean {
    const value = this.#left.get(name);
    if (typeof value !== 'boolean') return false;
    this.#left.delete(name);
    return value;
  }

  /** Undefined, and left for `rest`, unless each item is an object. */
  list(name: string): readonly InputFields[] | undefined {
    const value = this.#left.get(name);
    if (!Array.isArray(value) || !value.every(isRecord)) return undefined;
    this.#left.delete(name);
    return value.map((item) => new InputFields(item));
  }

  get rest(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#left);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
