const BLOCK = 512;

export type TarEntry = {
  /** Relative, with slashes. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** In bytes; 0 for a folder. */
  readonly size: number;
  /** ms since the epoch. */
  readonly modifiedAt: number;
};

/** What stands before an entry's bytes in a tar (POSIX pax). */
export function tarHeader(entry: TarEntry): Buffer {
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  const header = block({ ...entry, path, type: entry.kind === 'folder' ? '5' : '0' });
  // The old fields hold a hundred plain characters; what does not fit stands in a record before.
  if (/^[\x20-\x7e]{1,99}$/.test(path)) return header;
  const record = paxRecord('path', path);
  const before = block({ path: 'PaxHeader', type: 'x', size: record.length, modifiedAt: entry.modifiedAt });
  return Buffer.concat([before, record, tarPadding(record.length), header]);
}

/** What fills the last block of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What stands at the end. */
export const tarEnd: Buffer = Buffer.alloc(2 * BLOCK);

function block({
  path,
  type,
  size,
  modifiedAt,
}: Pick<TarEntry, 'modifiedAt' | 'path' | 'size'> & { readonly type: '0' | '5' | 'x' }): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(path.replace(/[^\x20-\x7e]/g, '_').slice(0, 99), 0);
  header.write(type === '5' ? '0000755\0' : '0000644\0', 100);
  // Who owns it on this machine is nobody's business.
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write(
    `${Math.max(0, Math.floor(modifiedAt / 1000))
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return Buffer.from(`${length}${rest}`);
}
