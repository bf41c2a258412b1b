import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const HEAD_BYTES = 64;

/** There is more in the stream than may be saved. Nothing of it was kept. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`over ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

/** Nothing came, or nothing could be written, for too long. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

export type SavedFile = {
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** The first bytes, by which formats are told. */
  readonly head: Buffer;
};

export type SaveOptions = {
  readonly maxBytes: number;
  /** How long the stream may be silent. */
  readonly idleMs: number;
  readonly signal?: AbortSignal;
};

/**
 * Writes a stream to the new file `path`, mode 0600, and resolves when it is on the disk. When it can't be saved whole,
 * nothing is left there and the stream is destroyed: rejects with TooLargeError, StalledError, or what broke it.
 */
export async function saveStream(source: Readable, path: string, options: SaveOptions): Promise<SavedFile> {
  // Opened before anything else: a file that comes to be while the rest is given up would stay.
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    source.destroy();
    throw error;
  });
  const measure = new Measure(options);
  try {
    const target = file.createWriteStream({ flush: true });
    await pipeline(source, (chunks: AsyncIterable<Uint8Array>) => measure.pass(chunks), target, {
      signal: measure.signal,
    });
    return measure.result();
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw measure.cause(error);
  } finally {
    measure.close();
  }
}

/** Lets bytes through, counts and hashes them, and ends it when there are too many or none for too long. */
class Measure {
  readonly #maxBytes: number;
  readonly #idle = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #hash = createHash('sha256');
  readonly signal: AbortSignal;
  #head = Buffer.alloc(0);
  #size = 0;

  constructor({ maxBytes, idleMs, signal }: SaveOptions) {
    this.#maxBytes = maxBytes;
    this.signal = signal === undefined ? this.#idle.signal : AbortSignal.any([signal, this.#idle.signal]);
    this.#timer = setTimeout(() => this.#idle.abort(), idleMs);
  }

  async *pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#timer.refresh();
      this.#size += chunk.length;
      if (this.#size > this.#maxBytes) throw new TooLargeError(this.#maxBytes);
      this.#hash.update(chunk);
      if (this.#head.length < HEAD_BYTES) this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES)]);
      yield chunk;
    }
  }

  result(): SavedFile {
    return { size: this.#size, sha256: this.#hash.digest('hex'), head: this.#head.subarray(0, HEAD_BYTES) };
  }

  /** What is to be told instead of a bare abort. */
  cause(error: unknown): unknown {
    return this.#idle.signal.aborted ? new StalledError('nothing came for too long', { cause: error }) : error;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
