import { expect, test } from 'vitest';
import { BoundedOutput } from '../../src/shell/output.ts';

function written(maxBytes: number, ...chunks: readonly (string | Buffer)[]): BoundedOutput {
  const output = new BoundedOutput(maxBytes);
  for (const chunk of chunks) output.write(Buffer.from(chunk));
  return output;
}

test('what fits is kept whole', () => {
  expect(written(10, '01234', '56789').text()).toBe('0123456789');
  expect(written(10).text()).toBe('');
});

test('of what is too long the beginning and the end are kept, and the gap is counted', () => {
  const output = written(10, 'abcdefgh', 'ijklmnop', 'qrstuvwxyz');
  expect(output.omittedBytes).toBe(16);
  expect(output.text()).toBe('abcde\n[… 16 bytes left out …]\nvwxyz');
});

test('chunks of any size give the same', () => {
  const text = Array.from({ length: 100 }, (_, index) => `${index},`).join('');
  const whole = written(50, text).text();
  expect(written(50, ...text).text()).toBe(whole);
  expect(written(50, text.slice(0, 3), text.slice(3, 97), text.slice(97)).text()).toBe(whole);
});

test('a character that arrives in two chunks is one character', () => {
  const bytes = Buffer.from('a漢😀');
  expect(written(100, ...[...bytes].map((byte) => Buffer.from([byte]))).text()).toBe('a漢😀');
});

test('a cut never goes through a character', () => {
  for (let maxBytes = 8; maxBytes < 40; maxBytes++) {
    const text = written(maxBytes, `x${'漢😀é'.repeat(20)}`).text();
    expect(text).not.toContain('\ufffd');
    expect(text).toContain('left out');
  }
});

test('binary output and colours become text that can be read', () => {
  expect(written(100, '\u001b[31mred\u001b[0m a\0b\u0007 c\r\nd\te').text()).toBe('red a\u2400b\u2407 c\nd\te');
  expect(written(100, Buffer.from([0xff, 0xfe, 0x41])).text()).toBe('\ufffd\ufffdA');
});
