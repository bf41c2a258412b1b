import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import type { Environment } from './processes.ts';

/** In ms: the longest that an event loop computed without a pause, and how late it was 99 times in 100. */
export type Pauses = { readonly longestMs: number; readonly lateP99Ms: number };

/** Sees the pauses of one process that was started with `environment`. */
export class PauseProbe {
  readonly #folder = mkdtempSync(join(tmpdir(), 'phonework-pauses-'));
  readonly #file = join(this.#folder, 'pauses.json');

  get environment(): Environment {
    const preload = new URL('pause-probe.ts', import.meta.url).href;
    return { NODE_OPTIONS: `--import=${preload}`, PHONEWORK_BENCH_PAUSES: this.#file };
  }

  /** Those since the last time, or since the start of the process. */
  async take(pid: number): Promise<Pauses> {
    process.kill(pid, 'SIGUSR2');
    await waitFor(() => existsSync(this.#file), { what: 'the pauses of a process', timeoutMs: 60_000 });
    // The probe wrote it.
    const pauses = JSON.parse(readFileSync(this.#file, 'utf8')) as Pauses;
    rmSync(this.#file);
    return pauses;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
