import { visible } from './visible.ts';

/** A block that shows all of `text`, with a mark where something could not be seen. For what a person is asked about. */
export function codeBlock(text: string, language = ''): string {
  return fenced(visible(text), language);
}

/** The same within a line. */
export function codeSpan(text: string): string {
  const shown = visible(text).replaceAll('\n', '[U+000A]').replaceAll('\t', '[U+0009]');
  const fence = '`'.repeat(longest(shown.match(/`+/g)) + 1);
  const pad = shown === '' || /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** A block of what a program wrote, as it is: marks would tear its tables and its emoji apart. */
export function outputBlock(text: string): string {
  return fenced(text, '');
}

/** Someone else's words, each line marked as such. */
export function quote(text: string): string {
  return text.replaceAll(/^/gm, '> ');
}

/** The fence is longer than any in the text, so that nothing in it can end it. */
function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longest(text.match(/`{3,}/g)) + 1));
  return `${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

function longest(runs: readonly string[] | null): number {
  return (runs ?? []).reduce((length, run) => Math.max(length, run.length), 0);
}
