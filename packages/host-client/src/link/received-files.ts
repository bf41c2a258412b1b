import { mkdir, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@phonework/shared/log';
import type { Attachment, ForwardRequest } from '@phonework/shared/protocol';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import { saveStream } from '@phonework/shared/save-stream';
import { safeName } from '../files/safe-name.ts';
import type { BackoffTimings } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import type { FileDoor } from './file-door.ts';
import { FileDoorError } from './file-door.ts';

/** A file that came with a message: where it is, or that it could not be got. */
export type ReceivedFile = Attachment & { readonly path?: string };

const DAY_MS = 24 * 3600 * 1000;
const KEEP_MS = 30 * DAY_MS;
const SWEEP_MS = 3_600_000;

export type ReceivedFilesOptions = {
  readonly folder: string;
  readonly door: FileDoor;
  readonly timings: BackoffTimings;
  readonly logger: Logger;
  /** How long the router may be away before a message goes on without its file; 5 min. */
  readonly patienceMs?: number;
  /** How long the router may be silent in the middle of a file; 30 s. */
  readonly idleMs?: number;
  /** How much is kept in all; 5 GiB. */
  readonly maxTotalBytes?: number;
};

/** Files that users sent, in a folder for each message; they stay for a month, or until newer ones need the room. */
export class ReceivedFiles {
  readonly #options: ReceivedFilesOptions;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReceivedFilesOptions) {
    this.#options = options;
  }

  /** Removes what is old, and of the rest the oldest where it is too much. Never rejects. */
  async sweep(): Promise<void> {
    const { folder, logger, maxTotalBytes = 5 * 1024 ** 3 } = this.#options;
    this.#sweptAt = performance.now();
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const kept: KeptFolder[] = [];
      for await (const { name } of await opendir(folder)) kept.push(await measure(join(folder, name)));
      let bytes = 0;
      for (const each of kept.sort((one, other) => other.modifiedAt - one.modifiedAt)) {
        bytes += each.bytes;
        const isOver = each.modifiedAt < Date.now() - KEEP_MS || bytes > maxTotalBytes;
        if (isOver) await rm(each.path, { recursive: true, force: true });
      }
    } catch (error) {
      logger.warn({ err: error }, 'old received files could not be removed');
    }
  }

  /** Gets what came with a message; what is there already stays. Rejects only once `signal` is aborted. */
  async fetch({ id, attachments = [] }: ForwardRequest, signal: AbortSignal): Promise<readonly ReceivedFile[]> {
    // A node may run for months.
    if (performance.now() - this.#sweptAt > SWEEP_MS) void this.sweep();
    const folder = join(this.#options.folder, safeName(id, new Set()));
    const taken = new Set<string>();
    const received: ReceivedFile[] = [];
    for (const attachment of attachments) {
      const name = safeName(attachment.name, taken);
      taken.add(name);
      const path = join(folder, name);
      const isHere = await this.#get(attachment, { folder, path, signal });
      received.push({ ...attachment, name, ...(isHere && { path }) });
    }
    return received;
  }

  /** Resolves to whether the file is at `path`. */
  async #get(attachment: Attachment, to: Place): Promise<boolean> {
    const { timings, logger, patienceMs = 5 * 60_000 } = this.#options;
    const deadline = performance.now() + patienceMs;
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#save(attachment, to);
        return true;
      } catch (error) {
        to.signal.throwIfAborted();
        const waitMs = backoffMs(failures, timings);
        const isFinal = error instanceof FileDoorError && error.code === 'refused';
        if (isFinal || performance.now() + waitMs > deadline) {
          logger.warn({ err: error, file: attachment.id }, 'a file that came with a message could not be got');
          return false;
        }
        logger.debug({ err: error, file: attachment.id, waitMs }, 'a file could not be got, trying again');
        await delay(waitMs, undefined, { signal: to.signal });
      }
    }
  }

  async #save({ id, size }: Attachment, { folder, path, signal }: Place): Promise<void> {
    const known = await stat(path).catch(() => undefined);
    if (known?.size === size) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A file of the message's own can't have this name: safe ones begin with no dot.
    const part = join(folder, `.${basename(path)}.part`);
    // Of an attempt that ended with its process.
    await rm(part, { force: true });
    const { idleMs = 30_000 } = this.#options;
    const bytes = await this.#options.door.get(id, signal);
    await saveStream(bytes, part, { maxBytes: MAX_FILE_BYTES, idleMs, signal });
    await rename(part, path);
  }
}

type KeptFolder = { readonly path: string; readonly modifiedAt: number; readonly bytes: number };

async function measure(path: string): Promise<KeptFolder> {
  const stats = await stat(path);
  let { size: bytes } = stats;
  const names = stats.isDirectory() ? await readdir(path) : [];
  for (const name of names) bytes += (await stat(join(path, name))).size;
  return { path, modifiedAt: stats.mtimeMs, bytes };
}

type Place = { readonly folder: string; readonly path: string; readonly signal: AbortSignal };
