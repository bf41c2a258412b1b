import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import type { KnownChat } from '../../../src/bot/chat-channel.ts';
import { Setting } from './setting.ts';

const alice: KnownChat = { chatId: 'oc_p2p_ou_alice', chatType: 'p2p' };
const team: KnownChat = { chatId: 'oc_team', chatType: 'group' };
const inTeam = { openId: 'ou_alice', chatId: 'oc_team', chatType: 'group' } as const;

const { signal } = new AbortController();

async function started(): Promise<Setting> {
  const setting = await Setting.open();
  await setting.start();
  // It knows who it is by then.
  await waitFor(() => setting.channel.messagesSince(team, 0, signal).catch(() => undefined));
  return setting;
}

test('the history tells of messages what their events tell', async () => {
  await using setting = await started();
  const { feishu } = setting;
  const first = feishu.say({ openId: 'ou_alice', text: 'fix *this*' });
  feishu.say({ openId: 'ou_alice', text: 'and that', parentId: first });
  feishu.deliver('post', { title: '', content: [[{ tag: 'text', text: 'rich' }]] }, { openId: 'ou_alice' });
  feishu.sendFile({ openId: 'ou_alice', kind: 'image', name: 'a.png', bytes: Buffer.from('x') });
  feishu.sendFile({ openId: 'ou_alice', kind: 'file', name: 'a.txt', bytes: Buffer.from('x') });
  feishu.deliver('sticker', { file_key: 'k' }, { openId: 'ou_alice' });
  await waitFor(() => setting.received.length === 6);
  expect(await setting.channel.messagesSince(alice, 0, signal)).toEqual(
    [...setting.received].sort((a, b) => a.sentAt - b.sentAt),
  );
});

test('of a group it tells the messages that mention the bot, without the mention', async () => {
  await using setting = await started();
  setting.feishu.say({ ...inTeam, text: 'lunch?' });
  setting.feishu.say({ ...inTeam, text: 'run the tests', mentionsBot: true });
  expect(await setting.channel.messagesSince(team, 0, signal)).toMatchObject([
    { text: 'run the tests', addressed: true, chatType: 'group', chatId: 'oc_team' },
  ]);
});

test('what was taken back, what the bot said and what nobody said is left out, and so is what is older', async () => {
  await using setting = await started();
  const { feishu } = setting;
  feishu.say({ openId: 'ou_alice', text: 'long ago', sentAt: 1_000_000 });
  feishu.recall(feishu.say({ openId: 'ou_alice', text: 'oops' }));
  await setting.channel.send({ id: 'm', chatId: alice.chatId, text: 'I am the bot' });
  feishu.deliver('system', { template: '{from_user} joined' }, { openId: 'ou_alice' });
  feishu.say({ openId: 'ou_alice', text: 'this one' });
  const found = await setting.channel.messagesSince(alice, Date.now() - 60_000, signal);
  expect(found?.map(({ text }) => text)).toEqual(['this one']);
});

test('what the bot has answered was handled, whatever became of the database since', async () => {
  await using setting = await started();
  const [answered = '', open = ''] = ['one', 'two'].map((text) => setting.feishu.say({ openId: 'ou_alice', text }));
  await setting.channel.send({ id: 'm', chatId: alice.chatId, text: 'done', replyTo: answered });
  expect(await setting.channel.messagesSince(alice, 0, signal)).toMatchObject([{ id: open }]);
});

test('a long history comes whole, in the order in which it was said', async () => {
  await using setting = await started();
  const start = Date.now() - 60_000;
  for (let count = 0; count < 130; count += 1) {
    setting.feishu.say({ openId: 'ou_alice', text: `${count}`, sentAt: start + count });
  }
  const found = await setting.channel.messagesSince(alice, start - 1000, signal);
  expect(found?.map(({ text }) => text)).toEqual(Array.from({ length: 130 }, (_, count) => `${count}`));
});

test('without the permission there is one line in the log, and Feishu is not asked again and again', async () => {
  await using setting = await started();
  const looks = () => setting.feishu.calls.filter(({ route }) => route === '/im/v1/messages').length;
  const before = looks();
  setting.feishu.canReadHistory = false;
  for (const chat of [alice, { ...alice, chatId: 'oc_2' }, alice, team]) {
    expect(await setting.channel.messagesSince(chat, 0, signal)).toBeUndefined();
  }
  const warnings = setting.log.filter((line) => line.includes('does not let the app read its chats'));
  // Groups need another permission.
  expect(warnings.map((line) => /permission ([\w:.]+)/.exec(line)?.[1])).toEqual([
    'im:message:readonly',
    'im:message.group_msg',
  ]);
  expect(looks() - before).toBe(2);
});

test('a Feishu that fails just now is to be asked later', async () => {
  await using setting = await started();
  setting.feishu.say({ openId: 'ou_alice', text: 'hello' });
  setting.feishu.fail({ method: 'GET', path: '/im/v1/messages', effect: { kind: 'answer', status: 500 } });
  await expect(setting.channel.messagesSince(alice, 0, signal)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await setting.channel.messagesSince(alice, 0, signal)).toHaveLength(1);
});

test('a group is not read before the bot knows who it is', async () => {
  await using setting = await Setting.open();
  setting.feishu.say({ ...inTeam, text: 'run the tests', mentionsBot: true });
  await expect(setting.channel.messagesSince(team, 0, signal)).rejects.toMatchObject({ code: 'unavailable' });
});
