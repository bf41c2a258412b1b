import { join } from 'node:path';
import websocket from '@fastify/websocket';
import { Outbox } from '@phonework/shared/mail';
import { openStore } from '@phonework/shared/store';
import { fastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { NodeParcel } from '../../src/nodes/connection.ts';
import { Doorman } from '../../src/nodes/doorman.ts';
import { NodeRegistry } from '../../src/nodes/registry.ts';
import { NODE_BOX } from '../../src/nodes/rpc.ts';
import { nodeSocket } from '../../src/nodes/ws.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { homePc, RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { SECRET, TestRouter } from '../fakes/test-router.ts';

describe('a later frame', () => {
  const forwardResponse = { type: 'forward_response', id: 'f1', reply: 'done' };
  test.each([
    ['no JSON', '{"type":'],
    ['no text', Buffer.from('{"type":"pong"}')],
    ['without a type', {}],
    ['of a type that is a number', { type: 7 }],
    ['an answer without an id', { type: 'forward_response', reply: 'done' }],
    ['an answer with an id that is a number', { ...forwardResponse, id: 1 }],
    ['an answer with an id that is endless', { ...forwardResponse, id: 'x'.repeat(129) }],
    ['an answer that is no text', { ...forwardResponse, reply: { toString: 'x' } }],
    ['a status without sessions', { type: 'status', tasks: 0 }],
    ['a status with half a task', { type: 'status', sessions: [], tasks: 0.5 }],
    ['an ack of nothing', { type: 'ack', id: '' }],
    [
      'a file with a hash that is none',
      { type: 'file', id: '1', user_id: 'u', chat_id: 'c', name: 'n', size: 1, sha256: 'x' },
    ],
    ['a push to nobody', { type: 'message', id: '1', user_id: '', chat_id: 'c', text: 'x' }],
    ['a second register', homePc],
    ['nested without end', `{"type":"status","sessions":${'['.repeat(100_000)}`],
    ['nested deeply', `{"type":"status","tasks":0,"sessions":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ])('that is %s closes with 1008 and a reason, and the node is offline', async (_what, frame) => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    node.send(frame);
    const { code, reason } = await node.untilClosed();
    expect(code).toBe(1008);
    expect(reason).toMatch(/\w{4}/);
    await router.untilNode('home-pc', 'offline');
    expect(router.log.with('a node broke the protocol')).toHaveLength(1);
  });

  test('of an unknown type is ignored, and names that JavaScript knows do no harm', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    node.send({ type: 'teleport', id: 'x' });
    node.send('{"type":"__proto__"}');
    node.send('{"type":"constructor"}');
    node.send('{"type":"status","sessions":[],"tasks":0,"__proto__":{"polluted":true},"constructor":{"prototype":{}}}');
    await router.chat.say('still there?');
    await node.answer('yes');
    expect(await router.chat.untilShown(1)).toEqual(['yes']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('may be 1 MiB, and closes with 1009 when it is a byte longer', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const { id } = await router.chat.say('write a lot').then(() => node.take());
    const frame = (length: number) => {
      const empty = JSON.stringify({ type: 'forward_response', id, reply: '' });
      return empty.replace('"reply":""', `"reply":"${'x'.repeat(length - empty.length)}"`);
    };
    node.send(frame(1024 * 1024));
    expect((await router.chat.untilShown(1))[0]?.length).toBeGreaterThan(1_000_000);
    expect(node.closed).toBeUndefined();
    node.send(frame(1024 * 1024 + 1));
    expect(await node.untilClosed()).toMatchObject({ code: 1009 });
    expect((await router.health()).status).toBe(200);
  });

  test('has no effect any more once the node broke the protocol', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('hello');
    const { id } = await node.take();
    node.send('broken');
    node.send({ type: 'forward_response', id, reply: 'too late' });
    await node.untilClosed();
    await router.untilNode('home-pc', 'offline');
    expect(router.chat.texts()).toEqual([]);
    using back = await router.connectNode();
    back.send({ type: 'forward_response', id, reply: 'again' });
    expect(await router.chat.untilShown(1)).toEqual(['again']);
  });

  test('that never ends, byte by byte, is cut', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    for (let count = 0; count < 20_000; count += 1) node.socket.send('x', { fin: false });
    expect((await node.untilClosed()).code).not.toBe(1000);
    expect((await router.health()).status).toBe(200);
  });
});

test('a frame that the router fails on costs that socket, and not the process', async () => {
  using folder = new TempFolder();
  const { logger } = new CapturedLog();
  using store = openStore({ path: join(folder.path, 'router.db'), migrations, logger });
  const app = fastify();
  await app.register(websocket);
  const registry = new NodeRegistry(store, { onChange: () => {}, beforeAway: () => {} });
  await app.register(nodeSocket, {
    store,
    doorman: new Doorman({ store, secret: SECRET, registry, logger }),
    registry,
    outbox: new Outbox<NodeParcel>(store, { box: NODE_BOX }),
    timings: { registerTimeoutMs: 5000, ackTimeoutMs: 5000, heartbeatIntervalMs: 5000, heartbeatTimeoutMs: 5000 },
    logger,
    onSent: () => {},
    onFrame: () => {
      throw new Error('the disk is gone');
    },
  });
  const url = `${(await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws')}/ws/node`;
  using node = await RawNode.connect(url, SECRET);
  node.send(homePc);
  await node.next('registered');
  node.send({ type: 'status', sessions: [], tasks: 0 });
  expect(await node.untilClosed()).toEqual({ code: 1011, reason: 'the router could not work on a frame' });
  using back = await RawNode.connect(url, SECRET);
  back.send(homePc);
  await back.next('registered');
  back.socket.close();
  await app.close();
});
