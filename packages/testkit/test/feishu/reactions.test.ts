import { waitFor } from '@phonework/testkit/wait';
import { afterEach, expect, test, vi } from 'vitest';
import { PlainBot } from './plain-bot.ts';

afterEach(() => vi.useRealTimers());

const reaction = (emoji: string) => ({ reaction_type: { emoji_type: emoji } });

test('reactions are added, listed by name, and taken off, each by its id', async () => {
  await using bot = await PlainBot.start();
  const message = bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: 'hi' });
  const path = `/im/v1/messages/${message}/reactions`;
  const { data: eyes } = await bot.call('POST', path, reaction('EYES'));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_000 });
  expect((await bot.call('POST', path, reaction('EYES'))).data).toEqual(eyes);
  const { data: done } = await bot.call('POST', path, reaction('DONE'));
  const theirs = bot.feishu.react('ou_a', message, 'EYES');
  const listed = async (query: string) => {
    const { data } = await bot.call('GET', `${path}${query}`);
    return Array.from(Object(data.items), (item) => Object(item).reaction_id);
  };
  expect(await listed('')).toEqual([eyes.reaction_id, done.reaction_id, theirs]);
  expect(await listed('?reaction_type=EYES')).toEqual([eyes.reaction_id, theirs]);
  const { data } = await bot.call('GET', `${path}?reaction_type=DONE`);
  expect(data.items).toMatchObject([
    { operator: { operator_id: bot.feishu.appId, operator_type: 'app' }, reaction_type: { emoji_type: 'DONE' } },
  ]);
  expect((await bot.call('DELETE', `${path}/${eyes.reaction_id}`)).body.code).toBe(0);
  expect((await bot.call('DELETE', `${path}/${eyes.reaction_id}`)).body.code).toBe(231007);
  expect((await bot.call('DELETE', `${path}/${theirs}`)).body.code).toBe(231007);
  expect([...(bot.feishu.messagesIn('oc_1')[0]?.reactions.values() ?? [])]).toEqual(['DONE', 'EYES']);
});

test.each(['👀', 'eyes', 'NoSuchThing', ''])('"%s" is no name of an emoji', async (emoji) => {
  await using bot = await PlainBot.start();
  const message = bot.feishu.say({ openId: 'ou_a', text: 'hi' });
  expect((await bot.call('POST', `/im/v1/messages/${message}/reactions`, reaction(emoji))).body.code).toBe(231001);
});

test.each(['EYES', 'Typing', 'OK', 'DONE', 'THUMBSUP', 'OnIt', 'CrossMark'])('%s is one', async (emoji) => {
  await using bot = await PlainBot.start();
  const message = bot.feishu.say({ openId: 'ou_a', text: 'hi' });
  expect((await bot.call('POST', `/im/v1/messages/${message}/reactions`, reaction(emoji))).body.code).toBe(0);
});

test('under a message that was taken back there are no reactions', async () => {
  await using bot = await PlainBot.start();
  const message = bot.feishu.say({ openId: 'ou_a', text: 'hi' });
  const path = `/im/v1/messages/${message}/reactions`;
  const { data } = await bot.call('POST', path, reaction('EYES'));
  bot.feishu.remove(message, 'recalled');
  expect((await bot.call('POST', path, reaction('OK'))).body.code).toBe(231003);
  expect((await bot.call('GET', path)).body.code).toBe(231003);
  expect((await bot.call('DELETE', `${path}/${data.reaction_id}`)).body.code).toBe(231003);
});

test("a user's reaction is told to the bot", async () => {
  await using bot = await PlainBot.start();
  const events: unknown[] = [];
  await bot.listen((event) => events.push(event) && 200);
  const { data } = await bot.send('oc_1', 'text', { text: 'hi' });
  bot.feishu.react('ou_a', String(data.message_id), 'THUMBSUP');
  await waitFor(() => events.length === 1);
  expect(events).toMatchObject([
    {
      header: { event_type: 'im.message.reaction.created_v1' },
      event: { message_id: data.message_id, reaction_type: { emoji_type: 'THUMBSUP' }, user_id: { open_id: 'ou_a' } },
    },
  ]);
});
