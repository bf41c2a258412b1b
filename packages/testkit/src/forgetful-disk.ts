import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDiskLog } from './forgetful-disk/disk-log.ts';
import { DiskState } from './forgetful-disk/disk-state.ts';

/**
 * A folder on a disk that keeps of what was not synced as much as it likes when the power goes. The program that writes
 * there is started with `environment()`, killed, and what it finds at its next start is what `cut` leaves. Linux with
 * glibc and a C compiler (`cc`) only; throws where there is none.
 */
export class ForgetfulDisk {
  readonly #folder: string;
  readonly #tools = mkdtempSync(join(tmpdir(), 'forgetful-disk-'));
  readonly #log = join(this.#tools, 'log');
  #state: DiskState;

  /** `folder` is made where it is not there. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = realpathSync(folder);
    this.#state = new DiskState(this.#files());
    const source = fileURLToPath(new URL('./forgetful-disk/watch.c', import.meta.url));
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', this.#library, source, '-ldl', '-lpthread'], {
      stdio: 'pipe',
    });
  }

  /** For one start of the program. What is in the folder now is on the disk. */
  environment(): Readonly<Record<string, string>> {
    this.#state = new DiskState(this.#files());
    rmSync(this.#log, { force: true });
    return { LD_PRELOAD: this.#library, FORGETFUL_DISK_FOLDER: this.#folder, FORGETFUL_DISK_LOG: this.#log };
  }

  /** The program was killed. `draw` gives numbers from 0 to 1. */
  cut(draw: () => number): void {
    for (const operation of readDiskLog(readFileSync(this.#log))) this.#state.apply(operation);
    const left = this.#state.cut(draw);
    for (const path of this.#files().keys()) rmSync(path);
    // Shared memory: what of it was written back is anybody's guess, and SQLite makes it anew.
    for (const [path, bytes] of left) if (!path.endsWith('-shm')) writeFileSync(path, bytes, { mode: 0o600 });
  }

  get #library(): string {
    return join(this.#tools, 'watch.so');
  }

  #files(): Map<string, Buffer> {
    const entries = readdirSync(this.#folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return new Map(paths.map((path) => [path, readFileSync(path)]));
  }

  [Symbol.dispose](): void {
    rmSync(this.#tools, { recursive: true, force: true });
  }
}
