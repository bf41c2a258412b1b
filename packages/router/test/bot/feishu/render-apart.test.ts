import { expect, test } from 'vitest';
import { insteadOf } from '../../../src/bot/feishu/instead.ts';
import { plainParts, renderCard, renderMessage } from '../../../src/bot/feishu/render.ts';
import { apart } from '../../../src/bot/feishu/render-apart.ts';

const actions = [{ id: 'go', label: 'Go', style: 'primary' }] as const;

/** Runs `work`, and counts the turns that others had meanwhile. */
async function withOthers<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly others: number }> {
  let others = 0;
  const counting = setInterval(() => (others += 1), 1);
  const result = await work();
  clearInterval(counting);
  return { result, others };
}

test.each([
  { what: 'an answer of 300,000 characters', text: '- **so** and [so](https://example.org/)\n'.repeat(7500) },
  { what: 'a megabyte of escapes', text: '\u001b[31m'.repeat(200_000) },
  { what: 'an answer of several cards', text: `# Report\n\n${'`a` [b](c) <d> '.repeat(3000)}` },
])('$what is rendered as a short one is, while everybody else goes on', async ({ text }) => {
  const message = { id: 'm1', text, actions, language: 'zh' } as const;
  const rendered = await withOthers(() => apart.renderMessage(message));
  expect(rendered.result).toEqual(renderMessage(message));
  expect(rendered.others).toBeGreaterThan(0);
  expect(await apart.renderCard(message)).toEqual(renderCard(message));
  expect(await apart.plainParts(message)).toEqual(plainParts(message));
  for (const part of rendered.result.parts)
    expect(await apart.insteadOf(part, message)).toEqual(insteadOf(part, message));
});

test('a short message is rendered at once', async () => {
  const message = { id: 'm1', text: '**done**', actions };
  expect(await apart.renderMessage(message)).toEqual(renderMessage(message));
});
