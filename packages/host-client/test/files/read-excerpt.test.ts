import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileRoots } from '../../src/files/file-roots.ts';
import type { Excerpt, Lines } from '../../src/files/read-excerpt.ts';
import { readExcerpt } from '../../src/files/read-excerpt.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-excerpt-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const fromTheStart: Lines = { kind: 'range', from: 1 };
const path = () => join(folder, 'file');

async function readLines(lines: Lines, maxBytes = 8_000, signal = new AbortController().signal): Promise<Excerpt> {
  const roots = new FileRoots({ workingDir: folder, dataDir: join(folder, '.data'), home: folder });
  await using file = await roots.openFile('file');
  return await readExcerpt(file, lines, { maxBytes, signal });
}

async function readAll(contents: string | Buffer, maxBytes?: number): Promise<Excerpt> {
  await writeFile(path(), contents);
  return await readLines(fromTheStart, maxBytes);
}

/** `line 1` to `line N`. */
function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
}

describe('a small file', () => {
  test('is read whole, with its lines counted', async () => {
    expect(await readAll('one\ntwo\n')).toEqual({
      text: 'one\ntwo\n',
      firstLine: 1,
      lineCount: 2,
      totalLines: 2,
      partOfLine: false,
    });
    expect(await readAll('one\ntwo')).toMatchObject({ text: 'one\ntwo', lineCount: 2, totalLines: 2 });
    expect(await readAll('')).toMatchObject({ text: '', lineCount: 0, totalLines: 0 });
    expect(await readAll('\n')).toMatchObject({ text: '\n', lineCount: 1, totalLines: 1 });
  });

  test('is read in parts by line numbers', async () => {
    await writeFile(path(), numbered(10));
    expect(await readLines({ kind: 'range', from: 3, to: 4 })).toEqual({
      text: 'line 3\nline 4\n',
      firstLine: 3,
      lineCount: 2,
      totalLines: 10,
      partOfLine: false,
    });
    expect(await readLines({ kind: 'range', from: 9 })).toMatchObject({ text: 'line 9\nline 10\n', firstLine: 9 });
    expect(await readLines({ kind: 'range', from: 10, to: 99 })).toMatchObject({ text: 'line 10\n', lineCount: 1 });
  });

  test('is read from its end', async () => {
    for (const end of ['', 'and a half']) {
      await writeFile(path(), `${numbered(10)}${end}`);
      const lines = `${numbered(10)}${end}`.match(/.+\n?/g) ?? [];
      expect(await readLines({ kind: 'last', count: 2 })).toEqual({
        text: lines.slice(-2).join(''),
        firstLine: lines.length - 1,
        lineCount: 2,
        totalLines: lines.length,
        partOfLine: false,
      });
      expect(await readLines({ kind: 'last', count: 50 })).toMatchObject({ text: lines.join(''), firstLine: 1 });
    }
    await writeFile(path(), '\n\n\n');
    expect(await readLines({ kind: 'last', count: 2 })).toMatchObject({ text: '\n\n', firstLine: 2 });
  });

  test('a line that it does not have is told with how many it has', async () => {
    await writeFile(path(), numbered(10));
    for (const from of [11, 500]) {
      await expect(readLines({ kind: 'range', from })).rejects.toMatchObject({
        code: 'too_far',
        message: `"file" has no line ${from}: it has 10 lines.`,
      });
    }
  });
});

describe('what is more than the limit', () => {
  test('is cut behind a whole line, and the rest can be read from there', async () => {
    await writeFile(path(), numbered(1_000));
    const first = await readLines(fromTheStart, 100);
    expect(first).toMatchObject({ cut: 'end', partOfLine: false, totalLines: 1_000 });
    let text = first.text;
    for (let next = 1 + first.lineCount; next <= 1_000; ) {
      const more = await readLines({ kind: 'range', from: next }, 100);
      expect(Buffer.byteLength(more.text)).toBeLessThanOrEqual(100);
      text += more.text;
      next += more.lineCount;
    }
    expect(text).toBe(numbered(1_000));
  });

  test('is not called cut when all that was asked for is there', async () => {
    await writeFile(path(), numbered(1_000));
    const wanted = numbered(10);
    for (const maxBytes of [wanted.length, wanted.length + 3, 8_000]) {
      const excerpt = await readLines({ kind: 'range', from: 1, to: 10 }, maxBytes);
      expect(excerpt).toMatchObject({ text: wanted, lineCount: 10 });
      expect(excerpt.cut).toBeUndefined();
    }
  });

  test('at the end of a file leaves out earlier lines', async () => {
    await writeFile(path(), numbered(1_000));
    expect(await readLines({ kind: 'last', count: 50 }, 40)).toEqual({
      text: 'line 997\nline 998\nline 999\nline 1000\n',
      firstLine: 997,
      lineCount: 4,
      totalLines: 1_000,
      cut: 'beginning',
      partOfLine: false,
    });
  });

  test.each([
    ['你好', 'UTF-8 of three bytes'],
    ['🎉', 'UTF-8 of four bytes'],
    ['é', 'UTF-8 of two bytes'],
  ])('of one long line of %s is cut between characters (%s)', async (character) => {
    const line = character.repeat(1_000);
    await writeFile(path(), line);
    for (let maxBytes = 20; maxBytes < 30; maxBytes++) {
      const beginning = await readLines(fromTheStart, maxBytes);
      expect(line.startsWith(beginning.text)).toBe(true);
      expect(beginning).toMatchObject({ cut: 'end', partOfLine: true, lineCount: 1 });
      const end = await readLines({ kind: 'last', count: 1 }, maxBytes);
      expect(line.endsWith(end.text)).toBe(true);
      expect(end).toMatchObject({ cut: 'beginning', partOfLine: true, lineCount: 1 });
      expect(Math.min(beginning.text.length, end.text.length)).toBeGreaterThan(4);
    }
  });
});

