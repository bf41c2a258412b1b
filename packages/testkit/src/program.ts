import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait.ts';

const entries = {
  phonework: '../../standalone/src/main.ts',
  'phonework-router': '../../router/src/main.ts',
  'phonework-host': '../../host-client/src/main.ts',
} as const;

export type ProgramName = keyof typeof entries;

export type ProgramOptions = {
  readonly name: ProgramName;
  readonly flags: readonly string[];
  /** The working directory, and the home. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
};

export type LogLine = Readonly<Record<string, unknown>>;

/** One of the real programs, as a process. */
export class Program {
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #stdout = '';
  #stderr = '';

  constructor({ name, flags, folder, environment }: ProgramOptions) {
    this.#child = spawn(process.execPath, [fileURLToPath(new URL(entries[name], import.meta.url)), ...flags], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#exited = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Its log, as far as it is JSON lines. */
  get log(): LogLine[] {
    return this.#stderr.split('\n').flatMap((line) => {
      if (!line.startsWith('{')) return [];
      // The logger writes objects.
      return [JSON.parse(line) as LogLine];
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with what is found in its output; rejects when it ends first. */
  async waitFor<T>(
    what: string,
    look: (program: Program) => T,
    { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<Exclude<T, undefined | null | false>> {
    return await waitFor(
      () => {
        const found = look(this);
        if (!found && !this.isRunning) throw new Error(`${what}: the program ended\n${this.#stdout}${this.#stderr}`);
        return found;
      },
      { what: `${what}\n${this.#stdout}${this.#stderr}`, timeoutMs },
    );
  }

  /** Resolves with how it ended, when it does. */
  async ended(): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    return await this.#exited;
  }

  /** `kill -9`: the system keeps what it has written, synced or not. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** As an operator stops it. Resolves with its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return (await this.#exited).code;
  }
}
