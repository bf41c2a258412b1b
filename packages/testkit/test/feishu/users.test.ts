import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { PlainBot } from './plain-bot.ts';

/** A bot that acknowledges everything, and what came to it. */
async function listen(bot: PlainBot): Promise<readonly Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  await bot.listen((event) => events.push(event) && 200);
  return events;
}

test('a message that a user takes back is gone, and the bot is told which', async () => {
  await using bot = await PlainBot.start();
  const events = await listen(bot);
  const message = bot.feishu.say({ openId: 'ou_a', text: 'oops' });
  const id = bot.feishu.recall(message);
  await waitFor(() => events.length === 2);
  expect(events[1]).toMatchObject({
    header: { event_id: id, event_type: 'im.message.recalled_v1', app_id: bot.feishu.appId },
    event: { message_id: message, chat_id: bot.feishu.chatOf('ou_a'), recall_type: 'message_owner' },
  });
  const reply = { msg_type: 'text', content: '{"text":"x"}' };
  expect((await bot.call('POST', `/im/v1/messages/${message}/reply`, reply)).body.code).toBe(230011);
});

test('who opens the chat is told, with the last message once there is one', async () => {
  await using bot = await PlainBot.start();
  const events = await listen(bot);
  const chat = { chat_id: bot.feishu.chatOf('ou_a'), operator_id: { open_id: 'ou_a' } };
  bot.feishu.openChat('ou_a');
  const message = bot.feishu.say({ openId: 'ou_a', text: 'hi', sentAt: 1_790_000_000_000 });
  bot.feishu.openChat('ou_a');
  await waitFor(() => events.length === 3);
  expect(events[0]).toMatchObject({
    header: { event_type: 'im.chat.access_event.bot_p2p_chat_entered_v1' },
    event: chat,
  });
  expect(events[0]?.event).not.toHaveProperty('last_message_id');
  expect(events[2]).toMatchObject({
    event: { ...chat, last_message_id: message, last_message_create_time: '1790000000000' },
  });
});

test('a tap on the menu names its entry, and is the same event when it comes again', async () => {
  await using bot = await PlainBot.start();
  const events = await listen(bot);
  const id = bot.feishu.menu('ou_a', 'status');
  bot.feishu.redeliver(id, 2);
  await waitFor(() => events.length === 3);
  expect(events[0]).toMatchObject({
    header: { event_id: id, event_type: 'application.bot.menu_v6' },
    event: { event_key: 'status', operator: { operator_id: { open_id: 'ou_a' } } },
  });
  expect(events[1]).toEqual(events[0]);
  expect(events[2]).toEqual(events[0]);
  expect(bot.feishu.eventOf(id)).toEqual(events[0]);
  expect(Object(events[0]?.event).timestamp).toBeLessThan(Date.now() / 100);
});

test('a message to an open_id is in the p2p chat of that user', async () => {
  await using bot = await PlainBot.start();
  const body = { receive_id: 'ou_a', msg_type: 'text', content: '{"text":"hi"}' };
  await bot.call('POST', '/im/v1/messages?receive_id_type=open_id', body);
  expect(bot.feishu.messagesIn(bot.feishu.chatOf('ou_a')).map(({ text }) => text)).toEqual(['hi']);
});

test('several messages of one moment all come, each as its own event', async () => {
  await using bot = await PlainBot.start();
  const events = await listen(bot);
  const ids = [0, 3, 1].map((afterMs) =>
    bot.feishu.deliver('image', { image_key: 'img' }, { openId: 'ou_a', sentAt: 1_790_000_000_000 + afterMs }),
  );
  await waitFor(() => events.length === 3);
  expect(events.map((event) => Object(Object(event.event).message).message_id)).toEqual(ids);
  expect(new Set(events.map((event) => Object(event.header).event_id)).size).toBe(3);
});
