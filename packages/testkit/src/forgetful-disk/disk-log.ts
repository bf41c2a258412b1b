/** Something that a program did to a file or to the names of files. Paths are absolute. */
export type DiskOperation =
  | { readonly kind: 'created' | 'synced' | 'unlinked'; readonly path: string }
  | { readonly kind: 'written'; readonly path: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncated'; readonly path: string; readonly length: number }
  | { readonly kind: 'renamed'; readonly path: string; readonly to: string };

/** As watch.c numbers them, from 1. */
const kinds = ['created', 'written', 'truncated', 'synced', 'renamed', 'unlinked'] as const;

/** Kind and length of the path (32 bits each), offset and length of the data (64 bits each); path and data follow. */
const HEADER_BYTES = 24;

/** What watch.c has noted, oldest first, without a last record that a kill has cut. Throws for a kind that is unknown. */
export function readDiskLog(log: Buffer): DiskOperation[] {
  const operations: DiskOperation[] = [];
  for (let at = 0; at + HEADER_BYTES <= log.length; ) {
    const pathStart = at + HEADER_BYTES;
    const dataStart = pathStart + log.readUInt32LE(at + 4);
    const end = dataStart + Number(log.readBigUInt64LE(at + 16));
    if (end > log.length) break;
    const path = log.toString('utf8', pathStart, dataStart);
    const offset = Number(log.readBigUInt64LE(at + 8));
    operations.push(toOperation(log.readUInt32LE(at), { path, offset, data: log.subarray(dataStart, end) }));
    at = end;
  }
  return operations;
}

function toOperation(
  number: number,
  { path, offset, data }: { readonly path: string; readonly offset: number; readonly data: Buffer },
): DiskOperation {
  const kind = kinds[number - 1];
  switch (kind) {
    case 'written':
      return { kind, path, offset, bytes: data };
    case 'truncated':
      return { kind, path, length: offset };
    case 'renamed':
      return { kind, path, to: data.toString() };
    case 'created':
    case 'synced':
    case 'unlinked':
      return { kind, path };
    default:
      throw new Error(`the log of the disk has a record of kind ${number}`);
  }
}
