import { expect, test } from 'vitest';
import { lastPart } from '../../../../src/bot/feishu/live/last-part.ts';

test('a text that fits is shown as it is', () => {
  expect(lastPart('one\ntwo', 10)).toBe('one\ntwo');
});

test('of a longer one the last lines are shown', () => {
  const text = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
  const part = lastPart(text, 200);
  expect(part).toMatch(/^…\n\nline \d\d\n/);
  expect(part.endsWith('line 98\nline 99')).toBe(true);
  expect(part.length).toBeLessThanOrEqual(203);
});

test('what is shown grows for a while before it moves', () => {
  const words = Array.from({ length: 400 }, (_, index) => `line ${index}\n`);
  const beginnings = words.map((_, index) => lastPart(words.slice(0, index + 1).join(''), 400).split('\n')[2]);
  expect(new Set(beginnings).size).toBeLessThan(45);
});

test.each([
  ['```ts\n', '\n```', '```ts'],
  ['  ~~~~ python\n', '\n~~~\nno end\n``````', '  ~~~~ python'],
])('a code block that began before (%j) begins again', (fence, inside, shown) => {
  const code = 'const x = 1;\n'.repeat(50);
  expect(lastPart(`text\n${fence}${code}`, 200)).toMatch(new RegExp(`^…\\n\\n${shown}\\nconst x`));
  const isClosed = inside === '\n```';
  const after = lastPart(`text\n${fence}${code}${inside}\n${'words\n'.repeat(100)}`, 200);
  expect(after.startsWith(`…\n\n${isClosed ? 'words' : shown}`)).toBe(true);
});

test('no character is cut in two', () => {
  for (let length = 100; length < 110; length += 1) {
    const part = lastPart(`${'a'.repeat(length)}${'🦊'.repeat(300)}`, 101);
    expect(part.isWellFormed()).toBe(true);
  }
});

test.each(['\n', '`', '```\n', '~~~ x\n', ' ', 'a', '🦊', '\n\n```js'])('a megabyte of %j takes no time', (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
  // The fastest of some: the machine has other things to do.
  const times = Array.from({ length: 8 }, () => {
    const begun = performance.now();
    lastPart(text, 4000);
    return performance.now() - begun;
  });
  expect(Math.min(...times)).toBeLessThan(10);
});
