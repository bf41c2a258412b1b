import { toPlainText } from '@phonework/shared/terminal-text';
import { isContinuation, withoutCutBeginning } from '../texts/utf8.ts';

/** What a stream said, in bounded memory: its beginning and its end. */
export class BoundedOutput {
  readonly #head: Buffer;
  /** A ring: the last bytes beyond the head, the next one goes to `#tailWritten % length`. */
  readonly #tail: Buffer;
  #headLength = 0;
  #tailWritten = 0;

  constructor(maxBytes: number) {
    this.#head = Buffer.alloc(Math.ceil(maxBytes / 2));
    this.#tail = Buffer.alloc(Math.max(1, Math.floor(maxBytes / 2)));
  }

  /** How many bytes are not kept. */
  get omittedBytes(): number {
    return Math.max(0, this.#tailWritten - this.#tail.length);
  }

  write(chunk: Buffer): void {
    const toHead = chunk.copy(this.#head, this.#headLength);
    this.#headLength += toHead;
    const rest = chunk.subarray(toHead);
    const kept = rest.subarray(Math.max(0, rest.length - this.#tail.length));
    const start = (this.#tailWritten + rest.length - kept.length) % this.#tail.length;
    const copied = kept.copy(this.#tail, start);
    kept.copy(this.#tail, 0, copied);
    this.#tailWritten += rest.length;
  }

  /** For people and models: whole characters, no control characters, with a line that says what is left out. */
  text(): string {
    const head = this.#head.subarray(0, this.#headLength);
    if (this.omittedBytes === 0) return readable(Buffer.concat([head, this.#tail.subarray(0, this.#tailWritten)]));
    const split = this.#tailWritten % this.#tail.length;
    const tail = Buffer.concat([this.#tail.subarray(split), this.#tail.subarray(0, split)]);
    const note = `[… ${this.omittedBytes} bytes left out …]`;
    return `${readable(withoutCutEnd(head))}\n${note}\n${readable(withoutCutBeginning(tail))}`;
  }
}

/** For rooms that don't make their own. */
export function boundedOutput(maxBytes: number): BoundedOutput {
  return new BoundedOutput(maxBytes);
}

function withoutCutEnd(bytes: Buffer): Buffer {
  let last = bytes.length - 1;
  while (last > bytes.length - 4 && isContinuation(bytes[last])) last -= 1;
  const lead = bytes[last] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return last >= 0 && last + length > bytes.length ? bytes.subarray(0, last) : bytes;
}

function readable(bytes: Buffer): string {
  // A carriage return alone begins the line anew: a progress bar's states become lines.
  return toPlainText(new TextDecoder().decode(bytes).replace(/\r\n?/g, '\n'));
}
