import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@phonework/shared/log';
import { BoundedOutput } from './output.ts';

/** Of each command: its beginning and its end. */
const MAX_BYTES = 8 * 1024;

/** How much a process that is killed may know more than the file. */
const SAVE_MS = 100;

const PART = '.part';

/** What a command says, from its start on. */
interface RunningLastOutput {
  write(chunk: Buffer): void;
  /** Resolves when the file holds what there was; never rejects. To be called once, when nothing more comes. */
  end(): Promise<void>;
}

/**
 * The folder of what the commands of open turns have said so far, a file a turn: so that it can be read after the process
 * was killed. Only we can look into it.
 */
export class LastOutputs {
  readonly #folder: string;
  readonly #logger: Logger;
  /** Names of files that are, or may be, there. */
  readonly #files = new Set<string>();

  constructor(options: { readonly folder: string; readonly logger: Logger }) {
    this.#folder = options.folder;
    this.#logger = options.logger;
  }

  /** A command of the turn begins. At most one of a turn runs at a time. */
  begin(turnId: string): RunningLastOutput {
    return new LastOutput((text) => this.#save(toName(turnId), text));
  }

  /** What the turn's last command said; empty where it said nothing, or that can not be read. Never rejects. */
  async read(turnId: string): Promise<string> {
    const name = toName(turnId);
    try {
      const text = await readFile(join(this.#folder, name), 'utf8');
      this.#files.add(name);
      return text;
    } catch (error) {
      if (!isMissing(error)) this.#report(error);
      return '';
    }
  }

  /** It is needed no longer. Never rejects. */
  async forget(turnId: string): Promise<void> {
    const name = toName(turnId);
    if (this.#files.delete(name)) await this.#remove([name, `${name}${PART}`]);
  }

  /** Removes what an earlier process has left behind, but for the files of these turns. Never rejects. */
  async sweep(openTurns: readonly string[]): Promise<void> {
    const kept = new Set(openTurns.map(toName));
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (!isMissing(error)) this.#report(error);
      return [];
    });
    const isLeft = (name: string) => {
      const [whole = ''] = /^[0-9a-f]{32}\.txt(?=(?:\.part)?$)/.exec(name) ?? [];
      return whole !== '' && !kept.has(whole) && !this.#files.has(whole);
    };
    await this.#remove(names.filter(isLeft));
  }

  /** Put in place at once: whoever reads it finds the one before it, or all of it. */
  async #save(name: string, text: string): Promise<void> {
    const path = join(this.#folder, name);
    this.#files.add(name);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(`${path}${PART}`, text, { mode: 0o600 });
      await rename(`${path}${PART}`, path);
    } catch (error) {
      this.#report(error);
    }
  }

  async #remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await rm(join(this.#folder, name), { force: true }).catch((error: unknown) => this.#report(error));
    }
  }

  #report(error: unknown): void {
    this.#logger.warn({ err: error, folder: this.#folder }, 'the last output of a command could not be kept');
  }
}

class LastOutput implements RunningLastOutput {
  readonly #save: (text: string) => Promise<void>;
  readonly #output = new BoundedOutput(MAX_BYTES);
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #isChanged = false;

  constructor(save: (text: string) => Promise<void>) {
    this.#save = save;
  }

  write(chunk: Buffer): void {
    this.#output.write(chunk);
    this.#isChanged = true;
    if (this.#saving === undefined) this.#timer ??= setTimeout(() => this.#saveSoon(), SAVE_MS);
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving;
    // Planned anew by what came while it was being saved.
    clearTimeout(this.#timer);
    if (this.#isChanged) await this.#saveNow();
  }

  #saveSoon(): void {
    this.#timer = undefined;
    this.#saving = this.#saveNow().finally(() => {
      this.#saving = undefined;
      if (this.#isChanged) this.#timer = setTimeout(() => this.#saveSoon(), SAVE_MS);
    });
  }

  async #saveNow(): Promise<void> {
    this.#isChanged = false;
    await this.#save(this.#output.text());
  }
}

/** An id of the router's may hold anything. */
function toName(turnId: string): string {
  return `${createHash('sha256').update(turnId).digest('hex').slice(0, 32)}.txt`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
