import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BoundedOutput } from '../shell/output.ts';

/** The folder of the tasks' logs, `<id>.log`: only we can look into it. */
export class TaskLogs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(id: string): string {
    return join(this.#folder, `${id}.log`);
  }

  /** Reads a log into `output`. One that is not there, or can't be read, is as good as empty. */
  async read(id: string, output: BoundedOutput): Promise<void> {
    try {
      for await (const chunk of createReadStream(this.path(id))) output.write(chunk);
    } catch {
      // A task that ended before its first word has none, and what cannot be read is not worth failing for.
    }
  }

  /** Removes the logs of tasks that are not known any more. */
  async sweep(isKnown: (id: string) => boolean): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      const [, id] = /^([0-9a-z]{6})\.log(?:\.new)?$/.exec(name) ?? [];
      if (id !== undefined && !isKnown(id)) await rm(join(this.#folder, name), { force: true });
    }
  }
}
