/** What lies between fences, or inside one. */
export type Passage =
  | { readonly kind: 'prose'; readonly lines: readonly string[] }
  | { readonly kind: 'code'; readonly language: string; readonly lines: readonly string[] };

/** A Markdown text cut at its fences. One that is not closed reaches to the end. */
export function splitFences(markdown: string): readonly Passage[] {
  const passages: Passage[] = [];
  let lines: string[] = [];
  let open: { readonly fence: string; readonly language: string } | undefined;
  const finish = () => {
    if (open !== undefined) passages.push({ kind: 'code', language: open.language, lines });
    else if (lines.length > 0) passages.push({ kind: 'prose', lines });
    lines = [];
  };
  for (const line of markdown.split(/\r?\n/)) {
    const [, fence, info] = /^(`{3,}|~{3,})([^`]*)$/.exec(withoutIndent(line)) ?? [];
    if (open === undefined && fence !== undefined) {
      finish();
      open = { fence, language: info?.trim() ?? '' };
    } else if (open !== undefined && fence?.startsWith(open.fence) && info?.trim() === '') {
      finish();
      open = undefined;
    } else lines.push(line);
  }
  finish();
  return passages;
}

/** Without what makes it part of a quote or of a list. */
function withoutIndent(line: string): string {
  return line
    .trimStart()
    .replace(/^(?:>\s?)+/, '')
    .trimStart();
}

/** Whether a table begins with these two lines. */
export function startsTable(header: string, delimiter: string | undefined): boolean {
  if (delimiter === undefined || !header.includes('|') || !delimiter.includes('|')) return false;
  const cells = rowCells(delimiter);
  return cells.length === rowCells(header).length && cells.every((cell) => /^:?-+:?$/.test(cell));
}

/** The cells of a line of a table, each without the spaces around it. */
export function rowCells(line: string): readonly string[] {
  const cells = withoutIndent(line)
    .trimEnd()
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
  if (cells[0] === '') cells.shift();
  if (cells.at(-1) === '') cells.pop();
  return cells;
}

export function countTables(markdown: string): number {
  let count = 0;
  for (const passage of splitFences(markdown)) {
    if (passage.kind === 'code') continue;
    for (const [index, line] of passage.lines.entries()) {
      if (startsTable(line, passage.lines[index + 1])) count += 1;
    }
  }
  return count;
}

/** A line cut at its inline code. */
export function splitCodeSpans(text: string): readonly { readonly isCode: boolean; readonly text: string }[] {
  const spans: { isCode: boolean; text: string }[] = [];
  // Every second piece is a run of backticks, and ends where the next run of that length stands.
  const pieces = text.split(/(`+)/);
  let plain = '';
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index] ?? '';
    const end = index % 2 === 1 ? pieces.indexOf(piece, index + 1) : -1;
    if (end === -1) {
      plain += piece;
      continue;
    }
    if (plain !== '') spans.push({ isCode: false, text: plain });
    plain = '';
    spans.push({ isCode: true, text: pieces.slice(index + 1, end).join('') });
    index = end;
  }
  if (plain !== '') spans.push({ isCode: false, text: plain });
  return spans;
}

/** What the images of a Markdown text point at; not those that stand in code. */
export function imageTargets(markdown: string): readonly string[] {
  const prose = splitFences(markdown).flatMap((passage) => (passage.kind === 'prose' ? passage.lines : []));
  return splitCodeSpans(prose.join('\n'))
    .filter((span) => !span.isCode)
    .flatMap(({ text }) => [...text.matchAll(/!\[[^\]]{0,300}\]\(\s{0,8}([^)\s]{0,500})/g)])
    .map(([, target]) => target ?? '');
}
