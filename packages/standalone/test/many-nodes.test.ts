import { setTimeout as delay } from 'node:timers/promises';
import { FakeNode } from '@phonework/testkit/fake-node';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

const NODES = 200;
const USERS_A_NODE = 5;
const MESSAGES = 600;

test('200 nodes that come and go: each message is answered once, by the right node, in order in its chat', async () => {
  const random = seeded(20261123);
  const users = Array.from({ length: NODES * USERS_A_NODE }, (_, index) => `ou_user${index}`);
  // What is away for a moment is not away: the notices would be messages too.
  await using house = await startHouse({ users, logLevel: 'warn', keyring: { NODE_OFFLINE_GRACE_S: 60 } });
  await house.startRouter();
  await waitFor(async () => (await house.health())?.feishu?.state === 'connected');
  const nodes = Array.from(
    { length: NODES },
    (_, index) =>
      new FakeNode(`node-${index}`, {
        url: `${house.url.replace('http', 'ws')}/ws/node`,
        secret: house.secret,
        users: users.slice(index * USERS_A_NODE, (index + 1) * USERS_A_NODE),
      }),
  );
  await Promise.all(nodes.map((node) => node.connect()));

  const stopFlapping = new AbortController();
  const flapping = flap(nodes, random, stopFlapping.signal);
  const expected = new Map<string, string[]>();
  for (let number = 0; number < MESSAGES; number += 1) {
    // Few users, so that a chat has many messages and its order means something.
    const index = Math.floor(random() * users.length * 0.1) * 10;
    const openId = users[index] ?? '';
    house.feishu.say({ openId, text: `message ${number}` });
    expected.set(openId, [
      ...(expected.get(openId) ?? []),
      `node-${Math.floor(index / USERS_A_NODE)}: message ${number}`,
    ]);
    await delay(10);
  }
  stopFlapping.abort();
  await flapping;
  await waitFor(() => house.feishu.sentCount >= MESSAGES, { what: 'every answer', timeoutMs: 60_000 });
  await waitFor(async () => (await house.health())?.queue?.outbox === 0);
  for (const [openId, texts] of expected) expect(house.textsTo(openId)).toEqual(texts);
  expect(nodes.reduce((sum, node) => sum + node.answered, 0)).toBe(MESSAGES);
}, 120_000);

test('what a node reports when its work is done reaches the chat once, also over a restart of the router', async () => {
  await using house = await startHouse();
  const router = await house.startRouter();
  await waitFor(async () => (await house.health())?.feishu?.state === 'connected');
  const url = `${house.url.replace('http', 'ws')}/ws/node`;
  const node = new FakeNode('home-pc', { url, secret: house.secret, users: ['ou_alice'] });
  await node.connect();
  house.feishu.say({ openId: 'ou_alice', text: 'run the tests in the background' });
  await waitFor(() => house.textsTo('ou_alice').length === 1);
  await router.kill();
  const chatId = house.feishu.chatOf('ou_alice');
  const result = '✅ Task #abc123 done (42s)\nnpm test\nall green';
  node.report({ userId: 'ou_alice', chatId, result });
  // Not its own chat: never shown.
  node.report({ userId: 'ou_alice', chatId: 'oc_somewhere', result: 'lost my way' });
  await house.startRouter({ PHONEWORK_KILL_AT: 'reply.stored' }).catch(() => {});
  await node.connect().catch(() => {});
  await waitFor(async () => (await house.health()) === undefined, { what: 'the router to be killed in the middle' });
  await house.startRouter();
  await node.connect();
  await waitFor(() => house.textsTo('ou_alice').length === 2, { what: 'the report' });
  await waitFor(async () => (await house.health())?.queue?.outbox === 0);
  expect(house.textsTo('ou_alice').at(-1)).toBe(result);
  expect(house.feishu.sentCount).toBe(2);
});

async function flap(nodes: readonly FakeNode[], random: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const node = nodes[Math.floor(random() * nodes.length)];
    node?.drop();
    await delay(20);
    await node?.connect();
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
