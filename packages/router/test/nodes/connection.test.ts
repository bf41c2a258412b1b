import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { RawNode } from '../fakes/raw-node.ts';
import { TestRouter } from '../fakes/test-router.ts';

/** How a node of the first days registers: it knows neither protocol nor acks. */
const seedLevel = { protocol: undefined, version: undefined, instance_id: undefined };

/** Speaks every few ms until the signal; the frames are of a type that nobody knows. */
async function chatter(node: RawNode, frame: object, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    node.send(frame);
    await delay(10, undefined, { signal }).catch(() => {});
  }
}

describe('the heartbeat', () => {
  const quick = { heartbeatIntervalMs: 40, heartbeatTimeoutMs: 200 };

  test('asks a silent node again and again, for as long as it answers', async () => {
    await using router = await TestRouter.start({ config: quick });
    using node = await router.connectNode();
    node.behave();
    await waitFor(() => node.all('ping').length >= 8);
    expect(node.closed).toBeUndefined();
  });

  test('closes a node that does not answer, and the node is offline', async () => {
    await using router = await TestRouter.start({ config: quick });
    using node = await router.connectNode();
    await node.untilClosed();
    expect(node.all('ping')).toHaveLength(1);
    await router.untilNode('home-pc', 'offline');
    expect(router.log.with('node taken for dead')).toMatchObject([{ why: 'it does not answer pings' }]);
  });

  test('takes any frame for a sign of life, also one that it does not know', async () => {
    // Long against what a busy machine may hold a sender up.
    await using router = await TestRouter.start({ config: { heartbeatIntervalMs: 600, heartbeatTimeoutMs: 200 } });
    using talker = await router.connectNode();
    using mute = await router.connectNode({ node_id: 'mute' });
    const done = new AbortController();
    const talking = chatter(talker, { type: 'from-the-future' }, done.signal);
    await mute.untilClosed();
    expect(talker.closed).toBeUndefined();
    expect(talker.all('ping')).toEqual([]);
    done.abort();
    await talking;
  });

  test('takes a late answer that is no pong', async () => {
    await using router = await TestRouter.start({ config: quick });
    using node = await router.connectNode();
    node.socket.on('message', () => node.send({ type: 'status', sessions: [], tasks: 0 }));
    await waitFor(() => node.all('ping').length >= 5);
    expect(node.closed).toBeUndefined();
  });
});

