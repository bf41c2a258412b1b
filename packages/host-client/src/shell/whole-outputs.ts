import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { newShortId } from '@phonework/shared/id';
import type { Logger } from '@phonework/shared/log';
import { OutputFile, PART } from './output-file.ts';

/** A file with all that a command said. */
export type KeptOutput = {
  readonly path: string;
  /** As the file tool knows it: `outputs/k3f9x2.txt`. */
  readonly name: string;
  /** Of its middle, where even the file would have become too large. */
  readonly missingBytes: number;
};

/** What a command says, from its start on. */
export interface RunningOutput {
  /** See OutputFile.write. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Makes a file of it. Resolves to undefined when that could not be done. To be called once, when nothing more comes. */
  keep(): Promise<KeptOutput | undefined>;
  /** To be called in the end in any case; after `keep` it does nothing. */
  discard(): Promise<void>;
}

const HOUR_MS = 3600 * 1000;

export type WholeOutputsOptions = {
  readonly folder: string;
  readonly logger: Logger;
  /** Of one file; 10 MB. */
  readonly maxBytes?: number;
  /** The newest 50. */
  readonly maxFiles?: number;
  /** 24 h. */
  readonly keepMs?: number;
};

/**
 * The folder of what commands said where a chat or a model was shown only a part: `<id>.txt`, for a day, and only so
 * many. Only we can look into it.
 */
export class WholeOutputs {
  readonly #options: WholeOutputsOptions;
  readonly #running = new Set<string>();
  #sweeping: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WholeOutputsOptions) {
    this.#options = options;
  }

  /** Removes what an earlier process left behind, and from now on what gets too old. */
  start(): void {
    this.#timer ??= setInterval(() => void this.sweep(), HOUR_MS);
    void this.sweep();
  }

  begin(): RunningOutput {
    const { folder, logger, maxBytes = 10 * 1024 * 1024 } = this.#options;
    const id = newShortId();
    const path = join(folder, `${id}.txt`);
    const file = new OutputFile({ path, maxBytes, logger });
    this.#running.add(id);
    return {
      write: (chunk) => file.write(chunk),
      keep: async () => {
        const missingBytes = await file.keep();
        this.#running.delete(id);
        void this.sweep();
        return missingBytes === undefined ? undefined : { path, name: `${basename(folder)}/${id}.txt`, missingBytes };
      },
      discard: async () => {
        await file.discard();
        this.#running.delete(id);
      },
    };
  }

  /** Removes what is too old or too much. Never rejects. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep());
    return this.#sweeping;
  }

  /** Closing twice is fine. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { folder, logger, maxFiles = 50, keepMs = 24 * HOUR_MS } = this.#options;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = (await readdir(folder)).filter((name) => this.#mayGo(name));
      const [parts, whole] = [
        names.filter((name) => name.endsWith(PART)),
        names.filter((name) => !name.endsWith(PART)),
      ];
      const files = await Promise.all(
        whole.map(async (name) => ({ name, writtenAt: (await stat(join(folder, name))).mtimeMs })),
      );
      files.sort((a, b) => b.writtenAt - a.writtenAt);
      const old = files.filter(({ writtenAt }, place) => place >= maxFiles || writtenAt < Date.now() - keepMs);
      for (const name of [...parts, ...old.map((file) => file.name)]) await rm(join(folder, name), { force: true });
    } catch (error) {
      logger.warn({ err: error, folder }, 'old outputs of commands could not be removed');
    }
  }

  /** It is one of ours, and nobody writes it. */
  #mayGo(name: string): boolean {
    const [, id] = /^([0-9a-z]{6})\.txt(?:\.part)?$/.exec(name) ?? [];
    return id !== undefined && !this.#running.has(id);
  }
}
