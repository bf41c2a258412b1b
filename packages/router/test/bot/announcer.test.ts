import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import type { TestRouterOptions } from '../fakes/test-router.ts';
import { TestRouter } from '../fakes/test-router.ts';

/** A router that knows `home-pc`, which has just gone. */
async function withNodeAway(options: TestRouterOptions): Promise<TestRouter> {
  const router = await TestRouter.start(options);
  using node = await router.connectNode();
  node.socket.terminate();
  await router.untilNode('home-pc', 'offline');
  return router;
}

describe('a user whose node is away', () => {
  test('is told so for each message, with its place in the queue, once', async () => {
    await using router = await withNodeAway({ config: { nodeOfflineGraceMs: 0 } });
    const messages = [];
    for (const text of ['one', 'two', 'three']) messages.push(await router.chat.say(text));
    expect(await router.chat.untilShown(3)).toEqual([
      'Node "home-pc" is offline. Your message waits (#1 in its queue) and runs when it is back.',
      'Node "home-pc" is offline. Your message waits (#2 in its queue) and runs when it is back.',
      'Node "home-pc" is offline. Your message waits (#3 in its queue) and runs when it is back.',
    ]);
    const notices = router.chat.shown.filter(({ text }) => text.includes('queue'));
    expect(notices.map((message) => message.replyTo)).toEqual(messages.map((message) => message.id));
    using node = await router.connectNode();
    for (const text of ['one', 'two', 'three']) expect(await node.answer(`${text} done`)).toMatchObject({ text });
    expect((await router.chat.untilShown(6)).slice(3)).toEqual(['one done', 'two done', 'three done']);
  });

  test('is told of the first twenty or so of a thousand messages, which all wait', async () => {
    await using router = await withNodeAway({ config: { nodeOfflineGraceMs: 0 } });
    let isOpen = false;
    router.chat.onSend = () => {
      if (!isOpen) throw new ChatError('unavailable', 'later');
    };
    await Promise.all(Array.from({ length: 1000 }, (_, index) => router.chat.say(`flood ${index}`)));
    await waitFor(async () => (await router.health()).body.queue.outbox > 20, { what: 'notices' });
    isOpen = true;
    await waitFor(async () => (await router.health()).body.queue.outbox === 0, { what: 'the notices to be shown' });
    const places = (await router.chat.untilShown(21)).filter((text) => text.includes('in its queue'));
    expect(places.length).toBeLessThan(60);
    expect(places[0]).toContain('#1 in its queue');
    expect((await router.health()).body.queue.inbox).toBe(1000);
  });

  test('is told after the grace, and not before', async () => {
    const graceMs = 200;
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: graceMs } });
    using node = await router.connectNode();
    const goneAt = performance.now();
    node.socket.terminate();
    await router.untilNode('home-pc', 'offline');
    await router.chat.say('hello');
    await router.chat.untilShown(1);
    // A timer may fire a moment early by the other clock.
    expect((router.chat.attempts.at(-1)?.at ?? 0) - goneAt).toBeGreaterThan(graceMs - 5);
  });

  test('is told nothing when it is back within the grace', async () => {
    await using router = await withNodeAway({ config: { nodeOfflineGraceMs: 5000 } });
    await router.chat.say('hello');
    using node = await router.connectNode();
    await node.answer('here I am');
    expect(await router.chat.untilShown(1)).toEqual(['here I am']);
    expect(router.chat.attempts).toHaveLength(1);
  });

  test('is not told again when it comes and goes without taking the message', async () => {
    await using router = await withNodeAway({ config: { nodeOfflineGraceMs: 0 } });
    await router.chat.say('one');
    await router.chat.untilShown(1);
    using node = await router.connectNode();
    await node.next('forward');
    node.socket.terminate();
    await router.untilNode('home-pc', 'offline');
    await router.chat.say('two');
    expect((await router.chat.untilShown(2))[1]).toContain('#2 in its queue');
  });

  test('is told of a message that was on its way when the node went', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    using node = await router.connectNode();
    await router.chat.say('one');
    await node.next('forward');
    node.socket.terminate();
    expect(await router.chat.untilShown(1)).toEqual([expect.stringContaining('#1 in its queue')]);
  });

  test('is told the place in the queue of that node, over all of its users', async () => {
    const users = { serves_users: ['ou_alice', 'ou_bob'] };
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    using home = await router.connectNode(users);
    using work = await router.connectNode({ ...users, node_id: 'work' });
    home.socket.terminate();
    work.socket.terminate();
    await router.untilNode('home-pc', 'offline');
    await router.untilNode('work', 'offline');
    await router.chat.say('@home-pc one');
    await router.chat.say('@work one', { userId: 'ou_bob' });
    await router.chat.say('@home-pc two', { userId: 'ou_bob' });
    expect(await router.chat.untilShown(1)).toEqual([expect.stringMatching(/home-pc.*#1/)]);
    expect(await router.chat.untilShown(2, 'chat-of-ou_bob')).toEqual([
      expect.stringMatching(/work.*#1/),
      expect.stringMatching(/home-pc.*#2/),
    ]);
  });

  test('is told once the grace is over after a restart of the router, and not twice', async () => {
    using folder = new TempFolder();
    const first = await withNodeAway({ folder, config: { nodeOfflineGraceMs: 0 } });
    await first.chat.say('one');
    await first.chat.untilShown(1);
    // Otherwise the second router has this to tell as well.
    await waitFor(() => first.chat.presence().length === 1);
    await waitFor(async () => (await first.health()).body.queue.outbox === 0);
    await first.stop();
    await using second = await TestRouter.start({ folder, config: { nodeOfflineGraceMs: 50 } });
    await second.chat.say('two');
    expect(await second.chat.untilShown(1)).toEqual([expect.stringContaining('#2 in its queue')]);
    expect(second.chat.attempts).toHaveLength(1);
  });
});

test('a message whose node does not come back in time is dropped, and its user told which one it was', async () => {
  await using router = await withNodeAway({ config: { offlineQueueTtlMs: 100 } });
  const long = 'fix the login bug in todo_app, and then have a look at all the tests that are red';
  const { id } = await router.chat.say(`${long}\nsecond line`);
  const [text] = await router.chat.untilShown(1);
  expect(text).toMatch(/^Node "home-pc" did not come back in time/);
  expect(text).toContain(`"${long.slice(0, 59)}…"`);
  expect(text).not.toContain('second line');
  expect(router.chat.shown[0]?.replyTo).toBe(id);
  using node = await router.connectNode();
  await router.chat.say('a later one');
  expect(await node.take()).toMatchObject({ text: 'a later one' });
  expect(router.chat.attempts).toHaveLength(1);
});

describe('a user whose answer takes long', () => {
  const slow = { config: { forwardTimeoutMs: 60 } };

  test('is told once that the node is still at it, and gets the answer when it is there', async () => {
    await using router = await TestRouter.start(slow);
    using node = await router.connectNode();
    const first = await router.chat.say('think hard');
    const { id } = await node.take();
    await router.chat.untilShown(1);
    // The first is not told again in the rounds that the announcer makes until it tells of the second.
    const second = await router.chat.say('and this');
    await node.take();
    expect(await router.chat.untilShown(2)).toEqual(
      Array(2).fill(expect.stringContaining('"home-pc" is still working')),
    );
    expect(router.chat.shown.map((message) => message.replyTo)).toEqual([first.id, second.id]);
    node.send({ type: 'forward_response', id, reply: '42' });
    expect((await router.chat.untilShown(3))[2]).toBe('42');
    expect(router.chat.attempts).toHaveLength(3);
  });

  test('is told also when the node is one of the first days, which acknowledges nothing', async () => {
    await using router = await TestRouter.start(slow);
    using node = await router.connectNode({ protocol: undefined, instance_id: undefined });
    await router.chat.say('think hard');
    await node.next('forward');
    expect(await router.chat.untilShown(1)).toEqual([expect.stringContaining('still working')]);
  });

  test('is not told so of a message that waited for the node: its time begins when the node gets it', async () => {
    await using router = await withNodeAway({ config: { forwardTimeoutMs: 150, nodeOfflineGraceMs: 0 } });
    const saidAt = performance.now();
    await router.chat.say('think hard');
    await router.chat.untilShown(1);
    await waitFor(() => performance.now() - saidAt > 250);
    const backAt = performance.now();
    using node = await router.connectNode();
    await node.take();
    expect((await router.chat.untilShown(2))[1]).toContain('still working');
    // A timer may fire a moment early by the other clock.
    expect((router.chat.attempts.at(-1)?.at ?? 0) - backAt).toBeGreaterThan(145);
  });

  test('is told that the node went away with it, when it did', async () => {
    await using router = await TestRouter.start({ config: { forwardTimeoutMs: 150, nodeOfflineGraceMs: 0 } });
    using node = await router.connectNode();
    await router.chat.say('think hard');
    const { id } = await node.take();
    node.send({ type: 'status', sessions: [], tasks: 1 });
    node.socket.close();
    expect(await router.chat.untilShown(1)).toEqual([
      '⏳ "home-pc" had this message when it went offline. The answer comes when it is back.',
    ]);
    using back = await router.connectNode();
    back.send({ type: 'forward_response', id, reply: '42' });
    expect((await router.chat.untilShown(2))[1]).toBe('42');
  });
});

test('notices survive a chat platform that is down, and wait behind each other', async () => {
  const chat = new FakeChat();
  let isDown = true;
  chat.onSend = () => {
    if (isDown) throw new Error('down');
  };
  await using router = await withNodeAway({ chat, config: { nodeOfflineGraceMs: 0 } });
  await chat.say('one');
  await chat.say('/help');
  await waitFor(() => chat.attempts.length > 3);
  isDown = false;
  const shown = await chat.untilShown(2);
  expect(shown.filter((text) => text.includes('is offline'))).toHaveLength(1);
  expect((await router.health()).status).toBe(200);
});
