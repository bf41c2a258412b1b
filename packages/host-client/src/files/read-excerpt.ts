import { toPlainText } from '@phonework/shared/terminal-text';
import { FileError } from './file-error.ts';
import { filesTexts } from './files-texts.ts';
import type { OpenedFile } from './opened-file.ts';
import { findLastLines, skipLines } from './skip-lines.ts';
import type { ByteOrderMark } from './text-encoding.ts';
import { decodeText, readMark } from './text-encoding.ts';

/** Lines count from 1; both ends are included. */
export type Lines =
  | { readonly kind: 'range'; readonly from: number; readonly to?: number }
  | { readonly kind: 'last'; readonly count: number };

export type Excerpt = {
  readonly text: string;
  /** How many lines, a cut one included. */
  readonly lineCount: number;
  /** Of the excerpt's first line. Absent at the end of a file that is too large to count its lines. */
  readonly firstLine?: number;
  /** Absent for such a file too. */
  readonly totalLines?: number;
  /** Where something that was asked for is left out, because it is more than `maxBytes`. */
  readonly cut?: 'beginning' | 'end';
  /** Not even one line fits, so that a part of it is shown. */
  readonly partOfLine: boolean;
};

type Reading = {
  readonly file: OpenedFile;
  readonly mark: ByteOrderMark | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

/** Tells text from other things. */
const sampleBytes = 8_000;
/** Lines of files up to this size are counted. */
const countedBytes = 16 * 1024 * 1024;
/** A line that begins farther on is not looked for. */
const searchedBytes = 256 * 1024 * 1024;

/**
 * Some lines of a text file, at most `maxBytes` of it; memory goes with that, and time with how far on they begin.
 * Rejects with FileError: `binary` for what is no text, `too_far`.
 */
export async function readExcerpt(
  file: OpenedFile,
  lines: Lines,
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Excerpt> {
  const mark = readMark(await file.read(0, 2));
  const atLeast = Math.max(4, options.maxBytes);
  // Characters of UTF-16 have an even number of bytes.
  const maxBytes = mark === undefined ? atLeast : atLeast - (atLeast % 2);
  const reading = { ...options, file, mark, maxBytes };
  return lines.kind === 'last' ? await readLast(reading, lines.count) : await readRange(reading, lines);
}

async function readRange(
  reading: Reading,
  { from, to = Number.POSITIVE_INFINITY }: { readonly from: number; readonly to?: number },
): Promise<Excerpt> {
  const { file, maxBytes } = reading;
  // Before the way to the line: there is none in a binary file.
  if (from > 1) toText(reading, await file.read(0, sampleBytes));
  const start = await findLine(reading, from);
  const totalLines = await countLines(reading);
  const isRest = start + maxBytes >= file.size;
  const count = to - from + 1;
  const wanted = splitLines(toText(reading, await file.read(start, maxBytes))).slice(0, count);
  const isWhole = isRest || wanted.at(-1)?.endsWith('\n') === true;
  const isComplete = isRest || (isWhole && wanted.length === count);
  const kept = isWhole || wanted.length === 1 ? wanted : wanted.slice(0, -1);
  return {
    text: kept.join(''),
    lineCount: kept.length,
    firstLine: from,
    ...(totalLines !== undefined && { totalLines }),
    ...(!isComplete && { cut: 'end' }),
    partOfLine: !isWhole && wanted.length === 1,
  };
}

async function readLast(reading: Reading, count: number): Promise<Excerpt> {
  const { file, mark, maxBytes } = reading;
  const start = Math.max(0, file.size - (file.size % 2) - maxBytes);
  const bytes = await file.read(start, file.size - start);
  const begin = findLastLines(bytes, count, mark);
  // Not enough lines: the first one is whole only where the reading began with the file.
  const isWhole = begin !== undefined || start === 0;
  const found = splitLines(toText(reading, bytes.subarray(begin ?? 0)));
  const kept = isWhole || found.length === 1 ? found : found.slice(1);
  const totalLines = await countLines(reading);
  return {
    text: kept.join(''),
    lineCount: kept.length,
    ...(totalLines !== undefined && { totalLines, firstLine: totalLines - kept.length + 1 }),
    ...(!isWhole && { cut: 'beginning' }),
    partOfLine: !isWhole && found.length === 1,
  };
}

/** Where a line begins. */
async function findLine({ file, mark, signal }: Reading, line: number): Promise<number> {
  const end = Math.min(file.size, searchedBytes);
  const { skipped, position } = await skipLines(file, { count: line - 1, end, mark, signal });
  if (skipped < line - 1 && end < file.size) {
    throw new FileError('too_far', filesTexts.tooFar(file.shownPath, line, searchedBytes));
  }
  const isThere = skipped === line - 1 && (line === 1 || position < file.size);
  const total = skipped + (position < file.size ? 1 : 0);
  if (!isThere) throw new FileError('too_far', filesTexts.noSuchLine(file.shownPath, line, total));
  return position;
}

async function countLines({ file, mark, signal }: Reading): Promise<number | undefined> {
  if (file.size > countedBytes) return undefined;
  const count = Number.POSITIVE_INFINITY;
  const { skipped, position } = await skipLines(file, { count, end: file.size, mark, signal });
  return skipped + (position < file.size ? 1 : 0);
}

function toText({ file, mark }: Reading, bytes: Buffer): string {
  const text = decodeText(bytes, mark);
  if (text === undefined) throw new FileError('binary', filesTexts.binary(file.shownPath, file.size));
  return toPlainText(text);
}

/** Each with its line break. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
