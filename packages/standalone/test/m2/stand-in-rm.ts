import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * An `rm` that removes nothing, and writes down what it was told: with it a test may say "rm -rf /" to a program whose
 * guard is broken.
 */
export class StandInRm {
  readonly #folder: string;
  readonly #journal: string;

  /** Puts it into `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#journal = join(folder, 'journal');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'rm'), `#!/bin/sh\necho "$*" >> '${this.#journal}'\n`, { mode: 0o755 });
  }

  /** For the program, whose commands then find it first. */
  get environment(): { readonly PATH: string } {
    return { PATH: [this.#folder, process.env.PATH].join(delimiter) };
  }

  /** The arguments of each call. */
  get calls(): readonly string[] {
    return existsSync(this.#journal) ? readFileSync(this.#journal, 'utf8').trimEnd().split('\n') : [];
  }
}
