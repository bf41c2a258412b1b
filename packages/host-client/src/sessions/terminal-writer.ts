import { writeSync } from 'node:fs';

const chunkBytes = 4 * 1024;
/** Written in one step, however fast the other end reads. */
const stepBytes = 64 * 1024;
const minPauseMs = 1;
const maxPauseMs = 50;

type Pending = {
  bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

export type TerminalWriterOptions = {
  /** Does not block. */
  readonly fd: number;
  /** Whether `fd` is still ours. */
  readonly isOpen: () => boolean;
  /** What a write is rejected with that can't be made any more. */
  readonly toError: (cause?: unknown) => Error;
};

/**
 * Writes to a terminal, in order. Where its other end isn't read it waits, with growing pauses: a terminal always claims
 * to be writable, so that to wait for that, as streams do, would keep a processor busy.
 */
export class TerminalWriter {
  readonly #fd: number;
  readonly #isOpen: () => boolean;
  readonly #toError: (cause?: unknown) => Error;
  readonly #queue: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = minPauseMs;
  #isClosed = false;

  constructor({ fd, isOpen, toError }: TerminalWriterOptions) {
    this.#fd = fd;
    this.#isOpen = isOpen;
    this.#toError = toError;
  }

  /** Resolves when the last byte has been taken. */
  write(bytes: Buffer): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#toError());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ bytes, resolve, reject });
    if (this.#timer === undefined) this.#writeOn();
    return promise;
  }

  /** Rejects what waits. The descriptor is its owner's to close. */
  close(cause?: unknown): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { reject } of this.#queue.splice(0)) reject(this.#toError(cause));
  }

  #writeOn(): void {
    this.#timer = undefined;
    let written = 0;
    for (let next = this.#queue[0]; next !== undefined && written < stepBytes; next = this.#queue[0]) {
      const count = this.#tryWrite(next.bytes.subarray(0, chunkBytes));
      if (count === 0) break;
      written += count;
      next.bytes = next.bytes.subarray(count);
      if (next.bytes.length > 0) continue;
      this.#queue.shift();
      next.resolve();
    }
    this.#pauseMs = written > 0 ? minPauseMs : Math.min(this.#pauseMs * 2, maxPauseMs);
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#writeOn(), this.#pauseMs);
  }

  /** How many bytes were taken. Closes when no more ever will be. */
  #tryWrite(bytes: Buffer): number {
    try {
      // At once, and not in another thread: until that came to it, the descriptor could be another file's.
      if (this.#isOpen()) return writeSync(this.#fd, bytes);
      this.close();
    } catch (error) {
      if (!isFull(error)) this.close(error);
    }
    return 0;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
