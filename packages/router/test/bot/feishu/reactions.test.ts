import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { expect, test } from 'vitest';
import { Setting } from './setting.ts';

const reactions = '/im/v1/messages/:message_id/reactions';
const emojis = (setting: Setting) =>
  setting.feishu.messagesIn('oc_team').flatMap((message) => [...message.reactions.values()]);
const said = (setting: Setting) => setting.feishu.say({ openId: 'ou_alice', chatId: 'oc_team', text: 'hi' });

test('a sign says that a message has arrived, and is taken off again', async () => {
  await using setting = await Setting.open();
  const message = said(setting);
  const mark = await setting.channel.mark(message);
  expect(emojis(setting)).toEqual(['EYES']);
  await setting.channel.unmark(message, mark);
  expect(emojis(setting)).toEqual([]);
  await setting.channel.unmark(message, mark);
});

test('a sign whose id is not known is found, and nobody else loses theirs', async () => {
  await using setting = await Setting.open();
  const message = said(setting);
  await setting.channel.mark(message);
  setting.feishu.react('ou_bob', message, 'EYES');
  setting.feishu.react('ou_bob', message, 'OK');
  await setting.channel.unmark(message, undefined);
  expect(emojis(setting)).toEqual(['EYES', 'OK']);
  expect(setting.feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
});

test('a message that is gone needs no sign', async () => {
  await using setting = await Setting.open();
  const message = said(setting);
  setting.feishu.remove(message, 'recalled');
  const mark = await setting.channel.mark(message);
  await setting.channel.unmark(message, mark);
  await setting.channel.unmark(message, 'r_1');
  await setting.channel.unmark(message, undefined);
});

test.each<[FaultEffect, string]>([
  [{ kind: 'answer', status: 400, code: 230020 }, 'rate_limited'],
  [{ kind: 'answer', status: 500 }, 'unavailable'],
  [{ kind: 'answer', status: 400, code: 99991672 }, 'refused'],
])('what else goes wrong with a sign is told (%o)', async (effect, code) => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: reactions, effect });
  await expect(setting.channel.mark(said(setting))).rejects.toMatchObject({ code });
});
