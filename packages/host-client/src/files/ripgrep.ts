import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { FileError } from './file-error.ts';
import { filesTexts } from './files-texts.ts';
import type { OpenedFile, OpenedFolder } from './opened-file.ts';

export type RipgrepRequest = {
  /** A regular expression of Rust, on one line; or a text, with `isLiteral`. Small letters mean capitals too. */
  readonly pattern: string;
  readonly isLiteral: boolean;
  /** Absent: nothing is searched, the pattern is only checked. */
  readonly target: OpenedFile | OpenedFolder | undefined;
  /** All that the process gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the process, and with it the hits. */
  readonly signal: AbortSignal;
};

/** Where a line matches, not what it says: that is read from a descriptor that was judged. */
export type Hit = {
  /** Relative to the folder; meaningless in a file. */
  readonly path: string;
  readonly line: number;
  /** Of the line's first byte, and of the first match's in the file. */
  readonly lineStart: number;
  readonly matchStart: number;
};

const options = [
  '--no-config',
  '--no-messages',
  '--color=never',
  '--smart-case',
  '--hidden',
  '--glob=!.git',
  '--no-require-git',
  '--no-ignore-global',
  '--sort=path',
  '--max-filesize=64M',
  // Raw bytes, so that offsets are those in the file.
  '--encoding=none',
  '--no-heading',
  '--with-filename',
  '--null',
  '--line-number',
  '--column',
  '--byte-offset',
  // Any line is too long: a word instead of a text that may have megabytes.
  '--max-columns=1',
];

/** How many lines of one file are told where a folder is searched. */
export const maxHitsPerFile = 20;

/** One run of ripgrep: a process of its own, never through a shell. */
export class RipgrepRun {
  readonly #request: RipgrepRequest;
  #exitCode: number | null = null;

  constructor(request: RipgrepRequest) {
    this.#request = request;
  }

  /** Whether it ended by itself and did all of it; not so for a pattern that is no regular expression. */
  get isComplete(): boolean {
    return this.#exitCode === 0 || this.#exitCode === 1;
  }

  /**
   * Starts it and gives its hits as they come, by path; once only. Symbolic links are not followed. The process is gone
   * when this ends, also when the reader has enough. Throws FileError `no_search` where it does not start.
   */
  async *hits(): AsyncGenerator<Hit, void> {
    const { signal } = this.#request;
    const child = start(await findRipgrep(), this.#request);
    const ended = endOf(child);
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    if (signal.aborted) kill();
    try {
      if (child.stdout !== null) yield* readHits(child.stdout);
      const failure = await ended;
      if (failure !== undefined) throw new FileError('no_search', filesTexts.noSearch, { cause: failure });
      this.#exitCode = child.exitCode;
    } finally {
      signal.removeEventListener('abort', kill);
      kill();
      await ended;
    }
  }
}

/** Resolves to why it did not start, if it did not. */
async function endOf(child: ChildProcess): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  child.once('error', resolve);
  child.once('close', () => resolve(undefined));
  return await promise;
}

async function findRipgrep(): Promise<string> {
  try {
    // When asked, not at the start: it throws on a machine for which there is no ripgrep.
    return (await import('@vscode/ripgrep')).rgPath;
  } catch (cause) {
    throw new FileError('no_search', filesTexts.noSearch, { cause });
  }
}

function start(program: string, { pattern, isLiteral, target, environment }: RipgrepRequest): ChildProcess {
  const isFolder = target?.kind === 'folder';
  const args = [
    ...options,
    ...(isLiteral ? ['--fixed-strings'] : []),
    ...(isFolder ? [`--max-count=${maxHitsPerFile}`] : []),
    '--',
    pattern,
    isFolder ? '.' : '-',
  ];
  try {
    return spawn(program, args, {
      env: environment,
      ...(isFolder && { cwd: target.accessPath }),
      // A file comes as the descriptor that was judged, not by its name.
      stdio: [target?.kind === 'file' ? target.descriptor : 'ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
  } catch (cause) {
    // Some reasons are thrown, others come as an event.
    throw new FileError('no_search', filesTexts.noSearch, { cause });
  }
}

async function* readHits(output: AsyncIterable<Buffer>): AsyncGenerator<Hit> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    rest = Buffer.concat([rest, chunk]);
    for (let record = cutRecord(rest); record !== undefined; record = cutRecord(rest)) {
      rest = record.rest;
      if (record.hit !== undefined) yield record.hit;
    }
  }
}

/** A record is `path NUL line:column:offset:…` and a line break, which the path may contain as well. */
function cutRecord(output: Buffer): { readonly hit: Hit | undefined; readonly rest: Buffer } | undefined {
  const nul = output.indexOf(0);
  const end = nul === -1 ? -1 : output.indexOf(10, nul);
  if (end === -1) return undefined;
  // Remarks of ripgrep's stand on lines of their own before the path.
  const path = output.toString('utf8', 0, nul).split('\n').at(-1) ?? '';
  const numbers =
    /^(\d+):(\d+):(\d+):/
      .exec(output.toString('latin1', nul + 1, end))
      ?.slice(1)
      .map(Number) ?? [];
  const [line, column, lineStart] = numbers;
  const rest = output.subarray(end + 1);
  if (line === undefined || column === undefined || lineStart === undefined) return { hit: undefined, rest };
  return { hit: { path, line, lineStart, matchStart: lineStart + column - 1 }, rest };
}
