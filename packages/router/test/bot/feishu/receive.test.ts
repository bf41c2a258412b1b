import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Setting } from './setting.ts';

test('a message that a user writes arrives, with who, where and when', async () => {
  await using setting = await Setting.open();
  await setting.start();
  const id = setting.feishu.say({ openId: 'ou_alice', text: 'fix the login bug' });
  const message = await waitFor(() => setting.received[0]);
  const sent = setting.feishu.messagesIn(setting.feishu.chatOf('ou_alice'))[0];
  expect(message).toMatchObject({
    id,
    channel: 'feishu',
    chatId: setting.feishu.chatOf('ou_alice'),
    chatType: 'p2p',
    userId: 'ou_alice',
    text: 'fix the login bug',
    addressed: true,
    sentAt: sent?.createdAt,
  });
});

test('each copy of an event that comes three times is handed on and acknowledged', async () => {
  await using setting = await Setting.open();
  await setting.start();
  const id = setting.feishu.say({ openId: 'ou_alice', text: 'once' });
  await waitFor(() => setting.received.length === 1);
  setting.feishu.redeliver(id, 2);
  await waitFor(() => setting.feishu.deliveries.filter((delivery) => delivery.ackCode === 200).length === 3);
  expect(setting.received.map((message) => message.id)).toEqual([id, id, id]);
});

test('an event is acknowledged only when the message has been taken', async () => {
  await using setting = await Setting.open();
  const taken = Promise.withResolvers<void>();
  await setting.start(() => taken.promise);
  const id = setting.feishu.say({ openId: 'ou_alice', text: 'slowly' });
  await waitFor(() => setting.received.length === 1);
  // Other events come and go meanwhile, so an early acknowledgement would have had its time.
  setting.feishu.deliverEvent('im.message.message_read_v1', { reader: {} });
  await waitFor(() => setting.feishu.deliveries[1]?.ackedAt);
  expect(setting.feishu.deliveries[0]?.ackedAt).toBeUndefined();
  expect(setting.journey).toEqual([`event.received ${id}`]);
  taken.resolve();
  await waitFor(() => setting.feishu.deliveries[0]?.ackCode === 200);
  expect(setting.journey).toEqual([`event.received ${id}`, `event.acked ${id}`]);
});

test('a message that could not be taken comes again', async () => {
  await using setting = await Setting.open({ server: { redeliverAfterMs: [20, 20] } });
  let refusals = 1;
  await setting.start(async () => {
    if (refusals-- > 0) throw new Error('the disk is full');
  });
  const id = setting.feishu.say({ openId: 'ou_alice', text: 'keep this' });
  await waitFor(() => setting.feishu.deliveries.length === 2 && setting.feishu.deliveries[1]?.ackCode);
  expect(setting.feishu.deliveries.map((delivery) => delivery.ackCode)).toEqual([500, 200]);
  expect(setting.received.map((message) => message.id)).toEqual([id, id]);
});

test('in a group only a message that mentions the bot is addressed to it', async () => {
  await using setting = await Setting.open();
  await setting.start();
  await waitFor(() => setting.feishu.calls.some((call) => call.path === '/bot/v3/info' && call.status === 200));
  // The answer is on its way; the first mention that counts shows that it has arrived.
  const group = { openId: 'ou_alice', chatId: 'oc_team' } as const;
  await waitFor(async () => {
    const id = setting.feishu.say({ ...group, text: 'run the tests', mentionsBot: true });
    return await waitFor(() => setting.received.find((message) => message.id === id)).then((found) => found.addressed);
  });
  const id = setting.feishu.say({ ...group, text: 'lunch?' });
  const unaddressed = await waitFor(() => setting.received.find((message) => message.id === id));
  expect(unaddressed).toMatchObject({ addressed: false, chatType: 'group', text: 'lunch?' });
  expect(setting.received.find((message) => message.addressed)?.text).toBe('run the tests');
});

test('the bot learns who it is although Feishu fails at first', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: '/bot/v3/info', times: 2, effect: { kind: 'answer', status: 500 } });
  await setting.start();
  await waitFor(() => setting.feishu.calls.filter((call) => call.path === '/bot/v3/info').length === 3);
  expect(setting.feishu.calls.filter((call) => call.path === '/bot/v3/info').map((call) => call.status)).toEqual([
    500, 500, 200,
  ]);
});

test('a second connection of the same app is warned of', async () => {
  await using setting = await Setting.open();
  setting.feishu.onlineInstances = 2;
  await setting.start();
  await waitFor(() => setting.log.some((line) => line.includes('several connections')));
});

test('an event that can not be read is dropped with a warning, and does not come again', async () => {
  await using setting = await Setting.open({ server: { redeliverAfterMs: [10] } });
  await setting.start();
  setting.feishu.deliverEvent('im.message.receive_v1', { sender: {}, message: { content: 'private words' } });
  await waitFor(() => setting.feishu.deliveries[0]?.ackCode === 200);
  expect(setting.received).toEqual([]);
  expect(setting.log.some((line) => line.includes('can not be read'))).toBe(true);
  expect(setting.log.join('')).not.toContain('private words');
});
