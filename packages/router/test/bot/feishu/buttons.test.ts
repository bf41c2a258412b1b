import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { renderMessage } from '../../../src/bot/feishu/render.ts';
import { Setting } from './setting.ts';

const actions = [
  { id: 'home-pc', label: 'Home PC', style: 'primary' },
  { id: 'cancel', label: 'Cancel', style: 'danger' },
] as const;
const question = { id: 'question-1', chatId: 'oc_alice', text: 'Which machine is this for?', actions };

test('a message with buttons is a card, whose press comes back with both ids and is answered with a toast', async () => {
  await using setting = await Setting.open();
  await setting.start();
  await waitFor(() => setting.channel.health().state === 'connected');
  const shown = await setting.channel.send(question);
  const [card] = setting.feishu.sent;
  if (card === undefined) throw new Error('nothing was sent');
  expect(shown).toEqual([card.id]);
  expect(card.messageType).toBe('interactive');
  expect(card.text).toBe('Which machine is this for?\nHome PC\nCancel');
  const answer = await setting.feishu.press('ou_alice', card, 'home-pc');
  expect(setting.pressed).toEqual([
    { channel: 'feishu', chatId: 'oc_alice', userId: 'ou_alice', messageId: 'question-1', actionId: 'home-pc' },
  ]);
  expect(answer).toEqual({ toast: { type: 'success', content: 'done' } });
  expect(card.text).toContain('Cancel');
});

test('an outcome with a text takes the place of the card, without buttons', async () => {
  await using setting = await Setting.open();
  await setting.start();
  await waitFor(() => setting.channel.health().state === 'connected');
  setting.outcome = { kind: 'success', toast: 'sent', text: '→ home-pc' };
  await setting.channel.send(question);
  const [card] = setting.feishu.sent;
  if (card === undefined) throw new Error('nothing was sent');
  await setting.feishu.press('ou_alice', card, 'home-pc');
  expect(card.text).toBe('→ home-pc');
});

test('a long text goes before its card, and the same message gives the same parts', () => {
  const message = { id: 'm', text: 'word '.repeat(10_000), actions };
  const parts = renderMessage(message);
  expect(parts.map(({ messageType }) => messageType)).toEqual(['text', 'interactive']);
  for (const { messageType, content } of parts) {
    expect(Buffer.byteLength(content)).toBeLessThan(messageType === 'text' ? 150_000 : 30_000);
  }
  expect(renderMessage(message)).toEqual(parts);
  expect(new Set(parts.map(({ uuid }) => uuid)).size).toBe(2);
});
