import { headOf, shorten } from './cut.ts';

/**
 * What a reader does not see, or sees as something else: control and format characters (direction, zero width, joiners),
 * private ones, halves of pairs, separators of lines, blanks that are no space.
 */
const hidden =
  /(?:[^\P{Cc}\n\t]|[\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Zs} \u3000])+/gu;

/** Far longer than any indentation: what stands behind it would be out of sight on a phone. */
const longBlank = /(?<![ \t\n])[ \t\n]{121,}/g;

/** In characters of a run: more are counted instead of named one by one. */
const maxNamed = 64;

/** `text` such that all of it can be seen: `[U+200B]` for a character that could not. For commands, paths and file contents. */
export function visible(text: string): string {
  return text.replace(longBlank, markOfBlank).replace(hidden, mark);
}

/** The same for sentences, where emoji are made of joined characters and blanks that don't break are good manners. */
export function visibleProse(text: string): string {
  return text.replace(hidden, (run: string, offset: number, whole: string) =>
    /^\p{Zs}+$/u.test(run) || joinsEmoji(run, offset, whole) ? run : mark(run),
  );
}

/** The same as `visibleProse`, on one line of at most `maxChars` characters. */
export function visibleLine(text: string, maxChars = 60): string {
  // A line is short: what lies far behind its end needs no look.
  const start = headOf(text, maxChars * 4);
  const line = visibleProse(start.replaceAll(/[\s\u2028\u2029]+/g, ' ').trim());
  return start.length === text.length ? shorten(line, maxChars) : `${headOf(line, maxChars - 1).trimEnd()}…`;
}

function mark(run: string): string {
  const [first = ''] = run;
  if (run === first) return `[${nameOf(first)}]`;
  if (run === first.repeat(run.length / first.length)) return `[${nameOf(first)} × ${run.length / first.length}]`;
  if (run.length > maxNamed) return `[${run.length} characters that can't be seen]`;
  return Array.from(run, (character) => `[${nameOf(character)}]`).join('');
}

function nameOf(character: string): string {
  if (character === '\r') return String.raw`\r`;
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function markOfBlank(run: string): string {
  const lines = run.split('\n').length - 1;
  const spaces = run.length - lines;
  // Its line ends are in the mark, but what stands behind them still begins on a line of its own.
  return lines === 0 ? ` [${spaces} spaces] ` : `\n[${lines} line ends, ${spaces} spaces]\n`;
}

function joinsEmoji(run: string, offset: number, whole: string): boolean {
  if (!/^(?:\uFE0F|\uFE0F?\u200D)$/.test(run)) return false;
  const before = whole.slice(Math.max(0, offset - 2), offset);
  const after = whole.slice(offset + run.length, offset + run.length + 2);
  return (
    /[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u.test(before) &&
    (run === '\uFE0F' || /^\p{Extended_Pictographic}/u.test(after))
  );
}
