import { describe, expect, test } from 'vitest';
import { readDiskLog } from '../src/forgetful-disk/disk-log.ts';
import { DiskState } from '../src/forgetful-disk/disk-state.ts';

const nothing = () => 0;
const everything = () => 0.999_999;

const file = '/data/a';
const part = '/data/a.part';

function written(path: string, offset: number, text: string) {
  return { kind: 'written', path, offset, bytes: Buffer.from(text) } as const;
}

function texts(files: ReadonlyMap<string, Buffer>): Record<string, string> {
  return Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString()]));
}

describe('a power cut leaves', () => {
  test('what was synced, and of what was not, as much as the disk likes', () => {
    const operations = [
      { kind: 'created', path: file },
      written(file, 0, 'one'),
      { kind: 'synced', path: file },
      written(file, 3, ' two'),
    ] as const;
    const after = (draw: () => number) => {
      const state = new DiskState(new Map());
      for (const operation of operations) state.apply(operation);
      return texts(state.cut(draw));
    };
    expect(after(nothing)).toEqual({ [file]: 'one' });
    const seldomTorn = [0, 0.9, 0.1, 0.1];
    expect(after(() => seldomTorn.shift() ?? 0)).toEqual({ [file]: 'one two' });
  });

  test('a later write without the one before it, with nothing but zeros between', () => {
    const state = new DiskState(new Map([[file, Buffer.from('old')]]));
    state.apply(written(file, 0, 'NEW'));
    state.apply(written(file, 5, 'tail'));
    // No names, about half of the writes, not the first, the second, and that whole.
    const draws = [0, 0.5, 0.9, 0.1, 0.1];
    expect(texts(state.cut(() => draws.shift() ?? 0))).toEqual({ [file]: 'old\0\0tail' });
  });

  test('only whole sectors of a write that was under way', () => {
    const state = new DiskState(new Map([[file, Buffer.alloc(2048, 'a')]]));
    state.apply(written(file, 0, 'b'.repeat(2048)));
    const draws = [0, 0.9, 0.1, 0.9, 0.5];
    const [left] = state.cut(() => draws.shift() ?? 0).values();
    expect(left?.toString()).toBe('b'.repeat(1024) + 'a'.repeat(1024));
  });

  test('the old name where the new one was not synced, and never a name without those before it', () => {
    const operations = [
      { kind: 'created', path: part },
      written(part, 0, 'whole'),
      { kind: 'synced', path: part },
      { kind: 'renamed', path: part, to: file },
      { kind: 'unlinked', path: '/data/old' },
    ] as const;
    const after = (draw: () => number, ...more: { kind: 'synced'; path: string }[]) => {
      const state = new DiskState(new Map([['/data/old', Buffer.from('old')]]));
      for (const operation of [...operations, ...more]) state.apply(operation);
      return texts(state.cut(draw));
    };
    expect(after(nothing)).toEqual({ '/data/old': 'old', [part]: 'whole' });
    expect(after(everything)).toEqual({ [file]: 'whole' });
    expect(after(nothing, { kind: 'synced', path: file })).toEqual({ '/data/old': 'old', [file]: 'whole' });
    expect(after(nothing, { kind: 'synced', path: '/data' })).toEqual({ [file]: 'whole' });
  });

  test('what a file was cut to, and zeros where it grew again', () => {
    const state = new DiskState(new Map([[file, Buffer.from('long text')]]));
    state.apply({ kind: 'truncated', path: file, length: 2 });
    state.apply(written(file, 4, 'x'));
    state.apply({ kind: 'synced', path: file });
    expect(texts(state.cut(nothing))).toEqual({ [file]: 'lo\0\0x' });
  });
});

test('a log whose last record a kill has cut is read up to that', () => {
  const record = (kind: number, offset: number, data: string) => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(kind, 0);
    header.writeUInt32LE(file.length, 4);
    header.writeBigUInt64LE(BigInt(offset), 8);
    header.writeBigUInt64LE(BigInt(data.length), 16);
    return Buffer.concat([header, Buffer.from(file + data)]);
  };
  const log = Buffer.concat([record(1, 0, ''), record(2, 7, 'abc'), record(5, 0, '/data/b'), record(4, 0, '')]);
  expect(readDiskLog(log.subarray(0, -1))).toEqual([
    { kind: 'created', path: file },
    { kind: 'written', path: file, offset: 7, bytes: Buffer.from('abc') },
    { kind: 'renamed', path: file, to: '/data/b' },
  ]);
});
