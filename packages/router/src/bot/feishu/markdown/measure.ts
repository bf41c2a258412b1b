const newline = 0x0a;
const tab = 0x09;
const space = 0x20;

/** The bytes that a text takes as it travels: a JSON string inside a JSON string, where a line end takes three. */
export function travelBytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) bytes += unitBytes(text.charCodeAt(index));
  return bytes;
}

/** What one UTF-16 unit takes. A pair counts with its first unit, so no cut parts it. */
function unitBytes(unit: number): number {
  if (unit === newline || unit === tab) return 3;
  if (unit === 0x22 || unit === 0x5c) return 4;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit >= 0xd800 && unit < 0xdc00) return 4;
  return unit >= 0xdc00 && unit < 0xe000 ? 0 : 3;
}

/**
 * Where the piece that begins at `start` ends, if it may take `maxBytes`: behind a paragraph, a line or a word if one
 * ends in its second half, else between two characters as a reader sees them.
 */
export function endOfPiece(text: string, start: number, maxBytes: number): number {
  let bytes = 0;
  const ends = { paragraph: 0, line: 0, word: 0 };
  for (let index = start; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes += unitBytes(unit);
    if (bytes > maxBytes) {
      const half = start + (index - start) / 2;
      return [ends.paragraph, ends.line, ends.word].find((end) => end > half) ?? endOfCharacter(text, start, index);
    }
    if (unit === newline) {
      if (text.charCodeAt(index - 1) === newline) ends.paragraph = index + 1;
      ends.line = index + 1;
    } else if (unit === space) ends.word = index + 1;
  }
  return text.length;
}

/** An emoji of a family is long, and a letter with many accents; what is longer is torn between its parts. */
const CHARACTER_CHARS = 100;

/** The last place up to `end` where a character as a reader sees it ends; behind `start`, so that a piece is never empty. */
function endOfCharacter(text: string, start: number, end: number): number {
  const from = Math.max(start, end - CHARACTER_CHARS);
  const window = text.slice(from, end + CHARACTER_CHARS);
  const character = new Intl.Segmenter().segment(window).containing(end - from);
  const begin = from + (character?.index ?? 0);
  if (begin > from) return begin;
  return Math.max(end, start + 1);
}
