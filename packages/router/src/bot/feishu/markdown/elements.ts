import { neutralise, showControls } from '../neutralise.ts';
import { escapeLine } from './inline.ts';
import { toPages } from './pages.ts';
import { parseBlocks } from './parse.ts';

/** Of schema 2.0. */
export type MarkdownElement = { readonly tag: 'markdown'; readonly content: string };

/** What Feishu's clients show in one card, as measured by others; its documentation says more. */
export const MAX_TABLES = 3;

export type ElementBudget = {
  /** Of the contents as they travel: JSON in JSON, where a line end takes three bytes. */
  readonly maxBytes: number;
  /** At most, and by default, 3. */
  readonly maxTables?: number;
};

/** No text that is longer than this is read to its end for a card. */
const MAX_READ_CHARS = 30_000;

/**
 * The beginning of a Markdown text for a card that has other elements too: none where there is nothing to show, else
 * one. `isCut` says that there is more. Nothing in it mentions anyone or refers to an image.
 */
export function toElements(
  markdown: string,
  { maxBytes, maxTables = MAX_TABLES }: ElementBudget,
): { readonly elements: readonly MarkdownElement[]; readonly isCut: boolean } {
  const read = markdown.slice(0, MAX_READ_CHARS);
  const blocks = parseBlocks(showControls(read));
  const { pages, isCut } = toPages(blocks, { format: 'card', maxBytes, maxTables, maxPages: 1 });
  const elements = pages.map((content) => ({ tag: 'markdown', content }) as const);
  return { elements, isCut: isCut || read.length < markdown.length };
}

/** One line that is shown as it is written, whatever it contains. */
export function escapeCardText(line: string): string {
  return escapeLine(neutralise(line));
}
