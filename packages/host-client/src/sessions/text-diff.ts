import { structuredPatch } from 'diff';

/** A diff that takes longer is not worth waiting for: everything else on this machine waits too. */
const maxDiffMs = 5;

/** What all diffs of one text may take together, from now on. */
export function diffDeadline(): number {
  return performance.now() + maxDiffMs;
}

/** Beyond these, reading the lines alone takes too long. */
const maxDiffChars = 200_000;
const maxDiffLines = 10_000;

/**
 * What becomes of `before`, in lines that begin with " ", "-" or "+". `contextLines` stand around each change; absent:
 * all of them. Undefined where the two are too long or too different to compare before the `deadline`.
 */
export function textDiff(
  before: string,
  after: string,
  { contextLines, deadline = diffDeadline() }: { readonly contextLines?: number; readonly deadline?: number } = {},
): string | undefined {
  if (before === '' || after === '') return wholeReplaced(before, after);
  const timeout = deadline - performance.now();
  if (timeout <= 0 || isTooLong(before + after)) return undefined;
  // Where neither text ends its last line, that is no difference to talk about.
  const end = before.endsWith('\n') || after.endsWith('\n') ? '' : '\n';
  const context = contextLines ?? Number.MAX_SAFE_INTEGER;
  const limits = { context, timeout };
  const patch = structuredPatch('', '', before + end, after + end, undefined, undefined, limits);
  return patch?.hunks
    .flatMap(({ oldStart, oldLines, newStart, newLines, lines }) =>
      contextLines === undefined ? lines : [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...lines],
    )
    .join('\n');
}

/** The same, without looking at the lines: all of `before` goes, and all of `after` comes. */
export function wholeReplaced(before: string, after: string): string {
  return [marked('-', before), marked('+', after)].filter((lines) => lines !== '').join('\n');
}

function marked(sign: '-' | '+', text: string): string {
  return text === '' ? '' : sign + text.replace(/\n$/, '').replaceAll('\n', `\n${sign}`);
}

function isTooLong(text: string): boolean {
  if (text.length > maxDiffChars) return true;
  let lines = 0;
  for (let end = text.indexOf('\n'); end >= 0 && lines <= maxDiffLines; end = text.indexOf('\n', end + 1)) lines += 1;
  return lines > maxDiffLines;
}
