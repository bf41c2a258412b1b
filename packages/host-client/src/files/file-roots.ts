import { realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { toAskedPath } from './asked-path.ts';
import { Bounds } from './bounds.ts';
import { FileError } from './file-error.ts';
import { filesTexts } from './files-texts.ts';
import { isInside } from './inside.ts';
import { openJudged } from './open-judged.ts';
import { OpenedFile, OpenedFolder } from './opened-file.ts';

export type FileRootsOptions = {
  readonly workingDir: string;
  readonly dataDir: string;
  /** What `~` stands for. */
  readonly home: string;
  /** See JudgedOpening. Default: on Linux. */
  readonly procFd?: boolean;
};

/**
 * What may be read from a chat: the working folder; of the data folder as `audit/…` the audit and as `outputs/…` whole
 * outputs of commands, and in its `files/` what users sent. The rest of the data folder is closed, also where it lies inside the working folder. All methods reject with FileError.
 */
export class FileRoots {
  readonly #options: FileRootsOptions;
  readonly #workingDir: string;
  readonly #dataDir: string;

  constructor(options: FileRootsOptions) {
    this.#options = options;
    this.#workingDir = resolve(options.workingDir);
    this.#dataDir = resolve(options.dataDir);
  }

  /** `path` as a user or a model writes it. What is opened is the caller's to close. */
  async open(path: string): Promise<OpenedFile | OpenedFolder> {
    const bounds = await this.bounds();
    const [own, inData] = this.#candidates(path, bounds);
    try {
      return await this.#open(own, path, bounds);
    } catch (error) {
      const isMissing = error instanceof FileError && error.code === 'missing';
      if (!isMissing || inData === undefined) throw error;
      return await this.#open(inData, path, bounds);
    }
  }

  async openFile(path: string): Promise<OpenedFile> {
    const opened = await this.open(path);
    if (opened.kind === 'file') return opened;
    await opened.close();
    throw new FileError('not_a_file', filesTexts.notAFile(path));
  }

  async openFolder(path: string): Promise<OpenedFolder> {
    const opened = await this.open(path);
    if (opened.kind === 'folder') return opened;
    await opened.close();
    throw new FileError('not_a_folder', filesTexts.notAFolder(path));
  }

  /** A path that a listing or a search came upon, taken to the letter; judged like any other. */
  async openFound(path: string): Promise<OpenedFile | OpenedFolder> {
    const bounds = await this.bounds();
    return await this.#open(path, bounds.nameOf(path), bounds);
  }

  /** Good for one look: folders may be moved. */
  async bounds(): Promise<Bounds> {
    const workingDir = await realpath(this.#workingDir).catch((cause) => {
      throw new FileError('missing', filesTexts.noWorkingDir(this.#workingDir), { cause });
    });
    // Not made yet, there is nothing in it to protect.
    const dataDir = await realpath(this.#dataDir).catch(() => this.#dataDir);
    return new Bounds({ workingDir, dataDir });
  }

  /** The place meant, and the one in the data folder that it means where there is nothing. */
  #candidates(asked: string, bounds: Bounds): readonly [string, string?] {
    const path = toAskedPath(asked, {
      folder: this.#workingDir,
      home: this.#options.home,
      platform: process.platform,
    });
    const root = [this.#workingDir, bounds.workingDir].find((folder) => isInside(folder, path));
    const own = ['audit', 'outputs', 'files'].map((name) => join(this.#dataDir, name));
    const inReach = [...own, bounds.audit, bounds.outputs, bounds.received].some((folder) => isInside(folder, path));
    // Refused by its name alone, so that nothing is told about what exists outside.
    if (root === undefined && !inReach) throw this.#outside(asked);
    const [first, ...rest] = relative(root ?? path, path).split(sep);
    if (first === 'audit') return [path, join(bounds.audit, ...rest)];
    return first === 'outputs' ? [path, join(bounds.outputs, ...rest)] : [path];
  }

  async #open(path: string, asked: string, bounds: Bounds): Promise<OpenedFile | OpenedFolder> {
    const { procFd = process.platform === 'linux' } = this.#options;
    const judge = (realPath: string) => {
      const verdict = bounds.judge(realPath);
      if (verdict === 'outside') throw this.#outside(asked);
      if (verdict === 'private') throw new FileError('private', filesTexts.private(asked));
    };
    const { handle, realPath, stats } = await openJudged({ path, asked, judge, procFd });
    const shownPath = bounds.nameOf(realPath);
    if (stats.isDirectory()) {
      const accessPath = procFd ? `/proc/self/fd/${handle.fd}` : realPath;
      return new OpenedFolder({ handle, realPath, shownPath, accessPath });
    }
    return new OpenedFile({ handle, realPath, shownPath, size: Number(stats.size), modifiedAt: Number(stats.mtimeMs) });
  }

  #outside(asked: string): FileError {
    return new FileError('outside', filesTexts.outside(asked, this.#workingDir));
  }
}
