import type { Language } from '@phonework/shared/language';
import { feishuTexts } from './feishu-texts.ts';
import type { Block } from './markdown/blocks.ts';
import { endOfPiece, travelBytes } from './markdown/measure.ts';
import type { PageLimits, Pages } from './markdown/pages.ts';
import { toPages } from './markdown/pages.ts';
import { parseBlocks } from './markdown/parse.ts';

/** A longer answer is a file, and its beginning. */
const MAX_PARTS = 5;
const BEGINNING_PARTS = 2;

export type Layout = Omit<PageLimits, 'maxPages'> & { readonly language: Language };

/** The parts of a text, one at least; or, with `isCut`, its first ones, the last of which says that there is a file. */
export function layOut(text: string, layout: Layout): Pages {
  // What is surely too long need not be read to its end.
  const isLong = text.length > MAX_PARTS * layout.maxBytes || travelBytes(text) > MAX_PARTS * layout.maxBytes;
  if (isLong) return { pages: layOutBeginning(text, layout), isCut: true };
  const { pages, isCut } = layOutAll(text, layout, MAX_PARTS);
  if (isCut) return { pages: withNote(pages.slice(0, BEGINNING_PARTS), layout), isCut };
  return { pages: pages.length === 0 ? ['…'] : pages, isCut };
}

/** The same, where it is known that there is a file. */
export function layOutBeginning(text: string, layout: Layout): readonly string[] {
  // What is written is hardly shorter than what was read, so this fills the parts.
  const beginning = text.slice(0, endOfPiece(text, 0, BEGINNING_PARTS * layout.maxBytes));
  return withNote(layOutAll(beginning, layout, BEGINNING_PARTS).pages, layout);
}

function withNote(pages: readonly string[], { language }: Layout): readonly string[] {
  return [...pages.slice(0, -1), `${pages.at(-1) ?? '…'}\n\n${feishuTexts.wholeInFile[language]}`];
}

/** The same, in as many parts as it takes. */
export function layOutAll(text: string, layout: Layout, maxPages = Number.POSITIVE_INFINITY): Pages {
  const noteBytes = travelBytes(`\n\n${feishuTexts.wholeInFile[layout.language]}`);
  return toPages(parseBlocks(text).map(closed), { ...layout, maxPages, maxBytes: layout.maxBytes - noteBytes });
}

/** Something may be said below it. */
function closed(block: Block): Block {
  if (block.kind !== 'code') return block;
  const { isOpen: _, ...rest } = block;
  return rest;
}
