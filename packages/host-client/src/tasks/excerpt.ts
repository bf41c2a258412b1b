import type { TaskOutput } from './task.ts';

/**
 * The output in at most `maxChars` characters of its own: the beginning and the end of a longer one, and between them
 * what `gap` says of the number of characters that are missing.
 */
export function excerpt(output: TaskOutput, maxChars: number, gap: (missing: number) => string): string {
  const { text, leftOut } = output;
  if (text.length <= maxChars) return text;
  // Neither half ends in the middle of a surrogate pair.
  const head = text.slice(0, Math.ceil(maxChars / 2)).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(text.length - Math.floor(maxChars / 2)).replace(/^[\udc00-\udfff]/, '');
  return `${head}\n${gap(text.length - head.length - tail.length + leftOut)}\n${tail}`;
}
