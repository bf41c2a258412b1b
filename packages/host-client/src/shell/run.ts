import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isDoneWithin } from '@phonework/shared/done-within';
import { newId } from '@phonework/shared/id';
import { ProcessTree } from './process-tree.ts';
import { ShellError } from './shell-error.ts';
import { shellErrorTexts as texts } from './shell-error-texts.ts';
import { findShell } from './shell-program.ts';
import { StreamReader } from './stream-reader.ts';

export type ShellRequest = {
  readonly command: string;
  readonly cwd: string;
  /** All that the command gets; see childEnvironment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: it may run for ever. At most 24 days, beyond which timers do not reach. */
  readonly timeoutMs?: number;
  /** Gets what the command says, as it comes. A stream is not read on while a promise given for it is pending. Must not fail. */
  readonly onOutput?: (chunk: Buffer) => Promise<void> | undefined;
  /** Marks its processes, so that endRun finds those of one that an earlier process of ours left. */
  readonly runId?: string;
  /** Kept of each stream; the middle of what is longer is left out. */
  readonly maxOutputBytes?: number;
  /** Between SIGTERM and SIGKILL. */
  readonly killAfterMs?: number;
  /** What the shell has left running in the background may go on this long after it. */
  readonly backgroundGraceMs?: number;
  readonly signal: AbortSignal;
};

export type ShellResult = {
  readonly stdout: string;
  readonly stderr: string;
  /** How much of both is not kept. */
  readonly omittedBytes: number;
  /** null when a signal ended the shell. */
  readonly exitCode: number | null;
  readonly signal?: NodeJS.Signals;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** Something was still running in the background when the shell was done, and was ended. */
  readonly backgroundEnded: boolean;
  /** False when a process could not be ended (another user's, or stuck in the kernel). */
  readonly allEnded: boolean;
  readonly durationMs: number;
};

/**
 * Runs a command line in bash, or else sh, without input or terminal. Whatever it has started is gone when this
 * resolves. Rejects with ShellError when it could not start; a command that fails, times out or is aborted is a result.
 */
export async function runShell(request: ShellRequest): Promise<ShellResult> {
  const { killAfterMs = 2_000, backgroundGraceMs = 500, maxOutputBytes = 100_000 } = request;
  await requireFolder(request.cwd);
  const marker = markerOf(request.runId ?? newId());
  const startedAt = performance.now();
  const child = await start(request, marker);
  const stdout = new StreamReader(child.stdout, maxOutputBytes, request.onOutput);
  const stderr = new StreamReader(child.stderr, maxOutputBytes, request.onOutput);
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  const tree = new ProcessTree(child.pid ?? 0, marker);
  const ending = await waitForEnd(exited, request);
  const backgroundEnded = ending === 'exited' && (await isAliveAfter(backgroundGraceMs, tree));
  const allEnded = ending === 'exited' && !backgroundEnded ? true : await tree.end({ killAfterMs });
  await closeOutput([stdout, stderr], closed);
  return {
    stdout: stdout.text(),
    stderr: stderr.text(),
    omittedBytes: stdout.omittedBytes + stderr.omittedBytes,
    exitCode: child.exitCode,
    ...(child.signalCode === null ? {} : { signal: child.signalCode }),
    timedOut: ending === 'timed_out',
    aborted: ending === 'aborted',
    backgroundEnded,
    allEnded,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/**
 * Ends what the run `runId` of an earlier process of ours has left running. Resolves to whether nothing is left for
 * sure: only Linux can tell.
 */
export async function endRun(runId: string, { killAfterMs = 2_000 } = {}): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  // Nobody's pid: its root is gone, or is to be found like the others.
  const tree = new ProcessTree(-1, markerOf(runId));
  return !(await tree.isAlive()) || (await tree.end({ killAfterMs }));
}

function markerOf(runId: string): string {
  return `PHONEWORK_RUN=${runId}`;
}

async function requireFolder(cwd: string): Promise<void> {
  const found = await stat(cwd).catch((cause) => {
    throw new ShellError('no_folder', texts.noFolder(cwd), { cause });
  });
  if (!found.isDirectory()) throw new ShellError('no_folder', texts.notAFolder(cwd));
}

async function start({ command, cwd, env, signal }: ShellRequest, marker: string): Promise<ChildProcess> {
  const shell = await findShell(env);
  if (signal.aborted) throw new ShellError('aborted', texts.stopped);
  const [name = '', value = ''] = marker.split('=');
  try {
    const child = spawn(shell.path, [...shell.args(command)], {
      cwd,
      env: { ...env, [name]: value },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that it can be ended as a whole; on Windows this would open a console.
      detached: process.platform !== 'win32',
      windowsHide: true,
      windowsVerbatimArguments: true,
    });
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    throw new ShellError('not_started', texts.notStarted, { cause });
  }
}

/** Lets the pipes run dry; a process that could not be found or ended may still hold them. */
async function closeOutput(readers: readonly StreamReader[], closed: Promise<unknown>): Promise<void> {
  for (const reader of readers) reader.hurry();
  await isDoneWithin(closed, 200);
  for (const reader of readers) reader.close();
}

type Ending = 'exited' | 'timed_out' | 'aborted';

async function waitForEnd(
  exited: Promise<unknown>,
  { timeoutMs, signal }: Pick<ShellRequest, 'timeoutMs' | 'signal'>,
): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => resolve('timed_out'), timeoutMs);
  const abort = () => resolve('aborted');
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, exited.then((): Ending => 'exited')]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

async function isAliveAfter(graceMs: number, tree: ProcessTree): Promise<boolean> {
  const deadline = performance.now() + graceMs;
  while (await tree.isAlive()) {
    if (performance.now() >= deadline) return true;
    await delay(20);
  }
  return false;
}
