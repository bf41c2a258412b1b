/**
 * The end of a Markdown text: at most `maxLength` UTF-16 units of it, from the beginning of a line where there is one, and
 * with the code block in which it begins opened again. As the text grows it is cut in steps, so that what is shown grows
 * for a while too, and does not move with each word.
 */
export function lastPart(markdown: string, maxLength: number): string {
  if (markdown.length <= maxLength) return markdown;
  const step = Math.ceil(maxLength / 4);
  const from = Math.ceil((markdown.length - maxLength) / step) * step;
  const start = startOfPart(markdown, from, step);
  const fence = openFence(markdown, start);
  return `…\n\n${fence === undefined ? '' : `${fence}\n`}${markdown.slice(start)}`;
}

function startOfPart(markdown: string, from: number, step: number): number {
  const lineEnd = markdown.indexOf('\n', from - 1);
  const isNear = lineEnd !== -1 && lineEnd - from < step / 2 && markdown.slice(lineEnd).trim() !== '';
  if (isNear) return lineEnd + 1;
  const unit = markdown.charCodeAt(from);
  const isLowSurrogate = unit >= 0xdc00 && unit < 0xe000;
  return isLowSurrogate ? from + 1 : from;
}

/** No code block that is longer is worth the time that it takes to find its beginning. */
const MAX_CODE_CHARS = 100_000;

/** The line that opened the code block in which `end` lies. Makes no strings on its way: the text may be long. */
function openFence(markdown: string, end: number): string | undefined {
  let open: Fence | undefined;
  const from = end <= MAX_CODE_CHARS ? 0 : lineEndFrom(markdown, end - MAX_CODE_CHARS) + 1;
  for (let start = from; start < end; start = lineEndFrom(markdown, start) + 1) {
    const fence = fenceAt(markdown, start);
    if (fence === undefined) continue;
    if (open === undefined) open = fence;
    else if (fence.mark === open.mark && fence.length >= open.length && fence.isBare) open = undefined;
  }
  // No language is longer, and a line may be.
  return open && markdown.slice(open.start, Math.min(lineEndFrom(markdown, open.start), open.start + 100));
}

type Fence = {
  readonly start: number;
  readonly mark: number;
  readonly length: number;
  /** Nothing stands behind it. */
  readonly isBare: boolean;
};

const newline = 0x0a;
const blank = 0x20;
const fenceMarks: readonly number[] = [0x60, 0x7e];

/** The fence that the line at `start` is. */
function fenceAt(markdown: string, start: number): Fence | undefined {
  let at = start;
  while (at - start < 3 && markdown.charCodeAt(at) === blank) at += 1;
  const mark = markdown.charCodeAt(at);
  if (!fenceMarks.includes(mark)) return undefined;
  const first = at;
  while (markdown.charCodeAt(at) === mark) at += 1;
  const length = at - first;
  if (length < 3) return undefined;
  while (markdown.charCodeAt(at) === blank) at += 1;
  return { start, mark, length, isBare: at >= markdown.length || markdown.charCodeAt(at) === newline };
}

function lineEndFrom(markdown: string, start: number): number {
  let at = start;
  while (at < markdown.length && markdown.charCodeAt(at) !== newline) at += 1;
  return at;
}
