import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';

type Opened = {
  readonly handle: FileHandle;
  readonly realPath: string;
  /** See Bounds.nameOf. */
  readonly shownPath: string;
};

/**
 * A regular file that was judged after it was opened: its bytes come from the descriptor, so nothing that happens to its
 * name later changes what is read. Owned by whoever asked for it.
 */
export class OpenedFile {
  readonly kind = 'file';
  readonly realPath: string;
  readonly shownPath: string;
  /** In bytes, when it was opened. */
  readonly size: number;
  /** ms since the epoch. */
  readonly modifiedAt: number;
  readonly #handle: FileHandle;

  constructor({ handle, realPath, shownPath, size, modifiedAt }: Opened & Pick<OpenedFile, 'modifiedAt' | 'size'>) {
    this.#handle = handle;
    this.realPath = realPath;
    this.shownPath = shownPath;
    this.size = size;
    this.modifiedAt = modifiedAt;
  }

  /** Without its folders. */
  get name(): string {
    return basename(this.realPath);
  }

  /** To be handed to a child process, which then reads this very file from its beginning. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  /** Up to `length` bytes at `position`; fewer at the end of the file. */
  async read(position: number, length: number): Promise<Buffer> {
    return await this.readInto(Buffer.alloc(length), position);
  }

  /** Fills `buffer` with what stands at `position`; resolves to the part that was filled. */
  async readInto(buffer: Buffer, position: number): Promise<Buffer> {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** The `size` bytes that it had when it was opened, or fewer if it was cut since. Ends before `close`. */
  stream(): Readable {
    if (this.size === 0) return Readable.from([]);
    return this.#handle.createReadStream({ start: 0, end: this.size - 1, autoClose: false });
  }

  /** Closing twice is fine. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A folder that was judged after it was opened. Owned by whoever asked for it. */
export class OpenedFolder {
  readonly kind = 'folder';
  readonly realPath: string;
  readonly shownPath: string;
  /** Leads to this very folder as long as it is open, also when its name means another one by now (on Linux). */
  readonly accessPath: string;
  readonly #handle: FileHandle;

  constructor({ handle, realPath, shownPath, accessPath }: Opened & { readonly accessPath: string }) {
    this.#handle = handle;
    this.realPath = realPath;
    this.shownPath = shownPath;
    this.accessPath = accessPath;
  }

  /** Without the folders that it is in. */
  get name(): string {
    return basename(this.realPath);
  }

  /** Closing twice is fine. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
