import type { Block, CodeBlock, Gap, TextBlock } from './blocks.ts';
import type { Fence } from './lines.ts';
import {
  dedent,
  indentOf,
  isBlank,
  isEndOf,
  isHeading,
  isRule,
  isUnderline,
  readFence,
  readItem,
  stripQuotes,
} from './lines.ts';
import { readAlignments, readCells } from './table-lines.ts';

/** Deeper items are shown as if they were so deep. */
const MAX_LEVEL = 5;

const CODE_INDENT = 4;

/**
 * The blocks of a Markdown text. Code and tables within lists and quotes become blocks of their own, since Feishu
 * knows a fence only at the beginning of a line. Takes time linear in the text.
 */
export function parseBlocks(markdown: string): Block[] {
  return new BlockParser(markdown.split('\n')).parse();
}

type Line = { readonly depth: number; readonly indent: number; readonly content: string; readonly rest: string };

class BlockParser {
  readonly #lines: readonly string[];
  readonly #blocks: Block[] = [];
  #at = 0;
  #gap: Gap = 2;
  /** The text block that the next line may go on with. */
  #open: { readonly lines: string[]; readonly rest: Omit<TextBlock, 'text'>; readonly isQuote: boolean } | undefined;
  /** The indents of the items that the next line may stand in, outermost first. */
  #items: number[] = [];
  /** An indented line belongs to a list, or to what stands in one, and is no code. */
  #isInList = false;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  parse(): Block[] {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? '';
      if (isBlank(line)) {
        this.#close();
        this.#gap = 2;
        this.#at += 1;
      } else {
        const { depth, rest } = stripQuotes(line);
        this.#read({ depth, rest, indent: indentOf(rest), content: rest.trimStart() });
      }
    }
    this.#close();
    return this.#blocks;
  }

  #read(line: Line): void {
    if (this.#readCode(line) || this.#readTable(line) || this.#readIndentedCode(line)) return;
    this.#readText(line);
    this.#at += 1;
  }

  #readCode({ depth, indent, content }: Line): boolean {
    const fence = readFence(content);
    if (fence !== undefined) {
      this.#at += 1;
      this.#push(this.#codeWithin(fence, depth, indent));
      return true;
    }
    const item = readItem(content);
    const fenceInItem = item && readFence(item.text);
    if (fenceInItem === undefined) return false;
    this.#openItem(indent, item?.marker ?? '');
    this.#at += 1;
    this.#push(this.#codeWithin(fenceInItem, depth, indent + 2));
    return true;
  }

  #codeWithin(fence: Fence, depth: number, indent: number): Omit<CodeBlock, 'gap'> {
    const lines: string[] = [];
    const { language } = fence;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? '';
      const quoted = depth > 0 ? stripQuotes(line) : { depth: 0, rest: line };
      // The end of the quote ends what stands in it.
      if (depth > 0 && quoted.depth === 0) return { kind: 'code', language, code: lines.join('\n') };
      if (isEndOf(fence, quoted.rest)) {
        this.#at += 1;
        return { kind: 'code', language, code: lines.join('\n') };
      }
      lines.push(dedent(quoted.rest, indent));
    }
    // The end of the text ends its last line too.
    return { kind: 'code', language, code: lines.join('\n').replace(/\n$/, ''), isOpen: true };
  }

  #readTable({ depth, content }: Line): boolean {
    const alignments = content.includes('|') ? this.#alignmentsBelow(depth) : undefined;
    if (alignments === undefined || isHeading(content) || readItem(content) !== undefined) return false;
    const header = readCells(content);
    if (header.length !== alignments.length) return false;
    this.#at += 2;
    const rows: string[][] = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = stripQuotes(this.#lines[this.#at] ?? '');
      if (line.depth !== depth || !line.rest.includes('|')) break;
      const cells = readCells(line.rest);
      rows.push(header.map((_, index) => cells[index] ?? ''));
    }
    // What stands around a table must not be taken for a part of it.
    this.#close();
    this.#gap = 2;
    this.#push({ kind: 'table', header, alignments, rows });
    this.#gap = 2;
    return true;
  }

  #alignmentsBelow(depth: number) {
    const below = stripQuotes(this.#lines[this.#at + 1] ?? '');
    return below.depth === depth ? readAlignments(below.rest) : undefined;
  }

  #readIndentedCode({ depth, indent }: Line): boolean {
    if (this.#open !== undefined || this.#isInList || depth > 0 || indent < CODE_INDENT) return false;
    const lines: string[] = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? '';
      if (!isBlank(line) && indentOf(line) < CODE_INDENT) break;
      lines.push(dedent(line, CODE_INDENT));
    }
    const code = lines.join('\n').trimEnd();
    this.#push({ kind: 'code', language: '', code });
    // Blank lines at its end were read with it.
    if (isBlank(this.#lines[this.#at - 1] ?? '')) this.#gap = 2;
    return true;
  }

  #readText(line: Line): void {
    const { depth, indent, content } = line;
    const isInParagraph = this.#open !== undefined;
    if (depth > 0) this.#readQuote(line);
    else if (isHeading(content)) this.#putLine(line, { isHeading: true });
    else if (isRule(content) && !(isInParagraph && isUnderline(content))) this.#putLine(line);
    else if (this.#isItem(content)) {
      this.#openItem(indent, content);
    } else if (this.#open !== undefined) {
      this.#open.lines.push(content);
    } else if (this.#isInList && indent >= 2) {
      // Two columns are enough for what stands in an item, three or four where its number is long: nobody counts them.
      const inside = this.#items.filter((item) => item + 1 < indent).length;
      this.#openText([content], { level: Math.min(inside, MAX_LEVEL) });
    } else {
      this.#leaveList();
      this.#openText([content]);
    }
  }

  #putLine({ indent, content }: Line, rest: Partial<TextBlock> = {}): void {
    if (indent < 2) this.#leaveList();
    this.#openText([content], rest);
    this.#close();
  }

  #readQuote({ depth, rest }: Line): void {
    const quoted = `${'> '.repeat(depth)}${rest}`.trimEnd();
    if (this.#open?.isQuote) this.#open.lines.push(quoted);
    else this.#openText([quoted], {}, true);
  }

  #isItem(content: string): boolean {
    const item = readItem(content);
    if (item === undefined) return false;
    // A number at the beginning of a line of prose is no item, unless it is where a list may begin.
    const isProse = this.#open !== undefined && !this.#isInList;
    return !isProse || (item.text !== '' && !/^\d/.test(item.marker)) || /^0?1[.)]$/.test(item.marker);
  }

  #openItem(indent: number, content: string): void {
    while (this.#items.length > 0 && indent < (this.#items.at(-1) ?? 0) + 2) this.#items.pop();
    const level = Math.min(this.#items.length, MAX_LEVEL);
    this.#items.push(indent);
    this.#isInList = true;
    this.#openText([content], { level, isItem: true });
  }

  #leaveList(): void {
    this.#items = [];
    this.#isInList = false;
  }

  #openText(lines: string[], rest: Partial<TextBlock> = {}, isQuote = false): void {
    this.#close();
    this.#open = { lines, rest: { kind: 'text', ...rest, gap: this.#gap }, isQuote };
    this.#gap = 1;
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) this.#blocks.push({ ...open.rest, text: open.lines.join('\n').trimEnd() });
  }

  #push(block: DistributiveOmit<Block, 'gap'>): void {
    this.#close();
    this.#blocks.push({ ...block, gap: this.#gap });
    this.#gap = 1;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
