import { expect, test } from 'vitest';
import { renderMessage } from '../../../src/bot/feishu/render.ts';

/** What each part would say. */
function textsOf(text: string, id = 'send'): string[] {
  return renderMessage({ id, text }).map((part) => String(JSON.parse(part.content).text));
}

test.each([
  ['plain text', 'plain text'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['dos\r\nlines', 'dos\nlines'],
  ['<at user_id="all">everyone</at>', '＜at user_id="all">everyone＜/at>'],
  ['<AT id=all></AT>', '＜AT id=all>＜/AT>'],
  ['</ at>', '＜/ at>'],
  ['< at user_id="ou_x">', '＜ at user_id="ou_x">'],
  ['if (a <attempts) return;', 'if (a <attempts) return;'],
  ['invoice\u202Efdp.exe', 'invoice[U+202E]fdp.exe'],
  ['\u2066isolated\u2069', '[U+2066]isolated[U+2069]'],
  ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
  ['bell\u0007 null\u0000 delete\u007f', 'bell␇ null␀ delete␡'],
  ['c1 \u009b31m', 'c1 [U+009B]31m'],
  ['half a pair \ud83d.', 'half a pair \ufffd.'],
  ['', '…'],
  ['\n\n', '…'],
])('%j is sent as %j', (text, sent) => {
  expect(textsOf(text)).toEqual([sent]);
});

test.each([0, 1, 2, 3])(
  '400 KB of emoji after %d bytes are cut between characters, below what Feishu takes',
  (shift) => {
    const text = 'a'.repeat(shift) + '🦊'.repeat(100_000);
    const parts = renderMessage({ id: 'send', text });
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      expect(Buffer.byteLength(JSON.stringify({ content: part.content }))).toBeLessThan(150_000);
      expect(JSON.parse(part.content).text.isWellFormed()).toBe(true);
    }
    expect(textsOf(text).join('')).toBe(text);
  },
);

test.each(['<', '</', '\n', '@'])('a megabyte of blanks after %j holds nobody up', (start) => {
  const before = performance.now();
  renderMessage({ id: 'send', text: `${start}${' '.repeat(1024 * 1024)}x` });
  // Some 20 ms; with a pattern that starts over at each blank it is minutes.
  expect(performance.now() - before).toBeLessThan(1_000);
});

test('text that grows in JSON is cut by what travels', () => {
  for (const part of renderMessage({ id: 'send', text: '"\\'.repeat(150_000) })) {
    expect(Buffer.byteLength(JSON.stringify({ content: part.content }))).toBeLessThan(150_000);
  }
});

test('long text is cut between paragraphs, else between lines, else between words', () => {
  const block = 'word '.repeat(8_000).trim();
  for (const separator of ['\n\n', '\n']) {
    const text = Array.from({ length: 10 }, () => block).join(separator);
    const parts = textsOf(text);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.split(separator).every((piece) => piece === block)).toBe(true);
  }
  for (const part of textsOf('word '.repeat(80_000))) expect(part).toMatch(/^(word ?)+$/);
});

test('the same message has the same uuids each time, different for each part, at most 50 characters', () => {
  const text = 'a'.repeat(400_000);
  for (const id of ['b2f6c1de-4f5e-4d5a-9f0e-1a2b3c4d5e6f', 'x'.repeat(50)]) {
    const uuids = renderMessage({ id, text }).map((part) => part.uuid);
    expect(renderMessage({ id, text }).map((part) => part.uuid)).toEqual(uuids);
    expect(new Set(uuids).size).toBe(uuids.length);
    expect(Math.max(...uuids.map((uuid) => uuid.length))).toBeLessThanOrEqual(50);
  }
  expect(renderMessage({ id: 'one', text: 'a' })[0]?.uuid).not.toBe(renderMessage({ id: 'two', text: 'a' })[0]?.uuid);
});
