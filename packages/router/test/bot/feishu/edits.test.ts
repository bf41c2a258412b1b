import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Turn } from './live/turn.ts';
import { Setting } from './setting.ts';

const patch = '/im/v1/messages/:message_id';
const actions = [{ id: 'yes', label: 'Yes', style: 'primary' }] as const;
const question = { id: 'question-1', chatId: 'oc_team', text: 'Commit?', actions, language: 'en' } as const;

async function asked(setting: Setting): Promise<string> {
  const shownId = (await setting.channel.send(question)).at(-1);
  if (shownId === undefined) throw new Error('nothing was sent');
  return shownId;
}

test('an edited message has its new text and no buttons', async () => {
  await using setting = await Setting.open();
  const shownId = await asked(setting);
  await setting.channel.edit({ chatId: 'oc_team', shownId, text: '**Yes** <at id=all></at>' });
  expect(setting.feishu.sent[0]?.text).toContain('**Yes**');
  expect(setting.feishu.sent[0]?.text).not.toMatch(/Commit|<at/);
  expect(setting.feishu.sent.length).toBe(1);
});

test('an answer that took the place of a card is edited where it is', async () => {
  await using turn = await Turn.begin();
  turn.show();
  await waitFor(() => turn.shown[0]);
  const [shownId = ''] = await turn.setting.channel.send({ ...turn.answer('Commit?'), actions });
  await turn.setting.restart();
  await turn.setting.channel.edit({ chatId: 'oc_team', shownId, text: 'Yes!' });
  expect(turn.card.text).toMatch(/^(Yes!\n?)+$/);
});

test('an edit waits until a press is answered and Feishu has had a second for it', async () => {
  await using setting = await Setting.open({ channel: { timings: { settleMs: 400 } } });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await setting.start(
    async () => {},
    async () => await held,
  );
  await waitFor(() => setting.channel.health().state === 'connected');
  const shownId = await asked(setting);
  const [card] = setting.feishu.sent;
  if (card === undefined) throw new Error('nothing was sent');
  const pressing = setting.feishu.press('ou_alice', card, 'yes');
  await waitFor(() => setting.pressed[0]);
  const editing = setting.channel.edit({ chatId: 'oc_team', shownId, text: 'Yes!' });
  await delay(200);
  release();
  await pressing;
  const answeredAt = Date.now();
  await editing;
  const edit = setting.feishu.calls.find(({ route }) => route === patch);
  expect((edit?.at ?? 0) - answeredAt).toBeGreaterThan(350);
});

test.each([230011, 231003, 230031, 230110])('a message that can not be changed any more (%i) is left', async (code) => {
  await using setting = await Setting.open();
  const shownId = await asked(setting);
  setting.feishu.fail({ path: patch, effect: { kind: 'answer', status: 400, code } });
  await setting.channel.edit({ chatId: 'oc_team', shownId, text: 'Yes!' });
});

test('an edit that failed otherwise is told', async () => {
  await using setting = await Setting.open();
  const shownId = await asked(setting);
  setting.feishu.fail({ path: patch, effect: { kind: 'answer', status: 500 } });
  await expect(setting.channel.edit({ chatId: 'oc_team', shownId, text: 'Yes!' })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
