import { parseBlocks } from './parse.ts';

/** Longer texts are easier to read on a card, which has the width of the screen. */
const MAX_PLAIN_CHARS = 3000;

/** Code, emphasis, and links, within a line. */
const inlineMarks =
  /`[^`\n]+`|\*\*\S|__\S|~~\S|(?<![\w*])\*[^\s*][^*\n]*\*|(?<![\w_])_[^\s_][^_\n]*_(?!\w)|\]\(|\\[*_`[]/;

/** Whether a text is short and looks the same with Markdown and without. */
export function isPlain(text: string): boolean {
  if (text.length > MAX_PLAIN_CHARS || inlineMarks.test(text)) return false;
  return parseBlocks(text).every(
    (block) =>
      block.kind === 'text' && !block.isHeading && block.level === undefined && !/^(?:>|[-*_]{3})/.test(block.text),
  );
}
