import { plainLine } from './markdown/plain-text.ts';

const MAX_NAME_CHARS = 40;

/** The first words of a Markdown text as the name of its file: letters, digits, `-` and `_` of any script, so safe on any disk. */
export function toFileName(markdown: string): string {
  const words = plainLine(markdown, 200).replace(/[^\p{L}\p{M}\p{N}_-]+/gu, ' ');
  const name = shortened(words)
    .replaceAll(' ', '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  // Windows knows devices by these names, whatever stands behind the dot.
  const isName = name !== '' && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(name);
  return `${isName ? name : 'answer'}.md`;
}

/** At most so many characters, and whole words if there are some. */
function shortened(words: string): string {
  const trimmed = words.trim();
  if (trimmed.length <= MAX_NAME_CHARS) return trimmed;
  const start = trimmed.slice(0, MAX_NAME_CHARS + 1);
  const end = start.lastIndexOf(' ');
  return end > MAX_NAME_CHARS / 2
    ? start.slice(0, end)
    : start.slice(0, MAX_NAME_CHARS).replace(/[\ud800-\udbff]$/, '');
}
