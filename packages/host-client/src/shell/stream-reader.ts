import type { Readable } from 'node:stream';
import { BoundedOutput } from './output.ts';

/** Reads one output stream of a command: keeps its beginning and its end, and hands all of it on. */
export class StreamReader {
  readonly #stream: Readable | null;
  readonly #output: BoundedOutput;
  #isHurried = false;

  /** While a promise that `onOutput` gave is pending, the stream is not read on: the command waits when its pipe is full. */
  constructor(
    stream: Readable | null,
    maxBytes: number,
    onOutput: ((chunk: Buffer) => Promise<void> | undefined) | undefined,
  ) {
    this.#stream = stream;
    this.#output = new BoundedOutput(maxBytes);
    stream?.on('data', (chunk: Buffer) => {
      this.#output.write(chunk);
      const taken = onOutput?.(chunk);
      if (taken !== undefined && !this.#isHurried) this.#pauseUntil(taken);
    });
  }

  text(): string {
    return this.#output.text();
  }

  get omittedBytes(): number {
    return this.#output.omittedBytes;
  }

  /** The command is gone: what is left in its pipe is little, and is read without a stop. */
  hurry(): void {
    this.#isHurried = true;
    this.#stream?.resume();
  }

  close(): void {
    this.#stream?.destroy();
  }

  #pauseUntil(taken: Promise<void>): void {
    this.#stream?.pause();
    void taken.then(() => this.#stream?.resume());
  }
}
