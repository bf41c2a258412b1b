/** What a single line says of the structure of a Markdown text. Everything here takes time linear in the line. */

/** Deeper quotes are shown as if they were so deep. */
const MAX_QUOTE_DEPTH = 3;

export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/** The quotes that a line stands in, and what is quoted. */
export function stripQuotes(line: string): { readonly depth: number; readonly rest: string } {
  let depth = 0;
  let at = 0;
  for (;;) {
    let marker = at;
    while (line[marker] === ' ' && marker < at + 3) marker += 1;
    if (line[marker] !== '>') break;
    depth += 1;
    at = marker + (line[marker + 1] === ' ' ? 2 : 1);
  }
  return { depth: Math.min(depth, MAX_QUOTE_DEPTH), rest: line.slice(at) };
}

/** In columns; a tab goes to the next multiple of four. */
export function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === ' ') columns += 1;
    else if (character === '\t') columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** Without its first `columns` columns, as far as they are blank. */
export function dedent(line: string, columns: number): string {
  let at = 0;
  let column = 0;
  while (column < columns && (line[at] === ' ' || line[at] === '\t')) {
    column += line[at] === '\t' ? 4 - (column % 4) : 1;
    at += 1;
  }
  return line.slice(at);
}

export type Fence = { readonly mark: string; readonly language: string };

/** The beginning of a code block. */
export function readFence(content: string): Fence | undefined {
  const mark = /^(?:`{3,}|~{3,})/.exec(content)?.[0];
  if (mark === undefined) return undefined;
  const info = content.slice(mark.length).trim();
  // Backticks behind backticks are code in a line of text.
  if (mark.startsWith('`') && info.includes('`')) return undefined;
  return { mark, language: /^[\w+#.-]{1,30}/.exec(info)?.[0] ?? '' };
}

export function isEndOf({ mark }: Fence, line: string): boolean {
  const content = line.trim();
  return content.length >= mark.length && content === mark.charAt(0).repeat(content.length);
}

/** The marker of a list's item, and where its text begins. */
export function readItem(content: string): { readonly marker: string; readonly text: string } | undefined {
  const [whole, marker] = /^([-*+]|\d{1,9}[.)])(?:[ \t]+|$)/.exec(content) ?? [];
  return whole === undefined || marker === undefined ? undefined : { marker, text: content.slice(whole.length) };
}

export function isHeading(content: string): boolean {
  return /^#{1,6}(?:[ \t]|$)/.test(content);
}

/** `---`, `* * *` and the like. */
export function isRule(content: string): boolean {
  return /^([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(content);
}

/** A line that makes the paragraph above it a heading. */
export function isUnderline(content: string): boolean {
  return /^(?:-+|=+)[ \t]*$/.test(content);
}
