/** What is read of a little Markdown when nothing renders it: for a notification, a file's name, a column of text. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^[\]\n]{0,500})\]\([^()\s]{0,2000}\)/g, '$1')
    .replace(/<br[ \t]*\/?>/gi, ' ')
    .replace(/\*\*|~~|`+/g, '')
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, '$1')
    .trim();
}

/** Where a line that says something is looked for. */
const LOOKED_AT_CHARS = 2000;

/** The first line that says something, of at most `maxChars` characters, without marks; perhaps empty. */
export function plainLine(markdown: string, maxChars: number): string {
  const lines = markdown.slice(0, LOOKED_AT_CHARS).toWellFormed().split('\n');
  const line = lines.map(toPlain).find((plain) => plain !== '') ?? '';
  return line.length <= maxChars
    ? line
    : `${line
        .slice(0, maxChars - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
}

function toPlain(line: string): string {
  if (/^[\s>]*(?:`{3,}|~{3,})/.test(line) || /^[-*_=|:\s]*$/.test(line)) return '';
  const content = line.replace(/^[\s>]*(?:#{1,6}[ \t]+|(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?/, '');
  return plainText(content.replace(/^\|/, '').replace(/\|\s*$/, ''));
}
