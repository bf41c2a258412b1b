import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
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
  expect(card.text).toMatch(/Which machine is this for\?\nHome PC\nCancel$/);
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
  expect(card.text).toMatch(/^(→ home-pc\n?)+$/);
});

test('the buttons of a long text are under its last part', async () => {
  await using setting = await Setting.open();
  const shown = await setting.channel.send({ ...question, text: 'word '.repeat(10_000) });
  const { sent } = setting.feishu;
  expect(sent.length).toBeGreaterThan(1);
  expect(sent.map(({ id }) => id)).toEqual(shown);
  expect(sent.map(({ text }) => text.includes('Home PC'))).toEqual(sent.map(({ id }) => id === shown.at(-1)));
});
