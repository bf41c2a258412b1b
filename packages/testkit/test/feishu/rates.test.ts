import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cardOf, markdown, PlainBot } from './plain-bot.ts';

const start = 1_790_000_000_000;
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: start }));
afterEach(() => vi.useRealTimers());

const text = { text: 'x' };

test('a sixth message to a chat within a second is refused, an answer counted like any other', async () => {
  await using bot = await PlainBot.start({ limits: true });
  const asked = bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: 'hi' });
  const reply = { msg_type: 'text', content: JSON.stringify(text) };
  for (let count = 0; count < 4; count += 1) await bot.send('oc_1', 'text', text);
  expect((await bot.call('POST', `/im/v1/messages/${asked}/reply`, reply)).status).toBe(200);
  vi.setSystemTime(start + 999);
  expect(await bot.send('oc_1', 'text', text)).toMatchObject({ status: 400, body: { code: 230020 } });
  expect((await bot.send('oc_2', 'text', text)).status).toBe(200);
  vi.setSystemTime(start + 1_000);
  expect((await bot.send('oc_1', 'text', text)).status).toBe(200);
});

test('the gateway takes 50 calls of an API a second, and says when to come again', async () => {
  await using bot = await PlainBot.start({ limits: true });
  for (let count = 0; count < 50; count += 1) await bot.send(`oc_${count}`, 'text', text);
  vi.setSystemTime(start + 200);
  const refused = await bot.send('oc_x', 'text', text);
  expect(refused).toMatchObject({ status: 429, body: { code: 99991400 } });
  expect(refused.headers.get('x-ogw-ratelimit-limit')).toBe('50');
  expect(refused.headers.get('x-ogw-ratelimit-reset')).toBe('1');
  expect((await bot.call('GET', '/bot/v3/info')).status).toBe(200);
  expect(bot.feishu.sent.length).toBe(50);
});

test('the gateway takes 1,000 calls of an API a minute', async () => {
  await using bot = await PlainBot.start({ limits: true });
  const token = await bot.token();
  for (let second = 0; second < 20; second += 1) {
    vi.setSystemTime(start + second * 1_000);
    const calls = Array.from({ length: 50 }, () => bot.call('GET', '/bot/v3/info', undefined, token));
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
  }
  vi.setSystemTime(start + 20_000);
  const refused = await bot.call('GET', '/bot/v3/info', undefined, token);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('x-ogw-ratelimit-reset')).toBe('40');
  vi.setSystemTime(start + 60_000);
  expect((await bot.call('GET', '/bot/v3/info', undefined, token)).status).toBe(200);
});

test('a message is patched five times a second, and a card made with CardKit changed ten times', async () => {
  await using bot = await PlainBot.start({ limits: true });
  const card = JSON.stringify(cardOf([markdown('x')]));
  const { data } = await bot.send('oc_1', 'interactive', card);
  const patch = async () =>
    (await bot.call('PATCH', `/im/v1/messages/${data.message_id}`, { content: card })).body.code;
  for (let count = 0; count < 5; count += 1) expect(await patch()).toBe(0);
  expect(await patch()).toBe(230020);
  const { data: made } = await bot.call('POST', '/cardkit/v1/cards', { type: 'card_json', data: card });
  const update = async (sequence: number) => {
    const body = { card: { type: 'card_json', data: card }, sequence };
    return (await bot.call('PUT', `/cardkit/v1/cards/${made.card_id}`, body)).body.code;
  };
  for (let count = 1; count <= 10; count += 1) expect(await update(count)).toBe(0);
  expect(await update(11)).toBe(230020);
  vi.setSystemTime(start + 1_000);
  expect(await patch()).toBe(0);
  expect(await update(11)).toBe(0);
});

test('nothing is refused until limits are on, and they can be switched', async () => {
  await using bot = await PlainBot.start();
  const burst = async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => bot.send('oc_1', 'text', text)));
    return answers.filter(({ status }) => status === 200).length;
  };
  expect(await burst()).toBe(8);
  bot.feishu.limits = true;
  expect(await burst()).toBe(5);
  bot.feishu.limits = false;
  expect(await burst()).toBe(8);
});

test('the peak of sends is told for a chat, for all, and for the calls that a filter fits', async () => {
  await using bot = await PlainBot.start();
  const asked = bot.feishu.say({ openId: 'ou_a', text: 'hi' });
  const reply = { msg_type: 'text', content: JSON.stringify(text) };
  const toUser = { ...reply, receive_id: 'ou_a' };
  expect(bot.feishu.peakRate({ perMs: 1000 })).toBe(0);
  for (const [afterMs, times] of [
    [0, 1],
    [900, 2],
    [1_800, 1],
  ] as const) {
    vi.setSystemTime(start + afterMs);
    for (let count = 0; count < times; count += 1) await bot.send('oc_1', 'text', text);
    await bot.call('POST', `/im/v1/messages/${asked}/reply`, reply);
    await bot.call('POST', '/im/v1/messages?receive_id_type=open_id', toUser);
  }
  const { feishu } = bot;
  expect(feishu.peakRate({ perMs: 1000, chatId: 'oc_1' })).toBe(3);
  expect(feishu.peakRate({ perMs: 1000, chatId: feishu.chatOf('ou_a') })).toBe(4);
  expect(feishu.peakRate({ perMs: 1000 })).toBe(7);
  expect(feishu.peakRate({ perMs: 900 })).toBe(4);
  expect(feishu.peakRate({ perMs: 5000, path: '/im/v1/messages/:message_id/reply' })).toBe(3);
});
