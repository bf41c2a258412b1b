import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { StoreError } from './store-error.ts';

// https://sqlite.org/fileformat2.html#the_write_ahead_log
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE_ENDIAN = 0x377f0682;

/**
 * SQLite reads its log up to the first frame that is broken, and takes all that follows for the rest of a commit that a
 * power cut left half written. That is at most one commit: where there are more, they were on the disk, and would be lost
 * without a word. A copy of the log is made then, and only who starts again over the same one goes on without them. For
 * use before the database is opened, by the one who has its lock. Throws StoreError `unreadable`.
 */
export function refuseLostCommits(path: string): void {
  const lost = countLostCommits(path);
  const copy = `${path}-wal.damaged`;
  if (lost < 2 || (existsSync(copy) && readFileSync(copy).equals(readFileSync(`${path}-wal`)))) return;
  copyFileSync(`${path}-wal`, copy);
  const message =
    `${path}-wal is damaged: the last ${lost} changes of ${path} can't be read. ` +
    `Restore a copy of both files, or start once more to go on without these changes (${copy} keeps them).`;
  throw new StoreError('unreadable', message);
}

function countLostCommits(path: string): number {
  // The usual case: the last process closed it.
  if (!existsSync(path) || !existsSync(`${path}-wal`)) return 0;
  const file = openSync(`${path}-wal`, 'r');
  try {
    return new Log(file, pageBytesOf(path)).lostCommits();
  } finally {
    closeSync(file);
  }
}

/** As the database has it: the log's own word may be what is damaged. */
function pageBytesOf(path: string): number {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  readSync(file, header, 0, header.length, 0);
  closeSync(file);
  const bytes = header.readUInt16BE(16);
  return bytes === 1 ? 65_536 : bytes;
}

class Log {
  readonly #file: number;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  readonly #frame: Buffer;
  readonly #frames: number;

  constructor(file: number, pageBytes: number) {
    this.#file = file;
    const { size } = fstatSync(file);
    readSync(file, this.#header, 0, HEADER_BYTES, 0);
    this.#frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
    this.#frames = Math.max(0, Math.floor((size - HEADER_BYTES) / this.#frame.length));
  }

  /** How many commits stand at or after the first broken frame. */
  lostCommits(): number {
    const sum = new Checksum(this.#header);
    sum.add(this.#header.subarray(0, 24));
    let isWhole = sum.is(this.#header.subarray(24));
    let lost = 0;
    for (let index = 0; index < this.#frames; index += 1) {
      this.#read(index);
      // An earlier round of the same file: it was in the database before this round began.
      if (!this.#isOfThisRound()) continue;
      if (isWhole) {
        sum.add(this.#frame.subarray(0, 8));
        sum.add(this.#frame.subarray(FRAME_HEADER_BYTES));
        isWhole = sum.is(this.#frame.subarray(16, 24)) && this.#hasBothSalts();
      }
      if (!isWhole && this.#frame.readUInt32BE(4) !== 0) lost += 1;
    }
    return lost;
  }

  #read(index: number): void {
    readSync(this.#file, this.#frame, 0, this.#frame.length, HEADER_BYTES + index * this.#frame.length);
  }

  /** A new round has other salts, both of them: one that is the same is enough, since the other may be what is damaged. */
  #isOfThisRound(): boolean {
    return [0, 4].some((at) => this.#frame.readUInt32BE(8 + at) === this.#header.readUInt32BE(16 + at));
  }

  #hasBothSalts(): boolean {
    return this.#frame.compare(this.#header, 16, 24, 8, 16) === 0;
  }
}

/** Over pairs of words, cumulative from the header on. */
class Checksum {
  readonly #isLittleEndian: boolean;
  #one = 0;
  #two = 0;

  constructor(header: Buffer) {
    this.#isLittleEndian = header.readUInt32BE(0) === MAGIC_LITTLE_ENDIAN;
  }

  add(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 8) {
      this.#one = (this.#one + view.getUint32(at, this.#isLittleEndian) + this.#two) | 0;
      this.#two = (this.#two + view.getUint32(at + 4, this.#isLittleEndian) + this.#one) | 0;
    }
  }

  is(stored: Buffer): boolean {
    return this.#one >>> 0 === stored.readUInt32BE(0) && this.#two >>> 0 === stored.readUInt32BE(4);
  }
}
