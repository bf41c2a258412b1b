import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { FileError } from './file-error.ts';
import type { FileRoots } from './file-roots.ts';
import { filesTexts } from './files-texts.ts';
import type { OpenedFolder } from './opened-file.ts';
import { OpenedFile } from './opened-file.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-header.ts';

export type PackLimits = {
  readonly entries: number;
  /** Before they are packed. */
  readonly bytes: number;
  /** Of folders in folders: each is held open while what is in it is packed. */
  readonly depth: number;
};

const defaultLimits: PackLimits = { entries: 10_000, bytes: 300 * 1024 * 1024, depth: 50 };

/**
 * A folder as a tar.gz: its files and folders, but for symbolic links, for what is no regular file, and for what is closed
 * to chats. Each is judged after it was opened. `folder` stays open, and has to until the stream ends; that breaks with
 * FileError.
 */
export function packFolder(folder: OpenedFolder, roots: FileRoots, limits: Partial<PackLimits> = {}): Readable {
  const gzip = createGzip();
  // What breaks in front of it breaks it, which its reader is told.
  pipeline(Readable.from(new Packing(roots, { ...defaultLimits, ...limits }).pack(folder)), gzip, () => {});
  return gzip;
}

class Packing {
  readonly #roots: FileRoots;
  readonly #limits: PackLimits;
  #entries = 0;
  #bytes = 0;

  constructor(roots: FileRoots, limits: PackLimits) {
    this.#roots = roots;
    this.#limits = limits;
  }

  async *pack(folder: OpenedFolder): AsyncGenerator<Buffer> {
    yield* this.#packFolder(folder, basename(folder.realPath), 1);
    yield tarEnd;
  }

  async *#packFolder(folder: OpenedFolder, path: string, depth: number): AsyncGenerator<Buffer> {
    if (depth > this.#limits.depth) {
      throw new FileError('too_large', filesTexts.tooDeepToPack(folder.shownPath, this.#limits.depth));
    }
    this.#count(folder.shownPath, 0);
    yield tarHeader({ path, kind: 'folder', size: 0, modifiedAt: Date.now() });
    for await (const entry of await opendir(folder.accessPath)) {
      await using opened = await this.#open(folder, entry);
      if (opened instanceof OpenedFile) yield* this.#packFile(opened, `${path}/${entry.name}`);
      else if (opened !== undefined) yield* this.#packFolder(opened, `${path}/${entry.name}`, depth + 1);
    }
  }

  async *#packFile(file: OpenedFile, path: string): AsyncGenerator<Buffer> {
    const { size } = file;
    this.#count(file.shownPath, size);
    yield tarHeader({ path, kind: 'file', size, modifiedAt: file.modifiedAt });
    let packed = 0;
    for await (const chunk of file.stream()) {
      if (!Buffer.isBuffer(chunk)) continue;
      packed += chunk.length;
      yield chunk;
    }
    // It was made shorter meanwhile: what comes after it has to stand in its place all the same.
    for (; packed < size; packed += Math.min(size - packed, 65_536))
      yield Buffer.alloc(Math.min(size - packed, 65_536));
    yield tarPadding(size);
  }

  async #open(folder: OpenedFolder, entry: Dirent): Promise<OpenedFile | OpenedFolder | undefined> {
    if (!entry.isFile() && !entry.isDirectory()) return undefined;
    try {
      return await this.#roots.openFound(join(folder.realPath, entry.name));
    } catch (error) {
      // Closed to chats, not to be read by us, or gone.
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }

  #count(shownPath: string, bytes: number): void {
    this.#entries += 1;
    this.#bytes += bytes;
    const { entries, bytes: maxBytes } = this.#limits;
    if (this.#entries > entries || this.#bytes > maxBytes) {
      throw new FileError('too_large', filesTexts.tooMuchToPack(shownPath, entries, maxBytes));
    }
  }
}
