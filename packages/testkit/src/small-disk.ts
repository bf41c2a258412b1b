import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder that is a file system of its own, of a few megabytes in memory. Mounting takes root, or sudo without a
 * password: where neither is there, `isPossible` is false, and `denyWrites` has to do.
 */
export class SmallDisk {
  readonly folder: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#ballast = join(folder, 'ballast');
  }

  /** Whether this machine lets us mount one. */
  static isPossible(): boolean {
    const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
    try {
      SmallDisk.mount(folder, { megabytes: 1 })[Symbol.dispose]();
      return true;
    } catch {
      return false;
    } finally {
      rmdirSync(folder);
    }
  }

  /** Over whatever is in `folder`, which is made where it is missing. */
  static mount(folder: string, { megabytes }: { readonly megabytes: number }): SmallDisk {
    mkdirSync(folder, { recursive: true });
    asRoot('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700,uid=${userId()}`, 'tmpfs', folder);
    return new SmallDisk(folder);
  }

  /** Leaves no byte free: each write that needs more space fails with ENOSPC. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    try {
      writeFileSync(this.#ballast, Buffer.alloc((bavail + 1) * bsize, 1), { flag: 'a' });
    } catch (error) {
      // As it should: a program may have taken the last of it meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  /** What `fill` took is free again. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** Each write fails with EROFS; the kernel refuses this while a file is open for writing: stop the program first. */
  makeReadOnly(): void {
    asRoot('mount', '-o', 'remount,ro', this.folder);
  }

  makeWritable(): void {
    asRoot('mount', '-o', 'remount,rw', this.folder);
  }

  /** Also with files still open. What was on it is gone. */
  [Symbol.dispose](): void {
    asRoot('umount', '-l', this.folder);
  }
}

/**
 * From now on no file of the process grows or is written: each attempt fails with EFBIG, which SQLite reports as an
 * input/output error. Works on every Linux, for one's own processes; sockets and pipes go on.
 */
export function denyWrites(pid: number): void {
  limitFileSize(pid, '0');
}

/** Takes `denyWrites` back. */
export function allowWrites(pid: number): void {
  limitFileSize(pid, 'unlimited');
}

function limitFileSize(pid: number, soft: string): void {
  run(['prlimit', '--pid', String(pid), `--fsize=${soft}:unlimited`]);
}

function asRoot(...words: readonly string[]): void {
  run(userId() === 0 ? words : ['sudo', '-n', ...words]);
}

function run([program = '', ...words]: readonly string[]): void {
  execFileSync(program, words, { stdio: 'pipe' });
}

function userId(): number {
  return process.getuid?.() ?? -1;
}