describe('a forward', () => {
  test('that is not acknowledged costs the node its socket; it stays queued, and comes again in order', async () => {
    await using router = await TestRouter.start({ timings: { ackTimeoutMs: 60 } });
    using node = await router.connectNode();
    for (const text of ['one', 'two', 'three', 'four']) await router.chat.say(text);
    await node.take();
    await node.next('forward');
    await node.untilClosed();
    expect(router.log.with('node taken for dead')).toMatchObject([{ why: 'it does not acknowledge what it is sent' }]);

    using back = await router.connectNode();
    const sentBefore = node.all('forward').slice(1);
    expect([await back.take(), await back.take(), await back.take()]).toEqual(sentBefore);
    await router.chat.say('five');
    expect(await back.take()).toMatchObject({ text: 'five' });
  });

  test('that is acknowledged is not sent again', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('one');
    const one = await node.take();
    await router.chat.say('two');
    await node.next('forward');
    node.socket.terminate();
    using back = await router.connectNode();
    expect(await back.take()).toMatchObject({ text: 'two' });
    back.send({ type: 'forward_response', id: one.id, reply: 'one is done' });
    expect(await router.chat.untilShown(1)).toEqual(['one is done']);
    expect(back.all('forward')).toHaveLength(1);
  });

  test('that is answered counts as acknowledged', async () => {
    await using router = await TestRouter.start({ timings: { ackTimeoutMs: 60 } });
    using node = await router.connectNode();
    using mute = await router.connectNode({ node_id: 'mute' });
    await router.chat.say('@home-pc hello');
    const { id } = await node.next('forward');
    node.send({ type: 'forward_response', id, reply: 'hi' });
    await router.chat.untilShown(1);
    // A second node that says nothing shows when the time for an ack is over.
    await router.chat.say('@mute hello');
    await mute.untilClosed();
    expect(node.closed).toBeUndefined();
  });

  test('waits its turn when a node has a window full of them, and follows each ack', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await Promise.all(Array.from({ length: 70 }, (_, index) => router.chat.say(`message ${index}`)));
    await waitFor(() => node.all('forward').length === 64);
    const texts: string[] = [];
    while (texts.length < 70) texts.push((await node.take()).text);
    expect(texts).toEqual(Array.from({ length: 70 }, (_, index) => `message ${index}`));
  });

  test('reaches a node that was away while a queue grew larger than what may wait in its socket', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    first.socket.terminate();
    await router.untilNode('home-pc', 'offline');
    for (let index = 0; index < 30; index += 1) await router.chat.say(`${index} ${'x'.repeat(900_000)}`);
    using node = await router.connectNode();
    for (let index = 0; index < 30; index += 1) expect((await node.take()).text).toMatch(new RegExp(`^${index} `));
    expect(node.closed).toBeUndefined();
  });

  test('reaches a node of the first days, whose answer is its only ack', async () => {
    await using router = await TestRouter.start({ timings: { ackTimeoutMs: 40 } });
    using node = await router.connectNode(seedLevel);
    await router.chat.say('@home-pc one');
    await router.chat.say('@home-pc two');
    const one = await node.next('forward');
    // Another one that is silent shows, twice over, when the time for an ack is past.
    for (let time = 0; time < 2; time += 1) {
      using mute = await router.connectNode({ node_id: 'mute' });
      await router.chat.say('@mute hello');
      await mute.untilClosed();
    }
    expect(node.closed).toBeUndefined();
    node.send({ type: 'forward_response', id: one.id, reply: 'done', error: '' });
    expect(await router.chat.untilShown(1)).toEqual(['done\n\n· home-pc']);
    node.socket.terminate();
    using back = await router.connectNode(seedLevel);
    expect(await back.next('forward')).toMatchObject({ text: 'two' });
    expect(back.all('forward')).toHaveLength(1);
  });

  test('for a node that went away in the very moment of registering waits, and is not taken for being on its way', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0, offlineQueueTtlMs: 150 } });
    for (let time = 0; time < 5; time += 1) {
      using hasty = await router.connect();
      hasty.send({ type: 'register', node_id: 'home-pc', serves_users: ['ou_alice'], protocol: 1, instance_id: 'i' });
      hasty.socket.terminate();
    }
    await router.untilNode('home-pc', 'offline');
    await router.chat.say('remember the milk');
    const shown = await router.chat.untilShown(2);
    expect(shown[0]).toContain('is offline');
    expect(shown[1]).toContain('did not come back in time');
  });
});

test('a node that floods the router and does not read the answers is cut at 8 MB', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  using other = await router.connectNode({ node_id: 'other' });
  node.socket.pause();
  const frame = JSON.stringify({
    type: 'task_complete',
    id: 'x'.repeat(128),
    task_id: 't',
    user_id: 'u',
    chat_id: 'c',
    result: '',
  });
  while (node.socket.readyState === node.socket.OPEN && router.log.with('node taken for dead').length === 0) {
    for (let count = 0; count < 1000; count += 1) node.socket.send(frame);
    await waitFor(() => node.socket.bufferedAmount === 0 || router.log.with('node taken for dead').length > 0);
  }
  expect(router.log.with('node taken for dead')).toMatchObject([{ why: 'it does not read what it is sent' }]);
  await router.untilNode('home-pc', 'offline');
  await router.chat.say('@other still there?');
  await other.answer('yes');
  expect(await router.chat.untilShown(1)).toEqual(['yes\n\n· other']);
}, 60_000);
