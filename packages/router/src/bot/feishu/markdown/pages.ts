import type { Block } from './blocks.ts';
import { travelBytes } from './measure.ts';
import { splitBlock } from './split.ts';
import { isUnwieldy, spellOut } from './table.ts';
import type { Format } from './write.ts';
import { baseLevelOf, writeBlock } from './write.ts';

export type PageLimits = {
  readonly format: Format;
  /** As they travel. */
  readonly maxBytes: number;
  readonly maxTables: number;
  readonly maxPages: number;
};

export type Pages = {
  /** Markdown for Feishu. */
  readonly pages: readonly string[];
  /** There was more than `maxPages`. */
  readonly isCut: boolean;
};

/**
 * Blocks on pages: cut between blocks where that does not waste half a page, else within them. A table that is one too
 * many, or too large for a phone, is spelt out.
 */
export function toPages(blocks: readonly Block[], limits: PageLimits): Pages {
  return new Paginator(blocks, limits).paginate();
}

/** A smaller piece of a block is not worth its place. */
const MIN_PIECE_BYTES = 1000;

const GAP_BYTES = travelBytes('\n\n');

type Placed = { readonly block: Block; readonly text: string };

class Paginator {
  readonly #limits: PageLimits;
  /** What has no place yet, the next one last. */
  readonly #waiting: Block[];
  readonly #pages: string[] = [];
  #page: Placed[] = [];
  #bytes = 0;
  #tables = 0;
  /** The level that stands at the margin in the list that the page ends with. */
  #baseLevel: number | undefined;

  constructor(blocks: readonly Block[], limits: PageLimits) {
    this.#waiting = blocks.toReversed();
    this.#limits = limits;
  }

  paginate(): Pages {
    const { maxPages } = this.#limits;
    while (this.#pages.length < maxPages) {
      const block = this.#waiting.pop();
      if (block === undefined) {
        this.#turn();
        return { pages: this.#pages, isCut: false };
      }
      this.#place(block);
    }
    return { pages: this.#pages, isCut: this.#waiting.length > 0 };
  }

  #place(block: Block): void {
    const { format, maxBytes, maxTables } = this.#limits;
    if (block.kind === 'table' && (this.#tables >= maxTables || isUnwieldy(block))) {
      this.#putBack(spellOut(block));
      return;
    }
    const baseLevel = baseLevelOf(block, this.#baseLevel);
    const room = maxBytes - this.#bytes;
    // What is written is hardly shorter than what was read: no need to write all of a long block only to see that.
    const isLong = sourceLength(block) > maxBytes;
    const text = isLong ? '' : writeBlock(block, format, baseLevel);
    const bytes = isLong ? Number.POSITIVE_INFINITY : travelBytes(text) + travelBytes(this.#gapAbove(block));
    if (bytes <= room) {
      this.#put(block, text, bytes, baseLevel);
      return;
    }
    const isAlone = this.#page.length === 0;
    const isBetterWhole = bytes <= maxBytes && room < maxBytes / 2;
    if (isAlone || !(isBetterWhole || room < MIN_PIECE_BYTES)) this.#placePart(block, room, baseLevel);
    else this.#turnBefore(block);
  }

  #placePart(block: Block, room: number, baseLevel: number | undefined): void {
    const { format } = this.#limits;
    const [head, tail] = splitBlock(block, room - GAP_BYTES, format, baseLevel);
    if (head === undefined) {
      // A row that takes a page can't be one of a table.
      if (this.#page.length === 0 && block.kind === 'table') this.#putBack(spellOut(block));
      else this.#turnBefore(block);
      return;
    }
    const text = writeBlock(head, format, baseLevel);
    this.#put(head, text, travelBytes(text) + GAP_BYTES, baseLevel);
    if (tail === undefined) return;
    this.#turnBefore(tail);
  }

  #put(block: Block, text: string, bytes: number, baseLevel: number | undefined): void {
    this.#page.push({ block, text });
    this.#bytes += bytes;
    this.#baseLevel = baseLevel;
    if (block.kind === 'table') this.#tables += 1;
  }

  #putBack(blocks: readonly Block[]): void {
    this.#waiting.push(...blocks.toReversed());
  }

  #turnBefore(block: Block): void {
    this.#putBack([block]);
    this.#turn();
  }

  /** What is placed is a page. A heading goes with what it is the heading of. */
  #turn(): void {
    while (this.#page.length > 1 && this.#waiting.length > 0 && isHeading(this.#page.at(-1))) {
      this.#putBack(this.#page.splice(-1).map(({ block }) => block));
    }
    const page = this.#page.map(({ block, text }, index) => (index === 0 ? '' : gapOf(block)) + text).join('');
    if (page.trim() !== '') this.#pages.push(page);
    this.#page = [];
    this.#bytes = 0;
    this.#tables = 0;
    this.#baseLevel = undefined;
  }

  #gapAbove(block: Block): string {
    return this.#page.length === 0 ? '' : gapOf(block);
  }
}

function gapOf({ gap }: Block): string {
  return '\n'.repeat(gap);
}

/** In UTF-16 units, without marks. */
function sourceLength(block: Block): number {
  switch (block.kind) {
    case 'text':
      return block.text.length;
    case 'code':
      return block.code.length;
    case 'table':
      return block.rows.reduce((sum, row) => sum + row.reduce((length, cell) => length + cell.length, 0), 0);
  }
}

function isHeading(placed: Placed | undefined): boolean {
  return placed?.block.kind === 'text' && placed.block.isHeading === true;
}
