import { toPlainText } from '@phonework/shared/terminal-text';

/** A name or a single line, such that it stays on one line. */
export function visibleLine(text: string): string {
  return toPlainText(text).replaceAll('\n', '␊').replaceAll('\t', ' ');
}
