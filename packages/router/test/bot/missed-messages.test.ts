import { DAY_MS, MINUTE_MS } from '@phonework/shared/duration';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import type { IncomingMessage, KnownChat } from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { TestRouter } from '../fakes/test-router.ts';

const signal = new AbortController().signal;

/** A platform that can be asked what was said. */
class RememberingChat extends FakeChat {
  /** What the history of every chat holds. */
  readonly history: IncomingMessage[] = [];
  readonly asked: { readonly chat: KnownChat; readonly since: number }[] = [];
  /** What happens before a chat is read. */
  onRead: () => void = () => {};

  async messagesSince(chat: KnownChat, since: number): Promise<readonly IncomingMessage[] | undefined> {
    this.asked.push({ chat, since });
    this.onRead();
    return this.history.filter(({ chatId }) => chatId === chat.chatId);
  }

  /** Somebody writes, and no event tells of it. */
  sayUnheard(text: string, more: Partial<IncomingMessage> = {}): IncomingMessage {
    const message: IncomingMessage = {
      id: `om_${this.history.length}`,
      channel: 'feishu',
      chatId: 'chat-of-ou_alice',
      chatType: 'p2p',
      userId: 'ou_alice',
      text,
      addressed: true,
      sentAt: Date.now(),
      ...more,
    };
    this.history.push(message);
    return message;
  }

  async lookFor(since = 0): Promise<void> {
    await this.handlers.onGap({ channel: 'feishu', since }, signal);
  }
}

async function start(): Promise<{ readonly router: TestRouter; readonly chat: RememberingChat }> {
  const chat = new RememberingChat();
  const router = await TestRouter.start({ chat });
  // Now the chat is known.
  await chat.say('/help');
  await chat.untilShown(1);
  return { router, chat };
}

test('a chat that was only opened is searched as well', async () => {
  const chat = new RememberingChat();
  await using _router = await TestRouter.start({ chat });
  await chat.handlers.onVisit({ channel: 'feishu', chatId: 'chat-of-ou_alice', userId: 'ou_alice' });
  await chat.untilShown(1);
  chat.sayUnheard('/nodes');
  await chat.lookFor();
  expect((await chat.untilShown(2))[1]).toContain('None of your machines');
});

test('a message that no event told of is answered, and whichever comes later changes nothing', async () => {
  const { router, chat } = await start();
  await using _ = router;
  const missed = chat.sayUnheard('/nodes');
  await chat.lookFor(123);
  expect(chat.asked).toEqual([{ chat: { chatId: 'chat-of-ou_alice', chatType: 'p2p' }, since: 123 }]);
  await chat.untilShown(2);
  await chat.deliver(missed);
  await chat.lookFor();
  await chat.say('/help');
  expect(await chat.untilShown(3)).toHaveLength(3);
  expect(chat.shown[1]?.replyTo).toBe(missed.id);
});

test('a message that was handled, also under another id, or was taken back is not handled when it is found', async () => {
  const { router, chat } = await start();
  await using _ = router;
  await chat.say('/help', { id: 'om_new', fingerprint: 'same' });
  chat.sayUnheard('/help', { id: 'om_old', fingerprint: 'same' });
  const gone = chat.sayUnheard('/help');
  await chat.handlers.onRecall({ channel: 'feishu', chatId: gone.chatId, messageId: gone.id });
  await chat.lookFor();
  await chat.say('/nodes');
  expect(await chat.untilShown(3)).toHaveLength(3);
});

test('those of one chat reach the machine in their order', async () => {
  const { router, chat } = await start();
  await using _ = router;
  using node = await router.connectNode();
  for (const text of ['one', 'two', 'three']) chat.sayUnheard(text);
  await chat.lookFor();
  for (const text of ['one', 'two', 'three']) expect(await node.take()).toMatchObject({ text });
});

test('one that is some minutes old says that it was found late, before its answer; a younger one does not', async () => {
  const { router, chat } = await start();
  await using _ = router;
  const missed = chat.sayUnheard('/nodes', { sentAt: Date.now() - 30 * MINUTE_MS });
  chat.sayUnheard('/help', { sentAt: Date.now() - MINUTE_MS });
  await chat.lookFor();
  const [, notice, answer, help] = await chat.untilShown(4);
  expect(notice).toMatch(/^⏪ I was away and found this in the chat: handled now \(sent at .*\d\d:\d\d\)\.$/);
  expect(chat.shown[1]?.replyTo).toBe(missed.id);
  expect(answer).not.toContain('⏪');
  expect(help).toContain('/help');
});

