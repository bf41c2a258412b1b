import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { ChatError } from '../../../src/bot/chat-channel.ts';
import { CONSOLE_CHAT_ID, CONSOLE_USER_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter, PageSocket } from './console-router.ts';

const chatId = CONSOLE_CHAT_ID;
const homePc = { nodeId: 'home-pc', displayName: 'Home PC', online: true, sessions: [], moreSessions: 0 };

test('what the user says is handed on as a message of a local user, and then told to be stored', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  page.say('message-1', 'run the tests');
  expect(await page.next('message')).toMatchObject({
    message: { id: 'console:message-1', author: 'user', text: 'run the tests' },
  });
  expect(await page.next('stored')).toEqual({ type: 'stored', id: 'message-1' });
  expect(router.handled).toEqual([
    {
      id: 'console:message-1',
      channel: 'console',
      chatId,
      chatType: 'p2p',
      userId: CONSOLE_USER_ID,
      text: 'run the tests',
      addressed: true,
      sentAt: expect.any(Number),
    },
  ]);
  expect(router.channel.health()).toEqual({ state: 'connected', lastEventAt: router.handled[0]?.sentAt });
});

test('a message is not told to be stored, nor shown, before the handler has it', async () => {
  await using router = await ConsoleRouter.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  router.handle = async () => await promise;
  using page = await router.openPage();
  page.say('message-1', 'hello');
  await router.channel.send({ id: 'a', chatId, text: 'something else' });
  await page.next('message');
  expect(page.frames.map((frame) => frame.type)).toEqual(['history', 'message']);
  resolve();
  await page.next('stored');
});

test('a message that is said again is stored and handled once, and told to be stored each time', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  page.say('message-1', 'hello');
  await page.next('stored');
  page.say('message-1', 'hello');
  expect(await page.next('stored')).toEqual({ type: 'stored', id: 'message-1' });
  expect(router.handled).toHaveLength(1);
  expect(page.frames.filter((frame) => frame.type === 'message')).toHaveLength(1);
});

test('a message that the handler does not take is refused, stays out of the history, and may be said again', async () => {
  await using router = await ConsoleRouter.start();
  router.handle = () => Promise.reject(new Error('the inbox is full of secrets'));
  using page = await router.openPage();
  page.say('message-1', 'hello');
  const refused = await page.next('refused');
  expect(refused.id).toBe('message-1');
  expect(refused.reason).toMatch(/could not take this message\. Try again/);
  expect(refused.reason).not.toContain('secrets');
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ messages: [] });
  router.handle = async () => {};
  page.say('message-1', 'hello');
  await page.next('stored');
  expect(router.handled).toHaveLength(1);
});

test('an answer is shown on every open page, and once however often it is sent', async () => {
  await using router = await ConsoleRouter.start();
  using phone = await router.openPage();
  using desk = await router.openPage();
  const answer = { id: 'answer-1', chatId, replyTo: 'console:message-1', text: '**done**' };
  await router.channel.send(answer);
  await router.channel.send(answer);
  await router.channel.send({ id: 'answer-2', chatId, text: 'more' });
  for (const page of [phone, desk]) {
    expect(await page.next('message')).toMatchObject({
      message: { id: 'answer-1', author: 'bot', text: '**done**', replyTo: 'console:message-1' },
    });
    expect(await page.next('message')).toMatchObject({ message: { id: 'answer-2' } });
  }
});

test('a message for another chat is refused for good', async () => {
  await using router = await ConsoleRouter.start();
  const sending = router.channel.send({ id: 'answer-1', chatId: 'oc_123', text: 'hello' });
  await expect(sending).rejects.toThrow(ChatError);
  await expect(sending).rejects.toMatchObject({ code: 'refused' });
});

test('pages are told of the nodes when they open and when something changes', async () => {
  await using router = await ConsoleRouter.start();
  router.nodes = [homePc];
  using page = await router.openPage();
  expect(page.frames[0]).toMatchObject({ nodes: router.nodes });
  router.nodes = [{ ...homePc, online: false }];
  router.channel.nodesChanged();
  expect(await page.next('nodes')).toEqual({ type: 'nodes', nodes: router.nodes });
});

