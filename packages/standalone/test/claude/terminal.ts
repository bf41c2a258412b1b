import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClaudeHouse } from './claude-house.ts';

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A person at the machine of a house, who runs `phonework attach SESSION`. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor({ house }: ClaudeHouse, session: string) {
    this.#child = spawn(process.execPath, [entry, 'attach', session, '--data-dir', join(house.folder, 'data')], {
      cwd: house.folder,
      env: { PATH: process.env.PATH, HOME: house.folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  /** What is on the screen. */
  get output(): string {
    return this.#output;
  }

  /** What runs in it comes to its end, as with Ctrl-D. Resolves with the exit code. */
  async leave(): Promise<number | null> {
    this.#child.stdin?.end();
    await this.#ended;
    return this.#child.exitCode;
  }

  /** As by kill -9; what ran in it finds nobody at the keyboard any more. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    this.#child.stdin?.destroy();
  }
}
