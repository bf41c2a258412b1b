import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@phonework/shared/log';

export type OutputFileOptions = {
  readonly path: string;
  /** Of the file; at least a few hundred. */
  readonly maxBytes: number;
  readonly logger: Logger;
};

/** Kept in memory before there is a file: most commands never say more. */
const BATCH_BYTES = 64 * 1024;
/** A command may say it byte by byte, and each of these costs far more than its length. */
const BATCH_CHUNKS = 256;

/** What may wait to be written before the command has to wait too. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Room for the line that stands for the middle. */
const GAP_BYTES = 64;

/** While it is not whole. */
export const PART = '.part';

/**
 * The output of a command on its way into a file, as bytes: all of it, or its beginning and its end with a line between
 * them that says how much is missing. It is put at `path` by `keep` alone.
 */
export class OutputFile {
  readonly #options: OutputFileOptions;
  /** Where the file first holds the beginning, then goes round and round in the rest: nothing is copied on the way. */
  readonly #headBytes: number;
  readonly #ringBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** How much went to the file, with what was written over since. */
  #written = 0;
  #file: FileHandle | undefined;
  #work: Promise<void> | undefined;
  /** For writers who have to wait: until what waits now is written. */
  #room: PromiseWithResolvers<void> | undefined;
  #state: 'open' | 'broken' | 'ended' = 'open';

  constructor(options: OutputFileOptions) {
    this.#options = options;
    this.#headBytes = Math.floor(options.maxBytes / 2);
    this.#ringBytes = options.maxBytes - this.#headBytes - GAP_BYTES;
  }

  /** Undefined when more may come at once, else resolves when it may. Never rejects: a command goes on without its file. */
  write(chunk: Buffer): Promise<void> | undefined {
    // Only what can neither be ended nor made to wait says so much, and of a command that is over.
    if (this.#state !== 'open' || this.#waitingBytes > 4 * MAX_WAITING_BYTES) return undefined;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes < BATCH_BYTES && this.#waiting.length < BATCH_CHUNKS) return undefined;
    this.#work ??= this.#drain();
    if (this.#waitingBytes < MAX_WAITING_BYTES) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /**
   * Puts the file in its place. Resolves to how many bytes of the output are missing in it, or to undefined when it
   * could not be written. To be called once, when nothing more comes.
   */
  async keep(): Promise<number | undefined> {
    // What waits may have come while the last batch was being written.
    await this.#work;
    if (this.#state === 'open') await this.#drain();
    if (this.#state !== 'open') return undefined;
    this.#state = 'ended';
    try {
      await this.#closeFile();
      return await this.#putInPlace();
    } catch (error) {
      this.#report(error);
      await this.#remove('');
      return undefined;
    } finally {
      await this.#remove(PART);
    }
  }

  /** It is not worth a file. Does nothing after `keep`; discarding twice is fine. */
  async discard(): Promise<void> {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#waiting = [];
    await this.#work;
    if (this.#file === undefined) return;
    await this.#closeFile().catch((error: unknown) => this.#report(error));
    await this.#remove(PART);
  }

  /** Begun at most once at a time, and ends when nothing waits. Never rejects. */
  async #drain(): Promise<void> {
    try {
      this.#file ??= await this.#create();
      while (this.#waiting.length > 0) await this.#writeBatch(this.#file);
    } catch (error) {
      this.#report(error);
      this.#state = 'broken';
      this.#waiting = [];
      this.#room?.resolve();
    } finally {
      this.#work = undefined;
    }
  }

  async #create(): Promise<FileHandle> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Exclusive: nothing that lies there already, such as a link to elsewhere, is written to.
    return await open(`${path}${PART}`, 'wx', 0o600);
  }

  async #writeBatch(file: FileHandle): Promise<void> {
    let rest = Buffer.concat(this.#waiting);
    const room = this.#room;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#room = undefined;
    try {
      while (rest.length > 0) {
        const { position, length } = this.#nextPlace();
        const { bytesWritten } = await file.write(rest, 0, Math.min(rest.length, length), position);
        this.#written += bytesWritten;
        rest = rest.subarray(bytesWritten);
      }
    } finally {
      room?.resolve();
    }
  }

  #nextPlace(): { readonly position: number; readonly length: number } {
    if (this.#written < this.#headBytes) return { position: this.#written, length: this.#headBytes - this.#written };
    const inRing = (this.#written - this.#headBytes) % this.#ringBytes;
    return { position: this.#headBytes + inRing, length: this.#ringBytes - inRing };
  }

  async #putInPlace(): Promise<number> {
    const { path } = this.#options;
    const missing = Math.max(0, this.#written - this.#headBytes - this.#ringBytes);
    if (missing === 0) await rename(`${path}${PART}`, path);
    else await writeFile(path, this.#inOrder(missing), { flag: 'wx', mode: 0o600 });
    return missing;
  }

  async *#inOrder(missing: number): AsyncGenerator<Buffer> {
    const part = `${this.#options.path}${PART}`;
    const { position: oldest } = this.#nextPlace();
    yield* createReadStream(part, { end: this.#headBytes - 1 });
    yield Buffer.from(`\n[… ${missing} bytes left out …]\n`);
    yield* createReadStream(part, { start: oldest });
    if (oldest > this.#headBytes) yield* createReadStream(part, { start: this.#headBytes, end: oldest - 1 });
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** What is left over goes with the next sweep. */
  async #remove(ending: string): Promise<void> {
    await rm(`${this.#options.path}${ending}`, { force: true }).catch((error: unknown) => this.#report(error));
  }

  #report(error: unknown): void {
    this.#options.logger.warn({ err: error, path: this.#options.path }, 'the output of a command could not be kept');
  }
}