test('history is there after a restart; a page that comes back gets only what it has not seen', async () => {
  await using first = await ConsoleRouter.start();
  using before = await first.openPage();
  before.say('message-1', 'hello');
  await before.next('stored');
  await first.channel.send({ id: 'answer-1', chatId, replyTo: 'console:message-1', text: 'hi' });
  await first.stop();

  await using second = await ConsoleRouter.start({ dataDir: first.dataDir });
  using page = await second.openPage();
  expect(page.frames[0]).toMatchObject({
    replaces: true,
    messages: [
      { seq: 1, id: 'console:message-1', author: 'user', text: 'hello' },
      { seq: 2, id: 'answer-1', author: 'bot', text: 'hi', replyTo: 'console:message-1' },
    ],
  });
  await second.channel.send({ id: 'answer-2', chatId, text: 'news' });
  using back = await second.openPage(2);
  expect(back.frames[0]).toMatchObject({ replaces: false, messages: [{ seq: 3, id: 'answer-2' }] });
  using stranger = await second.openPage(999);
  expect(stranger.frames[0]).toMatchObject({ replaces: true, messages: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] });
});

test('a page is given the newest 200 messages, and is told when there is a gap before them', async () => {
  await using router = await ConsoleRouter.start();
  await Promise.all(
    Array.from({ length: 250 }, (_, n) => router.channel.send({ id: `answer-${n + 1}`, chatId, text: 'x' })),
  );
  for (const [after, first, replaces] of [
    [0, 51, true],
    [10, 51, true],
    [60, 61, false],
  ] as const) {
    using page = await router.openPage(after);
    const [history] = page.frames;
    if (history?.type !== 'history') throw new Error('the first frame is the history');
    expect([history.messages[0]?.seq, history.messages.at(-1)?.seq, history.replaces]).toEqual([first, 250, replaces]);
  }
});

test('only the newest 5,000 messages are kept', async () => {
  await using router = await ConsoleRouter.start();
  await Promise.all(
    Array.from({ length: 5_010 }, (_, n) => router.channel.send({ id: `answer-${n + 1}`, chatId, text: 'x' })),
  );
  expect(router.countMessages()).toBe(5_000);
});

test.each([
  ['no JSON', '{', 1008],
  ['another type', '{"type":"shout","id":"message-1","text":"hello"}', 1008],
  ['an empty text', '{"type":"say","id":"message-1","text":"  "}', 1008],
  ['an id that is none', '{"type":"say","id":"../../x y","text":"hello"}', 1008],
  ['no text', '{"type":"say","id":"message-1"}', 1008],
  ['a stop of nothing', '{"type":"stop"}', 1008],
  ['a press without a button', '{"type":"press","messageId":"question-1"}', 1008],
  ['more wrong fields than a reason has room for', JSON.stringify({ type: 'say', files: Array(10).fill({}) }), 1008],
  ['more than 256 KiB', JSON.stringify({ type: 'say', id: 'message-1', text: 'x'.repeat(256 * 1024) }), 1009],
  ['bytes', Buffer.from('{"type":"say","id":"message-1","text":"hello"}'), 1008],
])('a frame with %s closes its page with a reason, and no other', async (_, frame, code) => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  using other = await router.openPage();
  page.socket.send(frame);
  const closed = await page.untilClosed();
  expect(closed.code).toBe(code);
  expect(closed.reason).not.toBe('');
  expect(router.handled).toEqual([]);
  other.say('message-2', 'still here');
  await other.next('stored');
});

test('a page that does not read is cut off, and the others go on', async () => {
  await using router = await ConsoleRouter.start();
  using slow = await router.openPage();
  using page = await router.openPage();
  slow.socket.pause();
  const text = 'x'.repeat(1024 * 1024);
  for (let n = 1; n <= 24; n += 1) await router.channel.send({ id: `answer-${n}`, chatId, text });
  slow.socket.resume();
  expect((await slow.untilClosed()).code).toBe(1006);
  await waitFor(() => page.frames.length === 25);
});

test('a page that answers no ping is cut off', async () => {
  await using router = await ConsoleRouter.start({ heartbeatMs: 50 });
  const { cookie, origin } = router;
  using awake = await router.openPage();
  using asleep = new PageSocket(`${origin.replace('http', 'ws')}/console/ws`, { cookie, origin }, { autoPong: false });
  expect((await asleep.untilClosed()).code).toBe(1006);
  expect(awake.closed).toBeUndefined();
});

test('stopping closes the pages, and nothing is handed on any more', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  await router.channel.stop();
  await router.channel.stop();
  expect((await page.untilClosed()).code).toBe(1001);
  expect(router.channel.health()).toEqual({ state: 'off' });
  using late = await router.openPage();
  late.say('message-1', 'hello');
  expect((await late.next('refused')).reason).toContain('Try again in a moment');
  expect(router.handled).toEqual([]);
});
