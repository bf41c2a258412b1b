import { breakMentions } from '../neutralise.ts';
import type { Block, CodeBlock, TextBlock } from './blocks.ts';
import { escapeInline } from './inline.ts';
import { writeTable } from './table.ts';
import { isDelimiter } from './table-lines.ts';

/** What shows the Markdown: a card, or a `post`, of which it is not known whether it reads `&#60;`. */
export type Format = 'card' | 'post';

/** What stands for a `<` that could begin a tag. */
const lessThan = { card: '&#60;', post: '＜' } as const;

/** Feishu takes four columns for a step inwards. */
const INDENT = '    ';

/** Longer fences are broken in the code itself, so that its own need not be longer. */
const MAX_FENCE = 8;

/** A block as Markdown for Feishu. `baseLevel` is the level that stands at the margin. */
export function writeBlock(block: Block, format: Format, baseLevel = 0): string {
  switch (block.kind) {
    case 'text':
      return writeText(block, format, baseLevel);
    case 'code':
      return writeCode(block);
    case 'table':
      return writeTable(block, (cell) => escapeInline(cell, lessThan[format]));
  }
}

/** Of all the lines of a list, the level that stands at the margin, where `above` stood there in the block before. */
export function baseLevelOf(block: Block, above: number | undefined): number | undefined {
  if (block.kind !== 'text' || block.level === undefined) return undefined;
  return Math.min(block.level, above ?? block.level);
}

function writeText({ text, level = 0, isItem }: TextBlock, format: Format, baseLevel: number): string {
  const escaped = escapeInline(isItem ? withCheckBox(text) : text, lessThan[format]);
  const indent = INDENT.repeat(Math.max(0, level - baseLevel));
  const hanging = isItem ? `${indent}${INDENT}` : indent;
  const [first = '', ...others] = escaped.split('\n').map(withoutTable);
  return [`${indent}${first}`, ...others.map((line) => `${hanging}${line}`)].join('\n');
}

function withCheckBox(item: string): string {
  return item.replace(/^(\S+[ \t]+)\[([ xX])\](?=\s)/, (_, marker: string, mark: string) => {
    return `${marker}${mark === ' ' ? '☐' : '☑'}`;
  });
}

/** Whatever made it no table for us is nothing to rely on. */
function withoutTable(line: string): string {
  return isDelimiter(line) ? line.replace('|', '\\|') : line;
}

function writeCode({ code, language, isOpen }: CodeBlock): string {
  const body = breakMentions(code).replace(/^([ \t>]*)`(?=`{7})/gm, '$1｀');
  const longest =
    body.match(/^[ \t>]*`{3,}/gm)?.reduce((most, run) => Math.max(most, run.replace(/[^`]/g, '').length), 2) ?? 2;
  const fence = '`'.repeat(Math.min(longest + 1, MAX_FENCE));
  return `${fence}${language}\n${body}${isOpen ? '' : `\n${fence}`}`;
}
