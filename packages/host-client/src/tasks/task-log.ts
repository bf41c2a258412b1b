import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@phonework/shared/log';

export type TaskLogOptions = {
  readonly path: string;
  /** Of the file; at least a few thousand. */
  readonly maxBytes: number;
  readonly logger: Logger;
};

/** What may wait to be written before whoever writes has to wait too. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Between two writes, once the file has been full: a task that talks without end must not wear out the disk. */
const FULL_PAUSE_MS = 100;

/** Copied at a time, so that no step takes long. */
const COPY_BYTES = 256 * 1024;

/**
 * The output of a task, as bytes in a file that can be read at any time. It never gets larger than `maxBytes`: then its
 * middle is taken out, again and again, so that its beginning and what came last are there.
 */
export class TaskLog {
  readonly #options: TaskLogOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #file: FileHandle | undefined;
  #size = 0;
  /** The line that stands for the middle; empty while nothing is missing. */
  #gap = Buffer.alloc(0);
  #missingBytes = 0;
  #work: Promise<void> | undefined;
  /** For writers who have to wait: until what waits now is written. */
  #room: PromiseWithResolvers<void> | undefined;
  #state: 'new' | 'open' | 'broken' | 'closed' = 'new';

  constructor(options: TaskLogOptions) {
    this.#options = options;
  }

  /** Undefined when more may come at once, else resolves when it may. Never rejects: a task goes on without its log. */
  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#state === 'broken' || this.#state === 'closed') return undefined;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#work ??= this.#drain();
    if (this.#waitingBytes < MAX_WAITING_BYTES) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Resolves when everything is in the file. Closing twice is fine. */
  async close(): Promise<void> {
    // One that was never written to is made now: whoever looks for it finds that nothing was said.
    if (this.#state === 'new') this.#work ??= this.#drain();
    await this.#work;
    if (this.#state !== 'broken') this.#state = 'closed';
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch((error: unknown) => this.#giveUp(error));
  }

  /** Begun at most once at a time, and ends when nothing waits. Never rejects. */
  async #drain(): Promise<void> {
    try {
      if (this.#state === 'new') await this.#create();
      while (this.#waiting.length > 0) await this.#writeBatch();
    } catch (error) {
      this.#giveUp(error);
    } finally {
      this.#work = undefined;
    }
  }

  async #writeBatch(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    const room = this.#room;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#room = undefined;
    try {
      // In pieces that leave the beginning and the end alone.
      const pieceBytes = Math.floor(this.#options.maxBytes / 4);
      for (let start = 0; start < bytes.length; start += pieceBytes) {
        await this.#append(bytes.subarray(start, start + pieceBytes));
      }
      if (this.#missingBytes > 0) await delay(FULL_PAUSE_MS);
    } finally {
      room?.resolve();
    }
  }

  #giveUp(error: unknown): void {
    this.#options.logger.warn({ err: error, path: this.#options.path }, 'the output of a task can no longer be kept');
    this.#state = 'broken';
    this.#waiting = [];
    this.#room?.resolve();
  }

  async #create(): Promise<void> {
    await mkdir(dirname(this.#options.path), { recursive: true, mode: 0o700 });
    // Exclusive: nothing that lies there already, such as a link to elsewhere, is written to.
    this.#file = await open(this.#options.path, 'ax', 0o600);
    this.#state = 'open';
  }

  async #append(bytes: Buffer): Promise<void> {
    if (this.#size + bytes.length > this.#options.maxBytes) await this.#takeOutMiddle();
    await this.#file?.appendFile(bytes);
    this.#size += bytes.length;
  }

  /** Makes a new file of the beginning and the end, and puts it in the place of the old one. */
  async #takeOutMiddle(): Promise<void> {
    const { path, maxBytes } = this.#options;
    const headBytes = Math.floor(maxBytes / 4);
    const tailBytes = headBytes;
    const tailStart = this.#size - tailBytes;
    this.#missingBytes += tailStart - headBytes - this.#gap.length;
    const gap = Buffer.from(`\n[… ${this.#missingBytes} bytes left out …]\n`);
    const fresh = `${path}.new`;
    await this.#file?.close();
    await rm(fresh, { force: true });
    const from = await open(path, 'r');
    const to = await open(fresh, 'ax', 0o600);
    try {
      await copy(from, to, { start: 0, end: headBytes });
      await to.appendFile(gap);
      await copy(from, to, { start: tailStart, end: this.#size });
    } finally {
      await from.close();
      await to.close();
    }
    await rename(fresh, path);
    this.#file = await open(path, 'a', 0o600);
    this.#gap = gap;
    this.#size = headBytes + gap.length + tailBytes;
  }
}

async function copy(from: FileHandle, to: FileHandle, range: { start: number; end: number }): Promise<void> {
  const buffer = Buffer.alloc(COPY_BYTES);
  let position = range.start;
  while (position < range.end) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, range.end - position), position);
    if (bytesRead === 0) return;
    await to.appendFile(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}
