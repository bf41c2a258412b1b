import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bearer, knock } from '../fakes/knock.ts';
import { homePc } from '../fakes/raw-node.ts';
import { SECRET, TestRouter } from '../fakes/test-router.ts';

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
    expect(await node.next('registered')).toEqual({
      type: 'registered',
      protocol: 1,
      heartbeat_interval_s: 1.5,
      reports_delivery: true,
    });
  });
});
