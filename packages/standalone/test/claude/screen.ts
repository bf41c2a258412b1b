import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { waitFor } from '@phonework/testkit/wait';

/** What the program takes to see that a paste has come to its end, and that a key is one of its own. */
const keyMs = 300;

/** A real terminal with a program in it, and hands at its keyboard. It is `script` of util-linux that makes it. */
export class Screen {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor(
    command: readonly string[],
    { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
  ) {
    const quoted = command.map((word) => `'${word}'`).join(' ');
    this.#child = spawn('script', ['-qfec', quoted, '/dev/null'], {
      cwd,
      // `script` has no size of its own where it is not in a terminal itself.
      env: { ...env, TERM: 'xterm-256color', COLUMNS: '100', LINES: '40' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /** Resolves when it has shown this; what looks like a space may be a jump of the cursor. */
  async shows(text: string): Promise<void> {
    const shown = () => stripVTControlCharacters(this.#output).replaceAll(/\s/g, '');
    const wanted = text.replaceAll(/\s/g, '');
    await waitFor(() => shown().includes(wanted), { timeoutMs: 30_000 }).catch(() => {
      throw new Error(`the screen does not show "${text}", but: ${shown().slice(-1000)}`);
    });
  }

  /** Pastes a line, and sends it. */
  async type(line: string): Promise<void> {
    this.#child.stdin?.write(`\u001b[200~${line}\u001b[201~`);
    await delay(keyMs);
    this.#child.stdin?.write('\r');
  }

  /** Resolves when the program has ended. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Its window is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
