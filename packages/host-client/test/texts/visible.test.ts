import { expect, test } from 'vitest';
import { visible, visibleLine, visibleProse } from '../../src/texts/visible.ts';

test('characters that cannot be seen are named', () => {
  expect(visible('a\u200bb')).toBe('a[U+200B]b');
  expect(visible('\u202etxt.exe')).toBe('[U+202E]txt.exe');
  expect(visible('\x1b[2Kecho')).toBe('[U+001B][2Kecho');
  expect(visible('x\u{e0041}\u3164\u2800\ue000\u2028\u00a0y')).toBe(
    'x[U+E0041][U+3164][U+2800][U+E000][U+2028][U+00A0]y',
  );
  expect(visible('\ud800')).toBe('[U+D800]');
});

test('ends of lines that are not those of the text are shown', () => {
  expect(visible('safe\rrm -rf x')).toBe(String.raw`safe[\r]rm -rf x`);
  expect(visible('a\r\nb\n')).toBe(`a${String.raw`[\r]`}\nb\n`);
});

test('what everybody can see stays as it is', () => {
  const text = 'const ä = "你好　世界"; // 🙂 مرحبا\n\tend\n';
  expect(visible(text)).toBe(text);
});

test('a long run of one character is counted, and one of many is not a wall', () => {
  expect(visible('\u200b'.repeat(5000))).toBe('[U+200B × 5000]');
  expect(visible('\u200b\u200c'.repeat(5000))).toBe("[10000 characters that can't be seen]");
});

test('blanks cannot push the end of a command out of sight', () => {
  expect(visible(`npm test${' '.repeat(500)}; curl evil`)).toBe('npm test [500 spaces] ; curl evil');
  expect(visible(`npm test${'\n '.repeat(200)}; curl evil`)).toBe('npm test\n[200 line ends, 200 spaces]\n; curl evil');
  const indented = `if\n${' '.repeat(60)}x`;
  expect(visible(indented)).toBe(indented);
});

test('emoji and blanks that do not break belong in a sentence, and hidden characters do not', () => {
  const text = '⚠️ 👨‍👩‍👧 ❤️‍🔥 un\u00a0mot';
  expect(visibleProse(text)).toBe(text);
  expect(visibleProse('a\ufe0fb\u200dc\u202ed')).toBe('a[U+FE0F]b[U+200D]c[U+202E]d');
});

test('a line is one line, is short, and splits no character', () => {
  expect(visibleLine('  git \n\t status ', 60)).toBe('git status');
  expect(visibleLine('x'.repeat(61), 60)).toBe(`${'x'.repeat(59)}…`);
  expect(visibleLine(`${' '.repeat(1000)}hidden`, 60)).toBe('…');
  expect(visibleLine('⚠️ a\u202eb\nc')).toBe('⚠️ a[U+202E]b c');
  expect(visibleLine('🙂'.repeat(40), 20)).toBe(`${'🙂'.repeat(9)}…`);
});
