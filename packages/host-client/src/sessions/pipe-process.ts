import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isDoneWithin } from '@phonework/shared/done-within';
import { newId } from '@phonework/shared/id';
import type { ProcessTree } from '../shell/process-tree.ts';
import { treeOf } from '../shell/process-tree.ts';
import { endByLadder } from './end-ladder.ts';
import type { LineProcess, LineProcessSpec, ProcessEnd } from './line-process.ts';
import { LineProcessError } from './line-process.ts';
import { LineSplitter } from './lines.ts';
import { toProcessEnd } from './process-end.ts';
import { processTexts } from './process-texts.ts';
import { requireStartable } from './startable.ts';

/** How often what comes after the program's end is looked at, and after how many looks without anything it is all. */
const quietLookMs = 50;
const quietLooks = 4;
const maxLooks = 40;

/**
 * Starts a program with pipes for input and output: for systems that have no terminal which could be made transparent.
 * When we die, its input ends, which is all that it notices.
 */
export async function startPipeProcess(spec: LineProcessSpec): Promise<LineProcess> {
  await requireStartable(spec);
  const marker = { name: 'PHONEWORK_PROCESS', value: newId() };
  try {
    const child = spawn(spec.command, [...spec.args], {
      cwd: spec.cwd,
      env: { ...spec.env, [marker.name]: marker.value },
      // A group of its own, so that it can be ended as a whole; on Windows this would open a console.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const started = new PipeProcess(spec, child, treeOf(child.pid ?? -1, `${marker.name}=${marker.value}`));
    await once(child, 'spawn');
    return started;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : `${cause}`;
    throw new LineProcessError('not_started', processTexts.notStarted(spec.command, reason), { cause });
  }
}

class PipeProcess implements LineProcess {
  readonly exited: Promise<ProcessEnd>;
  readonly #command: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #tree: ProcessTree;
  readonly #splitters: readonly LineSplitter[];
  readonly #exit = Promise.withResolvers<ProcessEnd>();
  #chunksRead = 0;
  #ending: Promise<boolean> | undefined;

  constructor({ command, onLine }: LineProcessSpec, child: ChildProcessWithoutNullStreams, tree: ProcessTree) {
    this.#command = command;
    this.#child = child;
    this.#tree = tree;
    this.exited = this.#exit.promise;
    this.#splitters = [child.stdout, child.stderr].map((stream) => {
      const splitter = new LineSplitter(onLine);
      stream.on('data', (chunk: Buffer) => {
        this.#chunksRead += 1;
        splitter.write(chunk);
      });
      return splitter;
    });
    // The write that failed is rejected.
    child.stdin.on('error', () => {});
    // A signal that can't be sent shows in that the process lives on.
    child.on('error', () => {});
    child.once('exit', (code, signal) => {
      void this.#finish(signal === null ? toProcessEnd(code ?? 0) : { code: null, signal });
    });
  }

  write(line: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#child.stdin.write(`${line}\n`, (cause) => {
      if (cause) reject(new LineProcessError('ended', processTexts.ended(this.#command), { cause }));
      else resolve();
    });
    return promise;
  }

  end(steps: { readonly signal: 'SIGINT' | 'SIGTERM'; readonly killAfterMs: number }): Promise<boolean> {
    this.#ending ??= endByLadder(
      {
        tree: this.#tree,
        exited: this.exited,
        signal: (name) => this.#signal(name),
        close: async () => this.#close(),
      },
      steps,
    );
    return this.#ending;
  }

  #signal(name: NodeJS.Signals): void {
    if (process.platform !== 'win32') this.#child.kill(name);
    // There is no other way there to ask a program to end.
    else this.#child.stdin.end();
  }

  async #finish(end: ProcessEnd): Promise<void> {
    await this.#readRest();
    this.#close();
    for (const splitter of this.#splitters) splitter.end();
    this.#exit.resolve(end);
  }

  /** What the program has left running may hold the pipes open for ever: then they are read until they are quiet. */
  async #readRest(): Promise<void> {
    const closed = new Promise<true>((resolve) => this.#child.once('close', () => resolve(true)));
    for (let look = 0, quiet = 0; look < maxLooks && quiet < quietLooks; look++) {
      const before = this.#chunksRead;
      if (await isDoneWithin(closed, quietLookMs)) return;
      quiet = this.#chunksRead === before ? quiet + 1 : 0;
    }
  }

  #close(): void {
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy();
  }
}
