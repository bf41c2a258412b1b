import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { PlainBot } from './feishu/plain-bot.ts';

const card = (content: string) =>
  JSON.stringify({ config: { update_multi: true }, elements: [{ tag: 'markdown', content }] });
const create = '/im/v1/messages?receive_id_type=chat_id';
const text = (content: string, uuid?: string) => ({
  receive_id: 'oc_1',
  msg_type: 'text',
  content: JSON.stringify({ text: content }),
  ...(uuid === undefined ? {} : { uuid }),
});

test('a token is given for the right secret, kept while it is good, and missed when it is not there', async () => {
  await using bot = await PlainBot.start();
  expect(await bot.token('wrong')).toBe('10014');
  const token = await bot.token();
  expect(await bot.token()).toBe(token);
  expect(await bot.call('POST', create, text('hi'), 'made-up')).toMatchObject({
    status: 400,
    body: { code: 99991663 },
  });
  bot.feishu.invalidateTokens();
  expect(await bot.call('POST', create, text('hi'), token)).toMatchObject({ status: 400, body: { code: 99991663 } });
  expect(await bot.token()).not.toBe(token);
});

test('an expired token is refused as such', async () => {
  await using bot = await PlainBot.start({ tokenLifetimeMs: 0 });
  expect(await bot.call('POST', create, text('hi'))).toMatchObject({ status: 400, body: { code: 99991677 } });
});

test('the same uuid makes one message, which both calls are told of', async () => {
  await using bot = await PlainBot.start();
  const first = await bot.call('POST', create, text('once', 'u-1'));
  const second = await bot.call('POST', create, text('once', 'u-1'));
  expect(second.data.message_id).toBe(first.data.message_id);
  await bot.call('POST', create, text('twice', 'u-2'));
  expect(bot.feishu.messagesIn('oc_1').map((message) => message.text)).toEqual(['once', 'twice']);
});

test.each([
  ['empty text', text(' '), 230001],
  ['no JSON', { ...text('x'), content: 'x' }, 230001],
  ['151 KB', text('x'.repeat(151 * 1024)), 230025],
  ['a long uuid', text('x', 'u'.repeat(51)), 99992402],
  ['no receiver', { ...text('x'), receive_id: '' }, 99992402],
])('a message with %s is refused', async (_what, body, code) => {
  await using bot = await PlainBot.start();
  expect(await bot.call('POST', create, body)).toMatchObject({ status: 400, body: { code } });
  expect(bot.feishu.sent).toEqual([]);
});

test('a message is answered, listed, changed and taken back by its id', async () => {
  await using bot = await PlainBot.start();
  const asked = bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: 'hi' });
  const shown = { msg_type: 'interactive', content: card('one') };
  const { data } = await bot.call('POST', `/im/v1/messages/${asked}/reply`, shown);
  const path = `/im/v1/messages/${data.message_id}`;
  await bot.call('PATCH', path, { content: card('two') });
  expect(bot.feishu.sent).toMatchObject([{ text: 'two', replyTo: asked, updates: 1 }]);
  expect((await bot.call('GET', path)).data.items).toMatchObject([{ chat_id: 'oc_1', parent_id: asked }]);
  const page = await bot.call('GET', '/im/v1/messages?container_id_type=chat&container_id=oc_1&page_size=1');
  expect(page.data).toMatchObject({ has_more: true, items: [{ message_id: asked }] });
  const { data: reaction } = await bot.call('POST', `/im/v1/messages/${asked}/reactions`, {
    reaction_type: { emoji_type: 'OK' },
  });
  expect([...(bot.feishu.messagesIn('oc_1')[0]?.reactions.values() ?? [])]).toEqual(['OK']);
  expect((await bot.call('DELETE', `/im/v1/messages/${asked}/reactions/${reaction.reaction_id}`)).status).toBe(200);
  await bot.call('DELETE', path);
  expect((await bot.call('PATCH', path, { content: '{}' })).body.code).toBe(230011);
  expect((await bot.call('POST', '/im/v1/messages/om_unknown/reply', shown)).body.code).toBe(231003);
});

