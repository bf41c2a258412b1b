import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/sessions/lines.ts';

/** The lines of `text`, which comes in chunks of `chunkBytes`. */
function linesOf(text: string | Buffer, chunkBytes: number, options?: { readonly maxLineBytes: number }): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), options);
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    splitter.write(bytes.subarray(start, start + chunkBytes));
  }
  splitter.end();
  return lines;
}

test.each([1, 2, 3, 5, 1000])('lines are whole, wherever the chunks end: %i bytes each', (chunkBytes) => {
  const lines = ['one', '', 'zwei – 漢字', '🙂🙃', 'a\rb', '\u0000\u001b[31m', 'last, without an end'];
  expect(linesOf(lines.join('\n'), chunkBytes)).toEqual(lines);
});

test('one carriage return before a line feed belongs to the end of the line', () => {
  expect(linesOf('one\r\n\r\ntwo\r\r\n', 4)).toEqual(['one', '', 'two\r']);
});

test('nothing after the last line feed is no line', () => {
  expect(linesOf('one\n', 1)).toEqual(['one']);
  expect(linesOf('', 1)).toEqual([]);
});

test('a line that is too long is cut, says so, and spoils no other', () => {
  const lines = linesOf(`before\n${'x'.repeat(25)}\r\n0123456789\nafter`, 7, { maxLineBytes: 10 });
  expect(lines).toEqual(['before', 'xxxxxxxxxx [… 16 bytes left out …]', '0123456789', 'after']);
});

test('a character that the cut goes through is shown as broken', () => {
  expect(linesOf('漢漢\nok', 2, { maxLineBytes: 5 })).toEqual(['漢\ufffd [… 1 bytes left out …]', 'ok']);
});

test('bytes that are no UTF-8 are shown as broken', () => {
  expect(linesOf(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0x63]), 1)).toEqual(['a\ufffdb', 'c']);
});
