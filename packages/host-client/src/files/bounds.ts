import { join, relative, sep } from 'node:path';
import { isInside } from './inside.ts';

/** Made by the kernel, and full of other programs' secrets: in reach only where the working folder is the whole disk. */
const kernelFolders = ['/proc', '/sys'];

/** Which real paths may be read, and how they are called. Pure; made of real paths, good for one look. */
export class Bounds {
  readonly workingDir: string;
  readonly audit: string;
  /** What commands said, where that was not shown whole. */
  readonly outputs: string;
  /** What users sent. */
  readonly received: string;
  readonly #dataDir: string;

  constructor(real: { readonly workingDir: string; readonly dataDir: string }) {
    this.workingDir = real.workingDir;
    this.#dataDir = real.dataDir;
    this.audit = join(real.dataDir, 'audit');
    this.outputs = join(real.dataDir, 'outputs');
    this.received = join(real.dataDir, 'files');
  }

  /** `private` is what belongs to the program itself: its databases and whatever else lies beside them. */
  judge(realPath: string): 'open' | 'private' | 'outside' {
    if ([this.audit, this.outputs, this.received].some((folder) => isInside(folder, realPath))) return 'open';
    if (!isInside(this.workingDir, realPath)) return 'outside';
    if (kernelFolders.some((folder) => isInside(folder, realPath))) return 'outside';
    // With the working folder inside the data folder it is the other way round: what was chosen to work in is open.
    const isOwn = isInside(this.workingDir, this.#dataDir) && isInside(this.#dataDir, realPath);
    return isOwn ? 'private' : 'open';
  }

  /**
   * As users and models write it, with slashes: relative to the working folder, or below `audit` or `outputs`; what was
   * received as it is.
   */
  nameOf(realPath: string): string {
    if (isInside(this.received, realPath) && !isInside(this.workingDir, realPath)) return realPath;
    const isOwn = isInside(this.audit, realPath) || isInside(this.outputs, realPath);
    const way = relative(isOwn ? this.#dataDir : this.workingDir, realPath);
    return way === '' ? '.' : way.split(sep).join('/');
  }
}
