import { once } from 'node:events';
import { connect } from 'node:net';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { homePc } from '../fakes/raw-node.ts';
import { SECRET, TestRouter } from '../fakes/test-router.ts';

/** What the door says to an upgrade with these headers: the status, 101 when it lets in. */
async function knock(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers });
  return await new Promise((resolve, reject) => {
    socket.on('upgrade', (response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', reject);
  });
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe('the door', () => {
  test('refuses a missing, a wrong and a misplaced secret before the upgrade', async () => {
    await using router = await TestRouter.start();
    const { nodeUrl } = router.router;
    expect(await knock(nodeUrl, {})).toBe(401);
    expect(await knock(nodeUrl, bearer(`${SECRET}x`))).toBe(401);
    expect(await knock(nodeUrl, bearer(SECRET.slice(0, -1)))).toBe(401);
    expect(await knock(nodeUrl, { authorization: `Basic ${SECRET}` })).toBe(401);
    expect(await knock(`${nodeUrl}?token=${SECRET}`, {})).toBe(401);
    expect(await knock(nodeUrl, { 'x-forwarded-for': '127.0.0.1', host: 'localhost' })).toBe(401);
    expect(await knock(nodeUrl, bearer(SECRET))).toBe(101);
  });

  test('refuses a browser, also one that knows the secret', async () => {
    await using router = await TestRouter.start();
    const { nodeUrl } = router.router;
    expect(await knock(nodeUrl, { ...bearer(SECRET), origin: 'https://evil.example' })).toBe(403);
    expect(await knock(nodeUrl, { ...bearer(SECRET), origin: 'null' })).toBe(403);
  });

  test('logs a wrong secret once, until the right one came', async () => {
    await using router = await TestRouter.start();
    const { nodeUrl } = router.router;
    for (let time = 0; time < 3; time += 1) await knock(nodeUrl, bearer('a-wrong-secret-of-a-node'));
    expect(router.log.with('401')).toHaveLength(1);
    expect(await knock(nodeUrl, bearer(SECRET))).toBe(101);
    await knock(nodeUrl, bearer('a-wrong-secret-of-a-node'));
    expect(router.log.with('401')).toHaveLength(2);
    expect(JSON.stringify(router.log.lines)).not.toMatch(/a-wrong-secret|the-secret-of-the-tests/);
  });

  test('is not found by a request that is no upgrade', async () => {
    await using router = await TestRouter.start();
    const response = await fetch(`${router.url}/ws/node`, { headers: bearer(SECRET) });
    expect(response.status).toBe(404);
    expect((await fetch(`${router.url}/ws/node`)).status).toBe(401);
  });

  test('is the only one that upgrades: anywhere else a socket is refused before the handshake', async () => {
    await using router = await TestRouter.start();
    const base = router.router.nodeUrl.replace('/ws/node', '');
    expect(await knock(`${base}/health`, {})).not.toBe(101);
    expect(await knock(`${base}/elsewhere`, {})).toBe(404);
  });

  test('survives those who hang up in the middle of the handshake', async () => {
    await using router = await TestRouter.start();
    const { hostname, port } = new URL(router.url);
    const handshake = (secret: string) =>
      `GET /ws/node HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${secret}\r\n\r\n`;
    const requests = [handshake(SECRET), handshake('wrong'), handshake(SECRET).slice(0, 60), '\0\0\0\r\n\r\n', 'GET'];
    for (const request of [...requests, ...requests, ...requests]) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(request, () => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    expect((await router.health()).status).toBe(200);
    using node = await router.connectNode();
    expect(node.closed).toBeUndefined();
  });

  test('does not agree to compression, and closes on a frame that is compressed all the same', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode({}, { perMessageDeflate: true });
    expect(node.socket.extensions).toBe('');
    using cheat = await router.connectNode({ node_id: 'cheat' });
    // The private stream under the socket: a frame with RSV1 set, masked with zeros.
    const stream: unknown = Reflect.get(cheat.socket, '_socket');
    if (!(stream instanceof Object && 'write' in stream && typeof stream.write === 'function'))
      throw new Error('no stream');
    stream.write(Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 0x41]));
    expect(await cheat.untilClosed()).toMatchObject({ code: 1002 });
  });
});

