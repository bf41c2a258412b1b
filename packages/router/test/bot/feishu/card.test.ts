import { expect, test } from 'vitest';
import { toCardAnswer, toTextCard } from '../../../src/bot/feishu/card.ts';
import { toElements } from '../../../src/bot/feishu/markdown/elements.ts';
import { travelBytes } from './rendered.ts';

test('what a press led to is a card without buttons, in which nothing mentions anyone', () => {
  const answer = toCardAnswer({ kind: 'success', toast: 'sent', text: '**Sent** <at id=all> ![a](img_x)\u202e' });
  expect(answer).toEqual({
    toast: { type: 'success', content: 'sent' },
    card: {
      type: 'raw',
      data: {
        schema: '2.0',
        config: { update_multi: true, summary: { content: 'Sent ＜at id=all> a (img_x)[U+202E]' } },
        body: { elements: [{ tag: 'markdown', content: '**Sent** &#60;at id=all> a (img_x)[U+202E]' }] },
      },
    },
  });
  expect(toCardAnswer({ kind: 'warning', toast: 'no' })).toEqual({ toast: { type: 'warning', content: 'no' } });
});

test('a text that no card holds is cut to one', () => {
  for (const text of ['word '.repeat(100_000), '```\n"x"\n'.repeat(50_000), '']) {
    const card = toTextCard(text);
    expect(travelBytes(JSON.stringify(card))).toBeLessThanOrEqual(28_000);
    expect(card.body.elements).toMatchObject([{ tag: 'markdown', content: expect.stringMatching(/…$/) }]);
  }
});

test('elements for another card keep to its budget, end where a block ends and say whether there is more', () => {
  const table = '| a | b |\n|---|---|\n| 1 | 2 |';
  const text = Array.from({ length: 8 }, () => `${'word '.repeat(30)}\n\n${table}`).join('\n\n');
  const { elements, isCut } = toElements(text, { maxBytes: 1200, maxTables: 1 });
  expect(isCut).toBe(true);
  expect(elements.length).toBe(1);
  expect(travelBytes(elements[0]?.content ?? '')).toBeLessThanOrEqual(1200);
  expect(elements[0]?.content.match(/\| --- \|/g)?.length).toBe(1);
  expect(toElements('a **b**', { maxBytes: 1200 })).toEqual({
    elements: [{ tag: 'markdown', content: 'a **b**' }],
    isCut: false,
  });
  expect(toElements(' \n', { maxBytes: 1200 })).toEqual({ elements: [], isCut: false });
  expect(toElements('word '.repeat(300_000), { maxBytes: 1e9 }).isCut).toBe(true);
});

test('a block of code that is still being written stays open, so that more of it is only added', () => {
  const contentOf = (text: string) => toElements(text, { maxBytes: 1200 }).elements[0]?.content ?? '';
  const [before, after] = [contentOf('See\n\n```ts\nconst a = '), contentOf('See\n\n```ts\nconst a = 1;\nconst b')];
  expect(before).toBe('See\n\n```ts\nconst a = ');
  expect(after.startsWith(before)).toBe(true);
});
