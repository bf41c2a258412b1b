import { rowCells, splitCodeSpans, splitFences, startsTable } from '../markdown-lines.ts';

/** Text as HTML that shows just that. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Feishu's Markdown as HTML, roughly as its app draws it. */
export function markdownToHtml(markdown: string): string {
  return splitFences(markdown)
    .map((passage) => {
      if (passage.kind === 'prose') return proseToHtml(passage.lines);
      const label = passage.language === '' ? '' : `<div class="language">${escapeHtml(passage.language)}</div>`;
      return `<div class="code">${label}<pre>${escapeHtml(passage.lines.join('\n'))}</pre></div>`;
    })
    .join('');
}

function proseToHtml(lines: readonly string[]): string {
  const html: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) html.push(`<p>${paragraph.map(inlineToHtml).join('<br>')}</p>`);
    paragraph = [];
  };
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const table = startsTable(line, lines[index + 1]) ? tableAt(lines, index) : undefined;
    const block = table?.html ?? blockOf(line);
    if (block === undefined) {
      paragraph.push(line);
      continue;
    }
    endParagraph();
    html.push(block);
    if (table !== undefined) index = table.end - 1;
  }
  endParagraph();
  return html.join('');
}

/** A line that is a block of its own; undefined for one of a paragraph. */
function blockOf(line: string): string | undefined {
  const trimmed = line.trim();
  if (trimmed === '') return '';
  if (/^(?:-{3,}|\*{3,}|_{3,})$/.test(trimmed)) return '<hr>';
  const [, marks, title] = /^(#{1,6})\s+(.*)$/.exec(trimmed) ?? [];
  if (marks !== undefined) return `<h${marks.length}>${inlineToHtml(title ?? '')}</h${marks.length}>`;
  const [, quoted] = /^>\s?(.*)$/.exec(trimmed) ?? [];
  if (quoted !== undefined) return `<blockquote>${inlineToHtml(quoted)}</blockquote>`;
  const [, marker, item] = /^([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(trimmed) ?? [];
  if (marker === undefined) return undefined;
  const depth = Math.floor((line.length - line.trimStart().length) / 2);
  const bullet = /\d/.test(marker) ? marker : '•';
  const indent = `style="margin-left:${depth * 16}px"`;
  return `<div class="item" ${indent}><span class="bullet">${bullet}</span><span>${inlineToHtml(item ?? '')}</span></div>`;
}

function tableAt(lines: readonly string[], start: number): { readonly html: string; readonly end: number } {
  let end = start + 2;
  while (lines[end]?.includes('|') === true) end += 1;
  const row = (line: string, tag: 'td' | 'th') =>
    `<tr>${rowCells(line)
      .map((cell) => `<${tag}>${inlineToHtml(cell.replaceAll('\\|', '|'))}</${tag}>`)
      .join('')}</tr>`;
  const body = lines.slice(start + 2, end).map((line) => row(line, 'td'));
  return { html: `<table>${row(lines[start] ?? '', 'th')}${body.join('')}</table>`, end };
}

/** A line with its code, links and emphasis. */
export function inlineToHtml(text: string): string {
  return splitCodeSpans(text)
    .map((span) => (span.isCode ? `<code>${escapeHtml(span.text)}</code>` : emphasisToHtml(span.text)))
    .join('');
}

function emphasisToHtml(text: string): string {
  return escapeProse(text)
    .replace(/!?\[([^\]]{1,500})\]\(((?:https?:|mailto:)[^)\s]{1,1000})\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]{1,2000})\*\*/g, '<b>$1</b>')
    .replace(/\*([^*\s][^*]{0,2000})\*/g, '<i>$1</i>')
    .replace(/~~([^~]{1,2000})~~/g, '<s>$1</s>')
    .replace(/&lt;font color=(?:&quot;|')(\w{1,20})(?:&quot;|')&gt;(.{0,2000}?)&lt;\/font&gt;/g, colored)
    .replace(/&lt;at id=(?:&quot;)?(\w{1,100})(?:&quot;)?&gt;&lt;\/at&gt;/g, '<span class="mention">@$1</span>');
}

/** The entities in it stand for their characters, and a backslash keeps a mark from being one. */
function escapeProse(text: string): string {
  return text
    .replace(/\\([!-/:-@[-`{-~])/g, (_, mark: string) => `&#${mark.charCodeAt(0)};`)
    .replace(/&(?!#\d{1,7};|(?:lt|gt|amp|quot|nbsp);)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const colors = new Set(['grey', 'red', 'green', 'blue', 'orange', 'purple']);

function colored(whole: string, color: string, text: string): string {
  return colors.has(color) ? `<span style="color:var(--${color})">${text}</span>` : whole;
}
