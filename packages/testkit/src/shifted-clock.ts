import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The wall clock of programs that were started with `environment`: it can be set while they run. Monotonic time
 * (`performance.now`, timers) goes on as it does, as on a real machine whose clock is set.
 */
export class ShiftedClock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'shifted-clock-'));
  readonly #file = join(this.#folder, 'shift-ms');

  constructor(shiftMs = 0) {
    this.shift(shiftMs);
  }

  /** For the process to be started. A shift is seen at its next look at the clock. */
  get environment(): Readonly<Record<string, string>> {
    const preload = new URL('./shifted-clock-preload.ts', import.meta.url);
    return { NODE_OPTIONS: `--import=${preload.href}`, TEST_CLOCK_FILE: this.#file };
  }

  /** How far the programs' wall clock is ahead of the true one from now on; negative: behind. */
  shift(shiftMs: number): void {
    // In one step: a program may read at any moment.
    const next = `${this.#file}.next`;
    writeFileSync(next, String(shiftMs));
    renameSync(next, this.#file);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
