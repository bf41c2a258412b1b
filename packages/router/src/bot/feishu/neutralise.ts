/**
 * Text that shows what it contains: terminal escapes and reversals of direction become visible, and nothing in it can
 * mention anyone. The output of tools comes this way, and a file may contain whatever its author liked.
 */
export function neutralise(text: string): string {
  return breakMentions(showControls(text));
}

/** The first half: what can't be seen, or turns what is seen, becomes visible. Lines end with `\n`. */
export function showControls(text: string): string {
  const wellFormed = text.toWellFormed().replace(/\r\n|[\u2028\u2029]/g, '\n');
  return hidden.test(wellFormed) ? replaceHidden(wellFormed) : wellFormed;
}

/** The second half. Feishu reads `<at user_id="all">` in a text as a mention, and knows no way to escape it there. */
export function breakMentions(text: string): string {
  return text.replace(/<(?=\s*(?:\/\s*)?at(?![a-z0-9]))/gi, '＜');
}

/** Control characters but line breaks and tabs, and what turns the direction of text. */
const hidden = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

/** A megabyte may be nothing but escapes, and a pattern with a callback for each of them would hold everybody up. */
function replaceHidden(text: string): string {
  const shown: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const mark = marks.get(text.charCodeAt(at));
    if (mark === undefined) continue;
    if (at > start) shown.push(text.slice(start, at));
    shown.push(mark);
    start = at + 1;
  }
  shown.push(text.slice(start));
  return shown.join('');
}

const marks: ReadonlyMap<number, string> = new Map(
  Array.from({ length: 0x206a }, (_, code) => code)
    .filter((code) => hidden.test(String.fromCharCode(code)))
    .map((code) => [code, markOf(code)]),
);

function markOf(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
