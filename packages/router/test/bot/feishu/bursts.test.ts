import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import type { FeishuRates } from '../../../src/bot/feishu/pace.ts';
import { feishuRates } from '../../../src/bot/feishu/pace.ts';
import { TurnWatch } from '../../fakes/turn-watch.ts';
import { Turn } from './live/turn.ts';
import { Setting } from './setting.ts';

/** Feishu's rates in a time fifty times as fast. */
const fast: FeishuRates = {
  chat: { max: 5, windowMs: 20 },
  message: { max: 5, windowMs: 20 },
  card: { max: 10, windowMs: 20 },
  route: [
    { max: 50, windowMs: 20 },
    { max: 1000, windowMs: 1200 },
  ],
};

/** Sends so many answers to each chat, one after the other there. */
async function sendAll(setting: Setting, chats: readonly string[], each: number): Promise<void> {
  await Promise.all(
    chats.map(async (chatId) => {
      for (let index = 0; index < each; index += 1) {
        await setting.channel.send({ id: `${chatId}-${index}`, chatId, text: `answer ${index}`, language: 'en' });
      }
    }),
  );
}

function expectInOrder(setting: Setting, chats: readonly string[], each: number): void {
  const texts = Array.from({ length: each }, (_, index) => `answer ${index}`);
  for (const chatId of chats) expect(setting.feishu.messagesIn(chatId).map(({ text }) => text)).toEqual(texts);
  expect(setting.feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
}

test('a burst of answers to many chats arrives in order, without one refusal for its rate', async () => {
  await using setting = await Setting.open({ server: { limits: true } });
  const chats = Array.from({ length: 40 }, (_, index) => `oc_${index}`);
  await sendAll(setting, chats, 6);
  expectInOrder(setting, chats, 6);
  expect(setting.feishu.peakRate({ perMs: 1000 })).toBeLessThanOrEqual(50);
});

test('a thousand answers to forty chats stay below every rate', async () => {
  await using setting = await Setting.open({ channel: { rates: fast } });
  const chats = Array.from({ length: 40 }, (_, index) => `oc_${index}`);
  await sendAll(setting, chats, 25);
  expectInOrder(setting, chats, 25);
  expect(setting.feishu.peakRate({ perMs: 20 })).toBeLessThanOrEqual(50);
});

test('a thousand answers to one chat do, too', async () => {
  await using setting = await Setting.open({ channel: { rates: fast } });
  await sendAll(setting, ['oc_team'], 1000);
  expectInOrder(setting, ['oc_team'], 1000);
  expect(setting.feishu.peakRate({ perMs: 20, chatId: 'oc_team' })).toBeLessThanOrEqual(5);
});

test('what a turn shows gives way to answers, and both stay below the rates', async () => {
  await using turn = await Turn.begin({ server: { limits: true }, channel: { rates: feishuRates } });
  const { setting } = turn;
  let count = 0;
  const showing = setInterval(() => {
    count += 1;
    turn.show({ text: `word ${count}` });
  }, 5);
  await sendAll(setting, ['oc_team'], 12);
  clearInterval(showing);
  const others = setting.feishu.sent.filter(({ messageType }) => messageType === 'text');
  expect(others.map(({ text }) => text)).toEqual(Array.from({ length: 12 }, (_, index) => `answer ${index}`));
  expect(await setting.channel.send(turn.answer('done'))).toHaveLength(1);
  expect(setting.feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
});

test('calls that may be made at once are begun one in a turn of the event loop', async () => {
  await using setting = await Setting.open();
  const chats = Array.from({ length: 40 }, (_, index) => `oc_${index}`);
  let begun = 0;
  const count = () => {
    begun += 1;
  };
  subscribe('http.client.request.start', count);
  using turns = new TurnWatch(() => begun);
  await sendAll(setting, chats, 1);
  unsubscribe('http.client.request.start', count);
  expectInOrder(setting, chats, 1);
  expect(turns.most).toBe(1);
});