test('those of more than a day ago are not run; they are listed once, the newest ten of them', async () => {
  const { router, chat } = await start();
  await using _ = router;
  using node = await router.connectNode();
  for (let count = 1; count <= 13; count += 1) {
    chat.sayUnheard(`deploy number ${count}\nwith all flags`, { sentAt: Date.now() - 2 * DAY_MS + count });
  }
  chat.sayUnheard('', {
    attachments: [{ key: 'k', kind: 'file', name: 'a.txt' }],
    sentAt: Date.now() - 2 * DAY_MS + 14,
  });
  const repeat = chat.sayUnheard('this one is fresh');
  await chat.lookFor();
  await chat.lookFor();
  const [, list] = await chat.untilShown(2);
  const lines = list?.split('\n') ?? [];
  expect(lines[0]).toBe('⏪ These came while I was away, and are too old to run. Send again what still matters:');
  expect(lines[1]).toBe('- (4 before these)');
  expect(lines).toHaveLength(12);
  expect(lines[2]).toMatch(/^- \d\d-\d\d \d\d:\d\d deploy number 5$/);
  expect(lines[11]).toMatch(/^- \d\d-\d\d \d\d:\d\d a\.txt$/);
  expect(await node.take()).toMatchObject({ text: repeat.text });
  await chat.say('/help');
  expect(await chat.untilShown(3)).toHaveLength(3);
  expect(node.all('forward')).toHaveLength(1);
});

test('only chats in which somebody talked who may are looked into, those of groups too, the newest first', async () => {
  const { router, chat } = await start();
  await using _ = router;
  await chat.say('hello', { userId: 'ou_mallory' });
  await chat.say('hello', { userId: 'ou_mallory', chatId: 'oc_strangers', chatType: 'group' });
  await chat.say('lunch?', { chatId: 'oc_lunch', chatType: 'group', addressed: false });
  // The menu is in no chat.
  await chat.say('/status', { chatId: 'ou_bob', userId: 'ou_bob' });
  await chat.say('/help', { chatId: 'oc_team', chatType: 'group' });
  await chat.lookFor();
  expect(chat.asked.map(({ chat: { chatId } }) => chatId).sort()).toEqual(['chat-of-ou_alice', 'oc_team']);
});

test('what strangers wrote, and what was not for the bot, is left alone', async () => {
  const { router, chat } = await start();
  await using _ = router;
  await chat.say('/help', { chatId: 'oc_team', chatType: 'group' });
  chat.sayUnheard('let me in', { userId: 'ou_mallory', chatId: 'oc_team', chatType: 'group' });
  chat.sayUnheard('me too', { userId: 'ou_mallory', chatId: 'oc_team', sentAt: Date.now() - 2 * DAY_MS });
  chat.sayUnheard('lunch?', { chatId: 'oc_team', chatType: 'group', addressed: false });
  await chat.lookFor();
  await chat.say('/help');
  await chat.untilShown(2);
  expect(chat.texts('oc_team')).toHaveLength(1);
});

test('a chat that can not be read just now is read again, and the others after it', async () => {
  const { router, chat } = await start();
  await using _ = router;
  let failures = 3;
  chat.onRead = () => {
    if (failures-- > 0) throw new ChatError('rate_limited', 'later', { retryAfterMs: 5 });
  };
  chat.sayUnheard('/nodes');
  await chat.lookFor();
  await chat.untilShown(2);
  expect(chat.asked).toHaveLength(4);
});

test('a stop ends the look', async () => {
  const { router, chat } = await start();
  await using _ = router;
  chat.onRead = () => {
    throw new ChatError('unavailable', 'later');
  };
  const stop = new AbortController();
  const looking = chat.handlers.onGap({ channel: 'feishu', since: 0 }, stop.signal);
  await waitFor(() => chat.asked.length > 1);
  stop.abort();
  await expect(looking).rejects.toThrow('abort');
});

test('the chats are known to the next process', async () => {
  const { router, chat } = await start();
  await router.router.stop();
  const later = new RememberingChat();
  await using next = await TestRouter.start({ chat: later, folder: router.folder });
  await later.lookFor();
  expect(later.asked).toHaveLength(1);
  expect(chat.asked).toHaveLength(0);
  await next.router.stop();
  router.folder[Symbol.dispose]();
});
