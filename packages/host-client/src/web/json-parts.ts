const [quote, backslash, lineFeed, carriageReturn] = [0x22, 0x5c, 0x0a, 0x0d];
/** What begins an object or a list, and what stands between their members. */
const signs: ReadonlySet<number> = new Set([...'{[,'].map((sign) => sign.charCodeAt(0)));

/** Counts the values that a text of JSON holds, as its bytes come: a small text can hold a great many. */
export class JsonParts {
  #count = 0;
  #isInString = false;
  #isEscaped = false;

  get count(): number {
    return this.#count;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // No string of JSON goes over a line's end. What stands around it in a stream of events may hold a quote.
      if (byte === lineFeed || byte === carriageReturn) this.#isInString = this.#isEscaped = false;
      else if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === quote) this.#isInString = !this.#isInString;
      else if (this.#isInString) this.#isEscaped = byte === backslash;
      else if (signs.has(byte)) this.#count += 1;
    }
  }
}
