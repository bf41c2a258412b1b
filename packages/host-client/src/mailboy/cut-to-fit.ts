import { cutMiddle } from '../texts/cut.ts';

/** `text` in at most `maxChars` characters: of a longer one the middle is left out, and the size of the gap said there. */
export function cutToFit(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const gap = (missing: number) => `\n[… ${missing} of ${text.length} characters left out …]\n`;
  return cutMiddle(text, Math.max(0, maxChars - gap(text.length).length), gap);
}
