import type { Block, CodeBlock, TableBlock, TextBlock } from './blocks.ts';
import { endOfPiece, travelBytes } from './measure.ts';
import type { Format } from './write.ts';
import { writeBlock } from './write.ts';

/** What of a block fits, and what is left of it. */
export type Split = readonly [head: Block | undefined, tail: Block | undefined];

/** The first `maxBytes` of a block as they are written, and the others. No head: not one row of a table fits. */
export function splitBlock(block: Block, maxBytes: number, format: Format, baseLevel: number | undefined): Split {
  const bytesOf = (piece: Block) => travelBytes(writeBlock(piece, format, baseLevel));
  switch (block.kind) {
    case 'code':
      return splitCode(block, maxBytes, bytesOf);
    case 'table':
      return splitTable(block, maxBytes, bytesOf);
    case 'text':
      return splitText(block, maxBytes, bytesOf);
  }
}

type BytesOf = (piece: Block) => number;

function splitCode(block: CodeBlock, maxBytes: number, bytesOf: BytesOf): Split {
  const { isOpen, ...rest } = block;
  const head = (end: number): CodeBlock => ({ ...rest, code: block.code.slice(0, end).replace(/\n$/, '') });
  const end = endThatFits(block.code, maxBytes, (at) => bytesOf(head(at)));
  const code = block.code.slice(end);
  return [head(end), code === '' ? undefined : { ...rest, gap: 2, code, ...(isOpen && { isOpen }) }];
}

/** Each piece has the header. */
function splitTable(block: TableBlock, maxBytes: number, bytesOf: BytesOf): Split {
  const withRows = (rows: TableBlock['rows']): TableBlock => ({ ...block, rows });
  const headerBytes = bytesOf(withRows([]));
  let bytes = headerBytes;
  let count = 0;
  for (const row of block.rows) {
    bytes += bytesOf(withRows([row])) - headerBytes;
    if (bytes > maxBytes) break;
    count += 1;
  }
  if (count === 0) return [undefined, block];
  const tail = block.rows.slice(count);
  return [withRows(block.rows.slice(0, count)), tail.length === 0 ? undefined : withRows(tail)];
}

function splitText(block: TextBlock, maxBytes: number, bytesOf: BytesOf): Split {
  const { isItem: _, ...rest } = block;
  const head = (end: number): TextBlock => ({ ...block, text: block.text.slice(0, end).trimEnd() });
  const end = endThatFits(block.text, maxBytes, (at) => bytesOf(head(at)));
  const left = block.text.slice(end).trimStart();
  if (left === '') return [head(end), undefined];
  const quote = left.startsWith('>') ? '' : (/^(?:> )+/.exec(block.text)?.[0] ?? '');
  return [head(end), { ...rest, gap: 2, text: `${quote}${left}` }];
}

/** Where to cut so that `bytesOf` what stands before is within `maxBytes`: what is written is longer than what was read. */
function endThatFits(text: string, maxBytes: number, bytesOf: (end: number) => number): number {
  let room = maxBytes;
  for (;;) {
    const end = endOfPiece(text, 0, room);
    const bytes = bytesOf(end);
    if (bytes <= maxBytes || end <= 1) return end;
    room = Math.floor(Math.min(room - 8, (room * maxBytes) / bytes) * 0.98);
  }
}
