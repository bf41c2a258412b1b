/**
 * Text that shows what it contains: terminal escapes and reversals of direction become visible, and nothing in it can
 * mention anyone. The output of tools comes this way, and a file may contain whatever its author liked.
 */
export function neutralise(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n|[\u2028\u2029]/g, '\n')
      // Control characters but line breaks and tabs, and what turns the direction of text.
      .replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, visible)
      // Feishu reads `<at user_id="all">` in a text as a mention, and knows no way to escape it.
      .replace(/<(?=\s*(?:\/\s*)?at(?![a-z0-9]))/gi, '＜')
  );
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
