import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type ChildOptions = {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

/** A script of this folder as a process of its own; killed, if it still runs, when the test ends. */
export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(script: string, { args = [], environment = {} }: ChildOptions = {}) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#process = spawn(process.execPath, [path, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#process.pid ?? 0;
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#closed = once(this.#process, 'close');
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Undefined while it runs; null when a signal ended it. */
  get exitCode(): number | null | undefined {
    const { exitCode, signalCode } = this.#process;
    return exitCode === null && signalCode === null ? undefined : exitCode;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Resolves with its exit code when it has ended and all its output is here. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL');
    await this.#closed;
  }
}
