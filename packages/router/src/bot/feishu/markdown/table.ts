import type { Alignment, Block, CodeBlock, TableBlock } from './blocks.ts';
import { plainText } from './plain-text.ts';

/** What a phone shows without scrolling in a block of code, in columns of half a Chinese character. */
const PHONE_COLUMNS = 42;

/** More columns are a few letters wide each on a phone. */
const MAX_COLUMNS = 10;

/** Feishu shows five rows at a time, and the others behind an arrow. */
const MAX_ROWS = 50;

/** As text, a table says its header again after so many rows. */
const ROWS_A_BLOCK = 30;

/** Whether nobody could read it as a table on a phone. */
export function isUnwieldy({ header, rows }: TableBlock): boolean {
  return header.length > MAX_COLUMNS || rows.length > MAX_ROWS;
}

/** A table as Markdown; its cells pass through `write`. */
export function writeTable({ header, alignments, rows }: TableBlock, write: (cell: string) => string): string {
  const marks = { left: '---', center: ':---:', right: '---:' } as const;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(header.map(write)),
    line(alignments.map((alignment) => marks[alignment])),
    ...rows.map((row) => line(row.map(write))),
  ].join('\n');
}

/** A table without a table: columns in blocks of code where they fit on a phone, else a paragraph for each row. */
export function spellOut(table: TableBlock): readonly Block[] {
  const columns = toColumns(table);
  if (columns !== undefined) return columns;
  return table.rows.map((row) => ({ kind: 'text', gap: 2, text: spellOutRow(table.header, row) }));
}

function spellOutRow(header: readonly string[], row: readonly string[]): string {
  const [title = '', ...others] = header.map((name, index) => {
    const cell = row[index] ?? '';
    return [name, cell]
      .filter((each) => each !== '')
      .join(': ')
      .replaceAll('\\|', '|');
  });
  const lines = others.filter((_, index) => row[index + 1] !== '').map((line) => `- ${line}`);
  const isBold = title !== '' && !/[*_`[\]]/.test(title);
  return [isBold ? `**${title}**` : title || '–', ...lines].join('\n');
}

function toColumns({ header, alignments, rows }: TableBlock): readonly CodeBlock[] | undefined {
  // In a block of code nobody can press a link.
  if (rows.some((row) => row.some((cell) => cell.includes('](')))) return undefined;
  const table = [header, ...rows].map((row) => row.map((cell) => plainText(cell.replaceAll('\\|', '|'))));
  const widths = header.map((_, column) => table.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), 1));
  const total = widths.reduce((sum, width) => sum + width + 2, -2);
  if (total > PHONE_COLUMNS) return undefined;
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, alignments[column] ?? 'left'))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = table;
  const top = [line(head), widths.map((width) => '-'.repeat(width)).join('  ')];
  const blocks: CodeBlock[] = [];
  for (let at = 0; at === 0 || at < body.length; at += ROWS_A_BLOCK) {
    const code = [...top, ...body.slice(at, at + ROWS_A_BLOCK).map(line)].join('\n');
    blocks.push({ kind: 'code', gap: 2, language: '', code });
  }
  return blocks;
}

function pad(cell: string, width: number, alignment: Alignment): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return alignment === 'right' ? `${blanks}${cell}` : `${cell}${blanks}`;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const none = /[\p{M}\p{Cf}]/u;

/** In columns of a fixed-width font. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (none.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}
