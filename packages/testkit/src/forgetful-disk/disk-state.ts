import type { DiskOperation } from './disk-log.ts';

type Change = Extract<DiskOperation, { kind: 'written' | 'truncated' }>;

/** A file, whatever it is called: what the disk has of it, and what is still on its way there. */
type Inode = { kept: Buffer; pending: Change[] };

/** A change of names, which the disk makes in order. */
type Naming = { readonly inode: Inode | undefined; readonly apply: (kept: Map<string, Inode>) => void };

/** A sector: less than that is written whole, or not at all. */
const SECTOR_BYTES = 512;

/**
 * Files as a program sees them, and what of that a power cut would leave. Data is there for certain once its file was
 * synced; what was not may be there all the same, whole, in part or in another order. Names change in the order in which
 * they were changed (a journal); syncing a file, or the folder, takes its name along, with all that came before.
 */
export class DiskState {
  readonly #seen: Map<string, Inode>;
  readonly #kept: Map<string, Inode>;
  #namings: Naming[] = [];

  /** `files` are on the disk already, by their paths. */
  constructor(files: ReadonlyMap<string, Buffer>) {
    this.#kept = new Map([...files].map(([path, bytes]) => [path, { kept: alone(bytes), pending: [] }]));
    this.#seen = new Map(this.#kept);
  }

  apply(operation: DiskOperation): void {
    const { path } = operation;
    const inode = this.#seen.get(path);
    switch (operation.kind) {
      case 'created':
        this.#name(path, { kept: alone(Buffer.alloc(0)), pending: [] });
        break;
      case 'written':
      case 'truncated':
        inode?.pending.push(operation);
        break;
      case 'synced':
        this.#sync(inode);
        break;
      case 'renamed':
        this.#unname(path, inode);
        if (inode !== undefined) this.#name(operation.to, inode);
        break;
      case 'unlinked':
        this.#unname(path, inode);
        break;
      default:
        operation satisfies never;
    }
  }

  /** What is there after a cut now, by paths. `draw` gives numbers from 0 to 1. */
  cut(draw: () => number): Map<string, Buffer> {
    this.#commitNamings(Math.floor(draw() * (this.#namings.length + 1)));
    const keepsAbout = draw();
    return new Map([...this.#kept].map(([path, inode]) => [path, remains(inode, keepsAbout, draw)]));
  }

  #name(path: string, inode: Inode): void {
    this.#seen.set(path, inode);
    this.#namings.push({ inode, apply: (kept) => kept.set(path, inode) });
  }

  #unname(path: string, inode: Inode | undefined): void {
    this.#seen.delete(path);
    this.#namings.push({ inode, apply: (kept) => kept.delete(path) });
  }

  /** Without an inode it is the folder. */
  #sync(inode: Inode | undefined): void {
    if (inode === undefined) {
      this.#commitNamings(this.#namings.length);
      return;
    }
    for (const change of inode.pending) inode.kept = changed(inode.kept, change);
    inode.pending = [];
    this.#commitNamings(this.#namings.findLastIndex((naming) => naming.inode === inode) + 1);
  }

  #commitNamings(count: number): void {
    for (const { apply } of this.#namings.splice(0, count)) apply(this.#kept);
  }
}

function remains({ kept, pending }: Inode, keepsAbout: number, draw: () => number): Buffer {
  let result = kept;
  for (const change of pending) {
    if (draw() < keepsAbout) result = changed(result, draw() < 0.5 ? change : torn(change, draw));
  }
  return result;
}

function torn(change: Change, draw: () => number): Change {
  if (change.kind === 'truncated') return change;
  const sectors = Math.ceil(change.bytes.length / SECTOR_BYTES);
  return { ...change, bytes: change.bytes.subarray(0, Math.floor(draw() * (sectors + 1)) * SECTOR_BYTES) };
}

/** In place where there is room: what is left of `file` is the result. */
function changed(file: Buffer, change: Change): Buffer {
  if (change.kind === 'truncated') return resized(file, change.length);
  const result = resized(file, Math.max(file.length, change.offset + change.bytes.length));
  result.set(change.bytes, change.offset);
  return result;
}

function resized(file: Buffer, length: number): Buffer {
  // A copy, so that nothing stands behind its end where it may grow again.
  if (length < file.length) return alone(file.subarray(0, length));
  if (file.byteOffset + length <= file.buffer.byteLength) return Buffer.from(file.buffer, file.byteOffset, length);
  const room = Buffer.from(new ArrayBuffer(length * 2), 0, length);
  room.set(file);
  return room;
}

/** With memory of its own, in which nothing stands behind it. */
function alone(bytes: Buffer): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
