import { cutMiddle } from '../texts/cut.ts';
import type { TaskOutput } from './task.ts';

/**
 * The output in at most `maxChars` characters of its own: the beginning and the end of a longer one, and between them
 * what `gap` says of the number of characters that are missing.
 */
export function excerpt(output: TaskOutput, maxChars: number, gap: (missing: number) => string): string {
  return cutMiddle(output.text, maxChars, (missing) => `\n${gap(missing + output.leftOut)}\n`);
}
