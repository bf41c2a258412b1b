import { join } from 'node:path';
import { toPlainLine } from '@phonework/shared/terminal-text';
import { FileError } from './file-error.ts';
import type { FileRoots } from './file-roots.ts';
import { filesTexts } from './files-texts.ts';
import type { OpenedFile, OpenedFolder } from './opened-file.ts';
import type { Hit } from './ripgrep.ts';
import { RipgrepRun } from './ripgrep.ts';
import { decodeText, readMark } from './text-encoding.ts';

export type SearchOptions = {
  readonly roots: FileRoots;
  /** All that ripgrep gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits?: Partial<SearchLimits>;
  readonly signal: AbortSignal;
};

export type SearchLimits = {
  readonly matches: number;
  /** Of the paths and texts of the matches together. */
  readonly chars: number;
  readonly timeMs: number;
};

type Match = {
  /** See Bounds.nameOf. */
  readonly path: string;
  readonly line: number;
  /** The line, or what stands around the match in a long one. */
  readonly text: string;
};

export type SearchResult = {
  readonly matches: readonly Match[];
  /** `incomplete`: something could not be searched. */
  readonly ending: 'complete' | 'incomplete' | 'limit' | 'timed_out';
  /** The query was no regular expression, and was searched for as it is written. */
  readonly isLiteral: boolean;
};

const defaultLimits: SearchLimits = { matches: 100, chars: 8_000, timeMs: 20_000 };

/** A larger file comes as a stream, whose lines ripgrep holds in memory whole. */
const maxFileBytes = 1024 * 1024 * 1024;
const maxQueryChars = 1_000;
const maxTextChars = 200;
const charsBeforeMatch = 60;

/**
 * Lines that match `query`, a regular expression or else a text, in a file or in the files below a folder. ripgrep says
 * where they are; what they say is read from descriptors that were judged, so that a name that is swapped meanwhile shows
 * nothing from elsewhere. Rejects with FileError. `target` stays open.
 */
export async function search(
  target: OpenedFile | OpenedFolder,
  query: string,
  options: SearchOptions,
): Promise<SearchResult> {
  if (/[\0\n\r]/.test(query) || query.length > maxQueryChars) {
    throw new FileError('unsupported', filesTexts.unfitQuery(maxQueryChars));
  }
  if (target.kind === 'file') await requireSearchable(target);
  const found = await find(target, { ...options, query, isLiteral: false });
  if (found.ending !== 'incomplete' || found.matches.length > 0 || (await isPattern(query, options))) return found;
  return await find(target, { ...options, query, isLiteral: true });
}

async function requireSearchable(file: OpenedFile): Promise<void> {
  const beginning = await file.read(0, 8_000);
  if (readMark(beginning) !== undefined) throw new FileError('unsupported', filesTexts.utf16Search(file.shownPath));
  const isText = decodeText(beginning, undefined) !== undefined;
  if (!isText) throw new FileError('binary', filesTexts.binary(file.shownPath, file.size));
  if (file.size > maxFileBytes)
    throw new FileError('unsupported', filesTexts.tooLargeToSearch(file.shownPath, file.size));
}

async function isPattern(pattern: string, { environment, signal }: SearchOptions): Promise<boolean> {
  const run = new RipgrepRun({ pattern, isLiteral: false, target: undefined, environment, signal });
  await run.hits().next();
  signal.throwIfAborted();
  return run.isComplete;
}

async function find(
  target: OpenedFile | OpenedFolder,
  { query, isLiteral, roots, environment, signal, limits = {} }: SearchOptions & { query: string; isLiteral: boolean },
): Promise<SearchResult> {
  const { matches: maxMatches, chars: maxChars, timeMs } = { ...defaultLimits, ...limits };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeMs);
  const ending = AbortSignal.any([signal, late.signal]);
  const run = new RipgrepRun({ pattern: query, isLiteral, target, environment, signal: ending });
  await using reader = new MatchReader(target, roots);
  const matches: Match[] = [];
  let chars = 0;
  try {
    for await (const hit of run.hits()) {
      if (ending.aborted) break;
      const match = await reader.read(hit);
      if (match === undefined) continue;
      chars += match.path.length + match.text.length;
      if (matches.length === maxMatches || chars > maxChars) return { matches, ending: 'limit', isLiteral };
      matches.push(match);
    }
  } finally {
    clearTimeout(timer);
  }
  signal.throwIfAborted();
  if (late.signal.aborted) return { matches, ending: 'timed_out', isLiteral };
  return { matches, ending: run.isComplete ? 'complete' : 'incomplete', isLiteral };
}

/** Reads the lines of hits, which come file by file. */
class MatchReader {
  readonly #target: OpenedFile | OpenedFolder;
  readonly #roots: FileRoots;
  #current: { readonly path: string; readonly file: OpenedFile | undefined } | undefined;

  constructor(target: OpenedFile | OpenedFolder, roots: FileRoots) {
    this.#target = target;
    this.#roots = roots;
  }

  /** Undefined for a file that is closed to chats, or is gone. */
  async read(hit: Hit): Promise<Match | undefined> {
    const file = await this.#fileOf(hit);
    return file && { path: file.shownPath, line: hit.line, text: await readAround(file, hit) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#current?.file !== this.#target) await this.#current?.file?.close();
  }

  async #fileOf({ path }: Hit): Promise<OpenedFile | undefined> {
    if (this.#target.kind === 'file') return this.#target;
    if (this.#current?.path !== path) {
      await this.#current?.file?.close();
      this.#current = undefined;
      this.#current = { path, file: await this.#open(join(this.#target.realPath, path)) };
    }
    return this.#current.file;
  }

  async #open(path: string): Promise<OpenedFile | undefined> {
    try {
      const opened = await this.#roots.openFound(path);
      if (opened.kind === 'file') return opened;
      await opened.close();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
    }
    return undefined;
  }
}

async function readAround(file: OpenedFile, { lineStart, matchStart }: Hit): Promise<string> {
  const start = Math.max(lineStart, matchStart - charsBeforeMatch);
  // Characters have up to four bytes.
  const bytes = await file.read(start, maxTextChars * 4);
  const end = bytes.indexOf(10);
  const text = decodeText(end === -1 ? bytes : bytes.subarray(0, end), undefined) ?? '';
  const line = toPlainLine(text.replace(/\r$/, '')).trim();
  const isCut = (end === -1 && bytes.length === maxTextChars * 4) || line.length > maxTextChars;
  return `${start > lineStart ? '…' : ''}${line.slice(0, maxTextChars).toWellFormed()}${isCut ? '…' : ''}`;
}