describe('huge files', () => {
  const hugeBytes = 10 * 1024 ** 3;

  test('the last 50 lines of 10 GB cost no more than those', async () => {
    await writeFile(path(), '');
    await truncate(path(), hugeBytes);
    await appendFile(path(), `\n${numbered(60)}`);
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    const excerpt = await readLines({ kind: 'last', count: 50 });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 ** 2);
    expect(excerpt).toEqual({
      text: numbered(60).split('\n').slice(10).join('\n'),
      lineCount: 50,
      partOfLine: false,
    });
  });

  test('10 GB of nothing are called binary at once, however they are read', async () => {
    await writeFile(path(), '');
    await truncate(path(), hugeBytes);
    const startedAt = performance.now();
    for (const lines of [fromTheStart, { kind: 'range', from: 1_000 }, { kind: 'last', count: 5 }] as const) {
      await expect(readLines(lines)).rejects.toMatchObject({
        code: 'binary',
        message: '"file" is a binary file of 10 GB: it has no text to show.',
      });
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('a line that is too far on is refused', async () => {
    await writeFile(path(), numbered(2_000));
    await truncate(path(), hugeBytes);
    await expect(readLines({ kind: 'range', from: 1_000_000 })).rejects.toMatchObject({ code: 'too_far' });
    expect(await readLines({ kind: 'range', from: 1_990, to: 1_991 }, 20)).toMatchObject({
      text: 'line 1990\nline 1991\n',
    });
  });

  test('looking for a line ends with the turn', async () => {
    await writeFile(path(), numbered(2_000));
    await truncate(path(), hugeBytes);
    const turn = new AbortController();
    const reading = readLines({ kind: 'range', from: 1_000_000 }, 8_000, turn.signal);
    turn.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('encodings', () => {
  test.each(['utf-16le', 'utf-16be'] as const)('%s with its mark is decoded, in parts too', async (encoding) => {
    const encode = (text: string) => {
      const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
      return encoding === 'utf-16le' ? bytes : bytes.swap16();
    };
    // In the second character a line break's bytes stand across two units.
    expect(await readAll(encode('日志\n第二行\n'))).toMatchObject({ text: '日志\n第二行\n', totalLines: 2 });
    expect(await readAll(encode('\u010a\u0a0a\u000a\u0d0a'))).toMatchObject({ lineCount: 2, totalLines: 2 });
    await writeFile(path(), encode(numbered(1_000)));
    expect(await readLines({ kind: 'range', from: 500, to: 501 })).toMatchObject({ text: 'line 500\nline 501\n' });
    expect(await readLines({ kind: 'last', count: 2 })).toMatchObject({
      text: 'line 999\nline 1000\n',
      firstLine: 999,
    });
    expect(await readLines({ kind: 'last', count: 9 }, 43)).toMatchObject({ text: 'line 999\nline 1000\n' });
    await writeFile(path(), encode('🎉'.repeat(1_000)));
    for (let maxBytes = 20; maxBytes < 26; maxBytes++) {
      expect((await readLines(fromTheStart, maxBytes)).text).toMatch(/^(🎉)+$/u);
      expect((await readLines({ kind: 'last', count: 1 }, maxBytes)).text).toMatch(/^(🎉)+$/u);
    }
  });

  test('a file in GB18030 is read as such', async () => {
    const bytes = Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0x0a, 0xca, 0xc0, 0xbd, 0xe7, 0x0a]);
    expect(await readAll(bytes)).toMatchObject({ text: '你好\n世界\n', totalLines: 2 });
  });

  test('a file with a few broken bytes is text all the same', async () => {
    expect((await readAll(Buffer.from('caf\xe9 and a lot of plain text', 'latin1'))).text).toBe(
      'caf\ufffd and a lot of plain text',
    );
  });

  test('the mark of UTF-8 and carriage returns are not shown', async () => {
    expect((await readAll('\ufeffone\r\ntwo\r\n')).text).toBe('one\ntwo\n');
  });

  test('colours are dropped, and control characters shown as pictures', async () => {
    expect((await readAll('\x1b[31mred\x1b[0m \x1b]0;title\x07bell\x07 and a lot of plain text')).text).toBe(
      'red bell␇ and a lot of plain text',
    );
  });

  test.each([
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d])],
    ['random bytes', Buffer.from(Array.from({ length: 5_000 }, (_, index) => 1 + ((index * 7919) % 255)))],
    ['something marked as UTF-16 that is none', Buffer.from([0xff, 0xfe, ...Array.from({ length: 999 }, () => 0xd8)])],
  ])('%s is said to be binary, not shown', async (_, contents) => {
    await expect(readAll(contents)).rejects.toMatchObject({ code: 'binary' });
  });
});
