/** `text` with its middle left out, and the size of the gap said there, where it has more than `maxChars` characters. */
export function clipMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const room = Math.max(0, maxChars - gap(text.length, text.length).length);
  const head = text.slice(0, wholeAt(text, Math.ceil(room / 2)));
  const tail = text.slice(wholeAt(text, text.length - Math.floor(room / 2)));
  return `${head}${gap(text.length - head.length - tail.length, text.length)}${tail}`;
}

/** `text` on one line, of at most `maxChars` characters. */
export function clipLine(text: string, maxChars: number): string {
  // A line is short: what lies far behind its end needs no look.
  const line = text
    .slice(0, maxChars * 4)
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (line.length <= maxChars && text.length <= maxChars * 4) return line;
  const end = Math.min(line.length, maxChars - 1);
  return `${line.slice(0, wholeAt(line, end))}…`;
}

function gap(left: number, total: number): string {
  return `\n[… ${left} of ${total} characters left out …]\n`;
}

/** The place next to `index`, towards the start, that does not split a surrogate pair. */
function wholeAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return index > 0 && code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
