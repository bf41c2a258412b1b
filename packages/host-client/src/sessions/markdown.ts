import { visible } from './visible.ts';

/** A block that shows `text` as it is: its fence is longer than any in the text, so that nothing in it can end it. */
export function codeBlock(text: string, language = ''): string {
  const fence = '`'.repeat(Math.max(3, longest(text.match(/`{3,}/g)) + 1));
  const shown = visible(text);
  return `${fence}${language}\n${shown}${shown.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** The same within a line. */
export function codeSpan(text: string): string {
  const shown = visible(text).replaceAll('\n', '[U+000A]').replaceAll('\t', '[U+0009]');
  const fence = '`'.repeat(longest(shown.match(/`+/g)) + 1);
  const pad = shown === '' || /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Someone else's words, each line marked as such. */
export function quote(text: string): string {
  return text.replaceAll(/^/gm, '> ');
}

function longest(runs: readonly string[] | null): number {
  return (runs ?? []).reduce((length, run) => Math.max(length, run.length), 0);
}
