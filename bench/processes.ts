import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Environment = Readonly<Record<string, string>>;

type BenchProgram = 'floors/router' | 'floors/node' | 'floors/relay' | 'launchers/router';

/** A process of the bench's own, a floor or a launcher of ours; what it prints first says that it is ready. */
export class BenchProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    // Also where the bench breaks off.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
  }

  /** Starts it without waiting. */
  static spawn(name: BenchProgram, args: readonly string[], environment: Environment = {}): BenchProcess {
    const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return new BenchProcess(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async firstLine(): Promise<string> {
    const stdout = this.#child.stdout;
    if (stdout === null) throw new Error('the process has no output');
    const [chunk] = await once(stdout, 'data');
    return String(chunk).trim();
  }

  async kill(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  if (process.platform === 'linux') {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kb) / 1000;
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1000;
}

/** ms from now until `url` answers 200. */
export async function untilAnswered(url: string): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (response.ok) return performance.now() - startedAt;
    } catch {
      await delay(1);
    }
  }
}
