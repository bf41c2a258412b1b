import { expect, test } from 'vitest';
import { cutMiddle, firstLine, headOf, shorten, tailOf } from '../../src/texts/cut.ts';

const gap = (missing: number) => `[${missing}]`;

test('no cut leaves half a character behind', () => {
  expect(headOf('🙂🙂', 3)).toBe('🙂');
  expect(tailOf('🙂🙂', 3)).toBe('🙂');
  expect(shorten('🙂🙂🙂', 4)).toBe('🙂…');
  expect(cutMiddle('🙂🙂🙂🙂', 5, gap)).toBe('🙂[4]🙂');
});

test('what fits stays whole', () => {
  for (const text of ['', 'abc', '🙂a']) {
    expect(headOf(text, 3)).toBe(text);
    expect(tailOf(text, 3)).toBe(text);
    expect(shorten(text, 3)).toBe(text);
    expect(cutMiddle(text, 3, gap)).toBe(text);
  }
});

test('with no room there is nothing but what says that something is missing', () => {
  expect(headOf('abc', -1)).toBe('');
  expect(tailOf('abc', 0)).toBe('');
  expect(cutMiddle('abc', 0, gap)).toBe('[3]');
});

test('the first line is the first with words, cut to its size', () => {
  expect(firstLine('\n\n  fix it \nnow', 80)).toBe('fix it');
  expect(firstLine('', 80)).toBe('');
  expect(firstLine('a bc', 3)).toBe('a…');
});
