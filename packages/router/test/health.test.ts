import { join } from 'node:path';
import { Outbox } from '@phonework/shared/mail';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { health } from '../src/health.ts';
import type { NodeParcel } from '../src/nodes/connection.ts';
import { NodeRegistry } from '../src/nodes/registry.ts';
import { NODE_BOX, Rpc } from '../src/nodes/rpc.ts';
import { migrations } from '../src/schema.ts';
import { CapturedLog } from './fakes/captured-log.ts';
import { FakeChat } from './fakes/fake-chat.ts';
import { TempFolder } from './fakes/temp-folder.ts';
import type { HealthBody } from './fakes/test-router.ts';
import { TestRouter } from './fakes/test-router.ts';

test('a router where nothing happened yet is well', async () => {
  await using router = await TestRouter.start();
  expect(await router.health()).toEqual({
    status: 200,
    body: {
      status: 'ok',
      uptime_s: 0,
      feishu: { state: 'connected' },
      nodes: [],
      queue: { inbox: 0, outbox: 0 },
    },
  });
});

test('nodes are listed with whom they serve and what runs there, and with when they were last seen', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode({ serves_users: ['ou_alice', 'ou_bob'] });
  using other = await router.connectNode({ node_id: 'work-server' });
  node.send({ type: 'status', sessions: [{ id: 'abc123', name: 'todo_app', state: 'idle' }], tasks: 2 });
  await waitFor(async () => (await router.health()).body.nodes[0]?.sessions === 1);
  other.socket.close();
  await router.untilNode('work-server', 'offline');
  expect((await router.health()).body.nodes).toEqual([
    { node_id: 'home-pc', status: 'online', users: 2, sessions: 1 },
    { node_id: 'work-server', status: 'offline', last_seen: '0s ago' },
  ]);
});

test('what a node said of its sessions is forgotten when it is gone', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  node.send({ type: 'status', sessions: [{ id: 'abc123', name: 'todo_app', state: 'idle' }], tasks: 0 });
  await waitFor(async () => (await router.health()).body.nodes[0]?.sessions === 1);
  using _newer = await router.connectNode();
  expect((await router.health()).body.nodes).toEqual([{ node_id: 'home-pc', status: 'online', users: 1, sessions: 0 }]);
});

test('what waits for nodes and for chats is counted', async () => {
  const chat = new FakeChat();
  chat.onSend = () => {
    throw new Error('down');
  };
  await using router = await TestRouter.start({ chat });
  using _node = await router.connectNode();
  await chat.say('one');
  await chat.say('two');
  await chat.say('/help');
  expect((await router.health()).body.queue).toEqual({ inbox: 2, outbox: 1 });
});

test('the state of Feishu is told, with the age of its last event', async () => {
  const chat = new FakeChat();
  await using router = await TestRouter.start({ chat });
  chat.state = { state: 'reconnecting', lastEventAt: Date.now() - 90_500 };
  expect((await router.health()).body.feishu).toEqual({ state: 'reconnecting', last_event_age_s: 90 });
});

test('Feishu is off when it is not configured', async () => {
  await using router = await TestRouter.start({ chat: new FakeChat('console') });
  expect((await router.health()).body.feishu).toEqual({ state: 'off' });
});

test('a node is remembered over a restart, with when it was last seen', async () => {
  using folder = new TempFolder();
  const first = await TestRouter.start({ folder });
  using _node = await first.connectNode();
  const connectedAt = Date.now();
  await waitFor(() => Date.now() - connectedAt > 1100);
  await first.stop();
  await using second = await TestRouter.start({ folder });
  // Not when it registered, a second earlier.
  expect((await second.health()).body.nodes).toEqual([{ node_id: 'home-pc', status: 'offline', last_seen: '0s ago' }]);
  await second.chat.say('hello');
  using back = await second.connectNode();
  expect(await back.take()).toMatchObject({ text: 'hello' });
});

test('a store that can not be written makes it 503 with the same body, until it can', async () => {
  using folder = new TempFolder();
  const { logger } = new CapturedLog();
  using store = openStore({ path: join(folder.path, 'router.db'), migrations, logger });
  const app = fastify();
  await app.register(health, {
    store,
    registry: new NodeRegistry(store, { onChange: () => {}, beforeAway: () => {} }),
    rpc: new Rpc(store, { outbox: new Outbox<NodeParcel>(store, { box: NODE_BOX }), queueTtlMs: 60_000 }),
    undelivered: () => 0,
    feishu: undefined,
  });
  const ask = async () => {
    const response = await app.inject({ url: '/health' });
    return { status: response.statusCode, body: response.json<HealthBody>() };
  };
  const write = () =>
    store.write(() =>
      store.prepare('INSERT INTO nodes VALUES (?, ?, ?, ?, ?, 0, 0)').run('x', 'x', '[]', '[]', 'x'.repeat(50_000)),
    );

  expect(await ask()).toMatchObject({ status: 200, body: { status: 'ok' } });
  // Else there would be room in pages that the migrations left free.
  store.prepare('VACUUM').run();
  // SQLite then answers as it does on a full disk.
  store.prepare('PRAGMA max_page_count = 1').get();
  await expect(write()).rejects.toThrow(/free space/);
  const { status, body } = await ask();
  expect(status).toBe(503);
  expect(body).toEqual({
    status: 'store unwritable',
    uptime_s: expect.any(Number),
    feishu: { state: 'off' },
    nodes: [],
    queue: { inbox: 0, outbox: 0 },
  });
  store.prepare('PRAGMA max_page_count = 1000000').get();
  expect(await ask()).toMatchObject({ status: 200, body: { status: 'ok' } });
  await write();
  await app.close();
});
