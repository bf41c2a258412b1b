import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How long the event loop of a program was busy at a stretch; see `loop-probe.ts`. */
export class LoopPauses {
  readonly #file: string;
  #since = 0;

  constructor(folder: string) {
    this.#file = join(folder, 'loop-pauses.jsonl');
  }

  /** With this the program is watched. */
  get environment(): Readonly<Record<string, string>> {
    const probe = fileURLToPath(new URL('loop-probe.ts', import.meta.url));
    return { NODE_OPTIONS: `--import ${probe}`, LOOP_PROBE: this.#file };
  }

  /** What came before is of no interest any more. */
  reset(): void {
    this.#since = Date.now();
  }

  /** ms; those under 10 ms count as 0. */
  get longestMs(): number {
    if (!existsSync(this.#file)) return 0;
    const lines = readFileSync(this.#file, 'utf8').trimEnd().split('\n');
    const pauses = lines.map((line) => line.split(' ').map(Number));
    return Math.max(0, ...pauses.flatMap(([at = 0, busyMs = 0]) => (at >= this.#since ? [busyMs] : [])));
  }
}