describe('the first frame', () => {
  test('has to come in time', async () => {
    await using router = await TestRouter.start({ timings: { registerTimeoutMs: 50 } });
    using node = await router.connect();
    expect(await node.untilClosed()).toEqual({ code: 1008, reason: 'no register frame within 0.05 s' });
  });

  test('stops that clock', async () => {
    await using router = await TestRouter.start({ timings: { registerTimeoutMs: 100 } });
    using late = await router.connect();
    using node = await router.connectNode();
    await late.untilClosed();
    await router.chat.say('are you there');
    expect(await node.take()).toMatchObject({ text: 'are you there' });
  });

  test.each([
    ['another one', { type: 'status', sessions: [], tasks: 0 }],
    ['one of a type from the future', { type: 'hello' }],
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a binary frame', Buffer.from(JSON.stringify(homePc))],
    ['a register without a name', { type: 'register' }],
    ['a register with a name that is none', { ...homePc, node_id: '../../etc' }],
    ['a register with a name that is too long', { ...homePc, node_id: 'x'.repeat(65) }],
    ['a register that serves nobody by name', { ...homePc, serves_users: [''] }],
    ['a register from version zero', { ...homePc, protocol: 0 }],
  ])('closes with 1008 and a reason when it is %s', async (_what, frame) => {
    await using router = await TestRouter.start();
    using node = await router.connect();
    node.send(frame);
    const { code, reason } = await node.untilClosed();
    expect(code).toBe(1008);
    expect(reason).toMatch(/\w{4}/);
    expect(node.frames).toEqual([]);
    expect((await router.health()).body.nodes).toEqual([]);
  });

  test('is answered with the protocol and the heartbeat', async () => {
    await using router = await TestRouter.start({ config: { heartbeatIntervalMs: 1500 } });
    using node = await router.connect();
    node.send(homePc);
    expect(await node.next('registered')).toEqual({ type: 'registered', protocol: 1, heartbeat_interval_s: 1.5 });
  });
});

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

describe('the same node_id twice', () => {
  test('within one installation: the newer socket replaces the older, and gets what waits', async () => {
    await using router = await TestRouter.start();
    using older = await router.connectNode();
    await router.chat.say('one');
    await older.next('forward');
    using newer = await router.connectNode();
    expect(await older.untilClosed()).toEqual({
      code: 4000,
      reason: 'a newer connection of this node took over',
    });
    expect(await newer.take()).toMatchObject({ text: 'one' });
    await router.chat.say('two');
    expect(await newer.take()).toMatchObject({ text: 'two' });
    await router.untilNode('home-pc', 'online');
  });

  test('within one installation, many at once: the last one stays, and only that one', async () => {
    await using router = await TestRouter.start();
    const nodes = await Promise.all(Array.from({ length: 8 }, () => router.connect()));
    for (const node of nodes) node.send(homePc);
    await waitFor(() => nodes.filter((node) => node.closed === undefined).length === 1);
    const [last] = nodes.filter((node) => node.closed === undefined);
    expect(nodes.flatMap((node) => node.closed?.code ?? []).every((code) => code === 4000)).toBe(true);
    await router.chat.say('who is there');
    expect(await last?.take()).toMatchObject({ text: 'who is there' });
    for (const node of nodes) node.socket.terminate();
  });

  test('from another installation: the second is told why and closed with 4409, the first stays usable', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    using second = await router.connect();
    second.send({ ...homePc, instance_id: 'instance-2' });
    expect(await second.next('registered')).toMatchObject({ error: expect.stringContaining('home-pc') });
    expect(await second.untilClosed()).toMatchObject({ code: 4409 });
    await router.chat.say('hello');
    await first.answer('still me');
    expect(await router.chat.untilShown(1)).toEqual(['still me']);
    expect(second.all('forward')).toEqual([]);
  });

  test('from another installation is welcome once the first is gone', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    first.socket.close();
    await router.untilNode('home-pc', 'offline');
    using second = await router.connectNode({ instance_id: 'instance-2' });
    await router.chat.say('hello');
    expect(await second.take()).toMatchObject({ text: 'hello' });
  });

  test('a frame of the refused one reaches nobody', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    await router.chat.say('hello');
    const { id } = await first.take();
    using second = await router.connect();
    second.send({ ...homePc, instance_id: 'instance-2' });
    second.send({ type: 'forward_response', id, reply: 'forged' });
    await second.untilClosed();
    first.send({ type: 'forward_response', id, reply: 'genuine' });
    expect(await router.chat.untilShown(1)).toEqual(['genuine']);
  });
});