test('uploads keep their bytes, and a download needs the message it came with', async () => {
  await using bot = await PlainBot.start();
  const form = new FormData();
  form.set('file_type', 'stream');
  form.set('file_name', '报告.txt');
  form.set('file', new Blob(['a report']), 'x');
  const { data } = await bot.call('POST', '/im/v1/files', form);
  expect(bot.feishu.uploads).toMatchObject([{ key: data.file_key, name: '报告.txt', bytes: Buffer.from('a report') }]);
  const id = bot.feishu.deliver('image', { image_key: 'img_1' }, { openId: 'ou_a' });
  bot.feishu.attach(id, { key: 'img_1', kind: 'image', name: 'a.png', bytes: Buffer.from('png') });
  const headers = { authorization: `Bearer ${await bot.token()}` };
  const url = `${bot.feishu.url}/open-apis/im/v1/messages/${id}/resources/img_1?type=image`;
  expect(await (await fetch(url, { headers })).text()).toBe('png');
  expect((await fetch(url.replace(id, 'om_other'), { headers })).status).toBe(400);
});

test('an event that is acknowledged comes once; one that fails or is ignored comes again, with the same id', async () => {
  await using bot = await PlainBot.start({ ackTimeoutMs: 30, redeliverAfterMs: [10, 10] });
  const codes = [500, undefined, 200, 200];
  await bot.listen(() => codes.shift());
  bot.feishu.say({ openId: 'ou_a', text: 'hi' });
  await waitFor(() => bot.feishu.deliveries.length === 3 && bot.feishu.deliveries[2]?.ackedAt);
  expect(bot.feishu.deliveries.map((delivery) => delivery.ackCode)).toEqual([500, undefined, 200]);
  expect(new Set(bot.feishu.deliveries.map((delivery) => delivery.eventId)).size).toBe(1);
  bot.feishu.deliverEvent('im.message.recalled_v1', {});
  await waitFor(() => bot.feishu.deliveries[3]?.ackedAt);
  expect(bot.feishu.deliveries.length).toBe(4);
});

test('an event waits for a connection, and takes one of several', async () => {
  await using bot = await PlainBot.start();
  bot.feishu.say({ openId: 'ou_a', text: 'early' });
  await bot.listen(() => 200);
  await waitFor(() => bot.feishu.deliveries[0]?.ackedAt);
  await bot.listen(() => 200);
  for (const word of ['a', 'b', 'c', 'd']) bot.feishu.say({ openId: 'ou_a', text: word });
  await waitFor(() => bot.feishu.deliveries.every((delivery) => delivery.ackedAt));
  expect(bot.feishu.deliveries.length).toBe(5);
  expect(new Set(bot.feishu.deliveries.map((delivery) => delivery.socket))).toEqual(new Set([1, 2]));
});

test('faults spoil as many calls as they say, with or without the effect of the call', async () => {
  await using bot = await PlainBot.start();
  const { feishu } = bot;
  const headers = { 'x-ogw-ratelimit-reset': '3' };
  feishu.fail({ path: '/im/v1/messages', effect: { kind: 'answer', status: 429, code: 99991400, headers } });
  feishu.fail({ path: /messages$/, effect: { kind: 'answer', status: 500, perform: true } });
  feishu.fail({ method: 'POST', path: '/im/v1/messages', effect: { kind: 'cut', perform: true } });
  feishu.fail({ path: '/im/v1/messages', effect: { kind: 'slow', ms: 50 } });
  expect(await bot.call('POST', create, text('1'))).toMatchObject({ status: 429, body: { code: 99991400 } });
  expect((await bot.call('POST', create, text('2'))).status).toBe(500);
  await expect(bot.call('POST', create, text('3'))).rejects.toThrow();
  const before = performance.now();
  await bot.call('POST', create, text('4'));
  expect(performance.now() - before).toBeGreaterThan(45);
  expect(feishu.sent.map((message) => message.text)).toEqual(['2', '3', '4']);
  const statuses = feishu.calls.filter((call) => call.path === '/im/v1/messages').map((call) => call.status);
  expect(statuses).toEqual([429, 500, 0, 200]);
});

test('closing ends calls that hang, sockets and pending redeliveries, also twice', async () => {
  const bot = await PlainBot.start();
  const socket = await bot.listen(() => 500);
  bot.feishu.say({ openId: 'ou_a', text: 'hi' });
  bot.feishu.fail({ effect: { kind: 'hang' } });
  const hanging = bot.call('GET', '/bot/v3/info', undefined, 'x').catch(() => 'ended');
  await waitFor(() => bot.feishu.calls.some((call) => call.path === '/bot/v3/info'));
  await bot.feishu.close();
  await bot.feishu.close();
  expect(await hanging).toBe('ended');
  await waitFor(() => socket.readyState === WebSocket.CLOSED);
});
