import { mkdir, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
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

export type ReceivedFilesOptions = {
  readonly folder: string;
  readonly door: FileDoor;
  readonly timings: BackoffTimings;
  readonly logger: Logger;
  /** How long the router may be away before a message goes on without its file; 5 min. */
  readonly patienceMs?: number;
  /** How long the router may be silent in the middle of a file; 30 s. */
  readonly idleMs?: number;
};

/** Files that users sent, in a folder for each message; they stay for a month. */
export class ReceivedFiles {
  readonly #options: ReceivedFilesOptions;

  constructor(options: ReceivedFilesOptions) {
    this.#options = options;
  }

  /** Removes what is old. Never rejects. */
  async sweep(): Promise<void> {
    const { folder, logger } = this.#options;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for await (const { name } of await opendir(folder)) {
        const path = join(folder, name);
        if ((await stat(path)).mtimeMs < Date.now() - KEEP_MS) await rm(path, { recursive: true, force: true });
      }
    } catch (error) {
      logger.warn({ err: error }, 'old received files could not be removed');
    }
  }

  /** Gets what came with a message; what is there already stays. Rejects only once `signal` is aborted. */
  async fetch({ id, attachments = [] }: ForwardRequest, signal: AbortSignal): Promise<readonly ReceivedFile[]> {
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
    const part = `${path}.part`;
    // Of an attempt that ended with its process.
    await rm(part, { force: true });
    const { idleMs = 30_000 } = this.#options;
    const bytes = await this.#options.door.get(id, signal);
    await saveStream(bytes, part, { maxBytes: MAX_FILE_BYTES, idleMs, signal });
    await rename(part, path);
  }
}

type Place = { readonly folder: string; readonly path: string; readonly signal: AbortSignal };
