import { lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { filesTexts } from './files-texts.ts';
import { isInside } from './inside.ts';

export type WorkDirErrorCode = 'unsupported' | 'outside' | 'missing' | 'not_a_folder';

/** A path that is no folder below the working folder; `said` is a sentence for the user. */
export class WorkDirError extends Error {
  override readonly name = 'WorkDirError';
  readonly code: WorkDirErrorCode;
  readonly said: Said;
  constructor(code: WorkDirErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}

/** The folder that holds the user's projects: where commands run. */
export class WorkDir {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /**
   * The real path of a folder at or below the root, after symbolic links; `path` is relative to the root, or absolute.
   * Rejects with WorkDirError. It says nothing about what exists outside.
   */
  async resolve(path = '.'): Promise<string> {
    if (path.includes('\0')) throw new WorkDirError('unsupported', filesTexts.nul);
    if (/^~/.test(path)) throw new WorkDirError('unsupported', filesTexts.startsWithTilde(path));
    const root = await this.#realRoot();
    const wanted = resolve(this.root, path);
    if (!isInside(this.root, wanted) && !isInside(root, wanted)) throw this.#outside(path);
    const real = await realpath(wanted).catch((cause) => {
      throw new WorkDirError('missing', filesTexts.noFolder(path), { cause });
    });
    if (!isInside(root, real)) throw this.#outside(path);
    if (!(await stat(real)).isDirectory()) throw new WorkDirError('not_a_folder', filesTexts.noSuchFolder(path));
    return real;
  }

  /** The same, and the folder is made, with those above it, where there is none. */
  async ensure(path: string): Promise<string> {
    const missing: string[] = [];
    let existing = resolve(this.root, path);
    // Links are followed before anything is made, so that nothing is made behind one that leads outside.
    while (existing !== dirname(existing) && (await lstat(existing).catch(() => undefined)) === undefined) {
      missing.push(existing);
      existing = dirname(existing);
    }
    const isPlain = !path.includes('\0') && !/^~/.test(path);
    const isInRoot = isInside(this.root, existing) || isInside(await this.#realRoot(), existing);
    if (!isPlain || !isInRoot || missing.length === 0) return await this.resolve(path);
    const real = await this.resolve(existing);
    const made = resolve(real, relative(existing, resolve(this.root, path)));
    await mkdir(made, { recursive: true }).catch((cause) => {
      throw new WorkDirError('not_a_folder', filesTexts.notMade(path), { cause });
    });
    return await this.resolve(made);
  }

  async #realRoot(): Promise<string> {
    return await realpath(this.root).catch((cause) => {
      throw new WorkDirError('missing', filesTexts.noWorkingDir(this.root), { cause });
    });
  }

  #outside(path: string): WorkDirError {
    return new WorkDirError('outside', filesTexts.folderOutside(path, this.root));
  }
}
