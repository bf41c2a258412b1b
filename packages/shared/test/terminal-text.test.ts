import { expect, test } from 'vitest';
import { toPlainLine, toPlainText } from '../src/terminal-text.ts';

test('colours, cursor movements and titles are dropped, other control characters are shown', () => {
  expect(toPlainText('\x1b[31mred\x1b[0m \x1b]0;title\x07plain\r\nnext\x00\x7f\x85')).toBe('red plain\nnext␀␡\ufffd');
});

test('a name stays on one line', () => {
  expect(toPlainLine('a\nb\tc\x1b[2Jd\x7f\x85')).toBe('a␊b cd␡\ufffd');
});

test('what is repeated ten times as often takes no hundred times as long', () => {
  for (const part of ['\x1b]', '\x1b[', '\x1b[1;', '\x1b]\x1b', '\r']) {
    // The quadratic ways of doing this take minutes here, and the test's time is over.
    expect(toPlainText(part.repeat(500_000)).length).toBeGreaterThan(0);
  }
});
