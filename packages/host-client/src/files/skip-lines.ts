import type { OpenedFile } from './opened-file.ts';
import type { ByteOrderMark } from './text-encoding.ts';

const chunkBytes = 256 * 1024;

/**
 * Reads past `count` line breaks from the file's beginning, or up to `end` where there are fewer: how many there were,
 * and where the last one ends. Needs the same little memory whatever the file's size.
 */
export async function skipLines(
  file: OpenedFile,
  request: {
    readonly count: number;
    readonly end: number;
    readonly mark: ByteOrderMark | undefined;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly skipped: number; readonly position: number }> {
  const { count, end, mark, signal } = request;
  const buffer = Buffer.alloc(Math.min(chunkBytes, end));
  let skipped = 0;
  let position = 0;
  for (let start = 0; start < end && skipped < count; ) {
    signal.throwIfAborted();
    const chunk = await file.readInto(buffer.subarray(0, end - start), start);
    if (chunk.length === 0) break;
    const found = findBreaks(chunk, count - skipped, mark);
    skipped += found.breaks;
    if (found.breaks > 0) position = start + found.end;
    start += chunk.length;
  }
  return { skipped, position };
}

/** Where the last `count` lines begin; undefined where there are not so many, so that the first may have no beginning. */
export function findLastLines(bytes: Buffer, count: number, mark: ByteOrderMark | undefined): number | undefined {
  const width = widthOf(mark);
  let breaks = 0;
  // From before the break that ends the last line.
  for (let index = bytes.length - (bytes.length % width) - 2 * width; index >= 0; index -= width) {
    if (isBreak(bytes, index, mark)) breaks += 1;
    if (breaks === count) return index + width;
  }
  return undefined;
}

/** Up to `count` line breaks; `end` is behind the last one. */
function findBreaks(chunk: Buffer, count: number, mark: ByteOrderMark | undefined): { breaks: number; end: number } {
  const width = widthOf(mark);
  // Most bytes are not it, and there are many: this look is cheap.
  const first = mark === 'utf-16be' ? 0 : 10;
  let breaks = 0;
  let end = 0;
  for (let index = 0; index < chunk.length && breaks < count; index += width) {
    if (chunk[index] !== first || !isBreak(chunk, index, mark)) continue;
    breaks += 1;
    end = index + width;
  }
  return { breaks, end };
}

function widthOf(mark: ByteOrderMark | undefined): number {
  return mark === undefined ? 1 : 2;
}

function isBreak(chunk: Buffer, index: number, mark: ByteOrderMark | undefined): boolean {
  switch (mark) {
    case undefined:
      return chunk[index] === 10;
    case 'utf-16le':
      return chunk[index] === 10 && chunk[index + 1] === 0;
    case 'utf-16be':
      return chunk[index] === 0 && chunk[index + 1] === 10;
  }
}
