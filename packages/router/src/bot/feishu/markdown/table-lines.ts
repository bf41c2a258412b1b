import type { Alignment } from './blocks.ts';

/** A line of dashes with more columns than this is no table's. */
const MAX_DELIMITER_CHARS = 2000;

/** The cells of a row; a `|` in a cell stays `\|`. */
export function readCells(line: string): string[] {
  const row = line.trim();
  const cells: string[] = [];
  let start = row.startsWith('|') ? 1 : 0;
  for (let at = start; at < row.length; at += 1) {
    if (row[at] === '\\') at += 1;
    else if (row[at] === '|') {
      cells.push(row.slice(start, at).trim());
      start = at + 1;
    }
  }
  if (start < row.length) cells.push(row.slice(start).trim());
  return cells;
}

/** The line under a table's header, such as `| --- | :-: |`: undefined where the line is no such one. */
export function readAlignments(line: string): readonly Alignment[] | undefined {
  if (!isDelimiter(line)) return undefined;
  const cells = readCells(line);
  return cells.every((cell) => /^:?-+:?$/.test(cell)) ? cells.map(alignmentOf) : undefined;
}

/** Whether a reader of Markdown who takes things easy might see a table here. */
export function isDelimiter(line: string): boolean {
  return line.length <= MAX_DELIMITER_CHARS && line.includes('|') && line.includes('-') && /^[-:|\s]+$/.test(line);
}

function alignmentOf(cell: string): Alignment {
  if (!cell.endsWith(':')) return 'left';
  return cell.startsWith(':') ? 'center' : 'right';
}
