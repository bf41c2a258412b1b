import { randomBytes } from 'node:crypto';
import { ReadStream } from 'node:tty';
import { spawn } from '@lydell/node-pty';
import { newId } from '@phonework/shared/id';
import type { Said } from '@phonework/shared/language';
import type { ProcessTree } from '../shell/process-tree.ts';
import { sendSignal, treeOf } from '../shell/process-tree.ts';
import { endByLadder } from './end-ladder.ts';
import type { LineProcess, LineProcessSpec, ProcessEnd } from './line-process.ts';
import { LineProcessError } from './line-process.ts';
import { LineSplitter } from './lines.ts';
import { toProcessEnd } from './process-end.ts';
import { processTexts } from './process-texts.ts';
import type { PtyScript } from './pty-script.ts';
import { ptyScript, readyLine } from './pty-script.ts';
import { requireStartable } from './startable.ts';
import { TerminalWriter } from './terminal-writer.ts';

/** Between SIGTERM and SIGKILL to what has lost its terminal. */
const killLostAfterMs = 2_000;

/**
 * Starts a program whose input and output go through a terminal that hands on every byte as it is. When we die, however
 * that may be, the system hangs the terminal up, and the program gets SIGHUP. Not for Windows.
 */
export async function startPtyProcess(spec: LineProcessSpec, { startTimeoutMs = 10_000 } = {}): Promise<LineProcess> {
  await requireStartable(spec);
  const script = await ptyScript(spec);
  const marker = { name: 'PHONEWORK_PROCESS', value: newId() };
  const terminal = openTerminal(script, { ...spec, env: { ...spec.env, [marker.name]: marker.value } });
  const tree = treeOf(terminal.pid, `${marker.name}=${marker.value}`);
  const started = new PtyProcess(spec, terminal, tree);
  await started.waitForStart(startTimeoutMs);
  return started;
}

type Terminal = {
  /** Of the shell that leads the session. */
  readonly pid: number;
  readonly fd: number;
  /** Owns `fd`. */
  readonly socket: ReadStream;
};

class PtyProcess implements LineProcess {
  readonly exited: Promise<ProcessEnd>;
  readonly #spec: LineProcessSpec;
  readonly #terminal: Terminal;
  readonly #tree: ProcessTree;
  readonly #closed: Promise<unknown>;
  readonly #writer: TerminalWriter;
  readonly #lines = new LineSplitter((line) => this.#takeLine(line));
  /** Random, so that the program can't make its own output look like a report of the script. */
  readonly #mark = randomBytes(16).toString('hex');
  readonly #started = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<ProcessEnd>();
  /** The last line that came before the script was ready: why it never will be. */
  #complaint: Said = processTexts.noAnswer;
  #isReady = false;
  #isOver = false;
  #pid: number | undefined;
  #ending: Promise<boolean> | undefined;

  constructor(spec: LineProcessSpec, terminal: Terminal, tree: ProcessTree) {
    this.#spec = spec;
    this.#terminal = terminal;
    this.#tree = tree;
    this.exited = this.#exit.promise;
    const { fd, socket } = terminal;
    const toError = (cause?: unknown) => new LineProcessError('ended', processTexts.ended(spec.command), { cause });
    this.#writer = new TerminalWriter({ fd, isOpen: () => !socket.destroyed, toError });
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (chunk: Buffer) => this.#lines.write(chunk));
    // EIO is how Linux says that nobody has the other end any more; `close` follows in any case.
    socket.on('error', () => {});
    socket.once('close', () => void this.#handleHangup());
  }

  /** Rejects with LineProcessError `not_started`; then nothing is left. */
  async waitForStart(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#failStart(), timeoutMs);
    try {
      await this.#started.promise;
    } catch (error) {
      await this.end({ signal: 'SIGTERM', killAfterMs: 0 });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  write(line: string): Promise<void> {
    return this.#writer.write(Buffer.from(`${line}\n`));
  }

  end(steps: { readonly signal: 'SIGINT' | 'SIGTERM'; readonly killAfterMs: number }): Promise<boolean> {
    this.#ending ??= endByLadder(
      {
        tree: this.#tree,
        exited: this.exited,
        signal: (name) => this.#signal(name),
        close: async () => {
          this.#terminal.socket.destroy();
          await this.#closed;
        },
      },
      steps,
    );
    return this.#ending;
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#pid !== undefined && !this.#isOver) sendSignal(this.#pid, name);
  }

  #takeLine(line: string): void {
    if (this.#isOver) return;
    if (!this.#isReady) this.#takeGreeting(line);
    else if (line.startsWith(`${this.#mark} `)) this.#takeReport(line.slice(this.#mark.length + 1));
    else if (!line.endsWith(this.#mark)) this.#spec.onLine(line);
    else if (line !== this.#mark) this.#spec.onLine(line.slice(0, -this.#mark.length));
  }

  #takeGreeting(line: string): void {
    this.#isReady = line === readyLine;
    if (!this.#isReady) this.#complaint = line;
    // Fails only where the hang-up comes next, which says so.
    else this.write(this.#mark).catch(() => {});
  }

  #takeReport(report: string): void {
    const [kind, number] = report.split(' ');
    if (kind === 'exit') {
      this.#finish(toProcessEnd(Number(number)));
    } else {
      this.#pid = Number(number);
      this.#started.resolve();
    }
  }

  /** The terminal is gone, but not because the program has ended: what is left can't be talked to any more. */
  async #handleHangup(): Promise<void> {
    this.#lines.end();
    if (this.#isOver) return;
    this.#failStart();
    this.#writer.close();
    // Where the processes of this machine can't be listed, this one is over all the same.
    await this.#tree.end({ killAfterMs: killLostAfterMs }).catch(() => false);
    this.#finish({ code: null });
  }

  #finish(end: ProcessEnd): void {
    this.#isOver = true;
    this.#writer.close();
    this.#terminal.socket.destroy();
    this.#exit.resolve(end);
  }

  /** Does nothing once it has started. */
  #failStart(): void {
    const said = processTexts.notStarted(this.#spec.command, this.#complaint);
    this.#started.reject(new LineProcessError('not_started', said));
  }
}

function openTerminal({ shell, args }: PtyScript, { command, cwd, env }: LineProcessSpec): Terminal {
  try {
    const pty = spawn(shell, [...args], { cwd, env: { ...env }, encoding: null });
    // Neither is public. But node-pty's own `write` keeps a processor busy where nobody reads, and its `destroy` sends
    // a signal to a pid that may be another's by then.
    if ('fd' in pty && typeof pty.fd === 'number' && '_socket' in pty && pty._socket instanceof ReadStream) {
      return { pid: pty.pid, fd: pty.fd, socket: pty._socket };
    }
    pty.kill('SIGKILL');
    throw new Error('node-pty has no fd and _socket');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : `${cause}`;
    throw new LineProcessError('not_started', processTexts.notStarted(command, reason), { cause });
  }
}
