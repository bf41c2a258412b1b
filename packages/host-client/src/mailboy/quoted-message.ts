import { shorten } from '../texts/cut.ts';
import { quote } from '../texts/markdown.ts';
import { attachmentTexts } from './attachment-texts.ts';

/** In characters; the router sends no more. */
const MAX_QUOTED = 8000;

/** A message for a session: the earlier one that it answers, line by line behind `> `, then its own words. */
export function withQuoted(text: string, quoted = ''): string {
  return [toBlock(quoted), text].filter(Boolean).join('\n\n');
}

/** The same for the mailboy, which is told whose words are whose. */
export function withQuotedForModel(text: string, quoted = ''): string {
  const block = toBlock(quoted);
  return block === '' ? text : [block, attachmentTexts.quoted, text].filter(Boolean).join('\n\n');
}

function toBlock(quoted: string): string {
  const shown = shorten(quoted.trim(), MAX_QUOTED);
  return shown === '' ? '' : quote(shown);
}
