/** The first `maxChars` characters, less one where that would split a surrogate pair. */
export function headOf(text: string, maxChars: number): string {
  const end = Math.max(0, maxChars);
  return text.slice(0, splitsPair(text, end) ? end - 1 : end);
}

/** The last `maxChars` characters, less one where that would split a surrogate pair. */
export function tailOf(text: string, maxChars: number): string {
  const start = Math.max(0, text.length - Math.max(0, maxChars));
  return text.slice(splitsPair(text, start) ? start + 1 : start);
}

/** `text`, or its beginning and `…`: at most `maxChars` characters. */
export function shorten(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${headOf(text, maxChars - 1).trimEnd()}…`;
}

/** The first line that says something, of at most `maxChars` characters. */
export function firstLine(text: string, maxChars: number): string {
  const [line = ''] = text.trim().split('\n', 1);
  return shorten(line.trimEnd(), maxChars);
}

/**
 * The beginning and the end of a text that is longer than `maxChars`, and between them what `gap` says of the number of
 * characters that are missing; its words are not counted.
 */
export function cutMiddle(text: string, maxChars: number, gap: (missing: number) => string): string {
  if (text.length <= maxChars) return text;
  const head = headOf(text, Math.ceil(maxChars / 2));
  const tail = tailOf(text, Math.floor(maxChars / 2));
  return `${head}${gap(text.length - head.length - tail.length)}${tail}`;
}

function splitsPair(text: string, index: number): boolean {
  return isHighSurrogate(text.charCodeAt(index - 1)) && isLowSurrogate(text.charCodeAt(index));
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
