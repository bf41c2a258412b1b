import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { RouterFrame } from '@phonework/shared/protocol';
import { CloseCode, MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../src/link/backoff.ts';
import { LinkedNode, SECRET } from '../fakes/linked-node.ts';
import { RouterSide, registered } from '../fakes/router-side.ts';

function forward(id: string, text = `do ${id}`): RouterFrame {
  return { type: 'forward', id, user_id: 'ou_alice', chat_id: 'chat', text };
}

const ack = (id: string): RouterFrame => ({ type: 'ack', id });

/** A listener on TCP that speaks no HTTP, and says `speech` to whoever connects. */
async function muteServer(speech: (socket: Socket) => void = () => {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    speech(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    sockets,
    // A listening TCP server has an address of this kind.
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/node`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function upgradeAnswer(request: string): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1]?.trim() ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** Resolves when no timer and no socket keeps this process alive. */
async function nothingLeft(): Promise<void> {
  await waitFor(
    () => !process.getActiveResourcesInfo().some((name) => name === 'Timeout' || name.startsWith('TCPSocket')),
    { what: 'all timers and sockets to be gone' },
  );
}

describe('registering', () => {
  test('the node shows its secret, registers with its first frame, and says nothing else before it is registered', async () => {
    await using router = await RouterSide.start();
    router.onRegister = () => {};
    using node = await LinkedNode.start(router.url);
    await node.answer('earlier');
    const link = await router.link();
    expect(link.headers.authorization).toBe(`Bearer ${SECRET}`);
    node.client.sendLossy({ type: 'progress', id: 'earlier', text: 'half' });
    link.send({ type: 'ping' }, forward('early'));
    await waitFor(() => node.taken.length === 1);
    await node.answer('later');
    expect(link.frames).toEqual([
      {
        type: 'register',
        node_id: 'home-pc',
        display_name: 'Home PC',
        serves_users: ['ou_alice'],
        working_dir: '/home/alice',
        capabilities: ['shell'],
        protocol: 1,
        version: '1.2.3',
        instance_id: 'instance-1',
      },
    ]);
    link.send(registered);
    await link.got('forward_response', 2);
    expect(link.frames.slice(1).map((frame) => frame.type)).toEqual(['status', 'forward_response', 'forward_response']);
    expect(node.lines('info').join()).toContain('registered');
  });

  test('a router that never answers the register frame is left for another attempt', async () => {
    await using router = await RouterSide.start();
    router.onRegister = (link) => {
      if (router.links.length > 1) link.send(registered);
    };
    using node = await LinkedNode.start(router.url, { handshakeMs: 100 });
    await (await router.link()).gone();
    await (await router.link(2)).got('status');
    expect(node.lines('warn').join()).toContain('silent');
  });

  test('a router that takes the connection but never answers the handshake is left for another attempt', async () => {
    await using mute = await muteServer();
    using node = await LinkedNode.start(mute.url, { handshakeMs: 60 });
    await waitFor(() => mute.sockets.length >= 3);
    expect(node.lines('warn')).toHaveLength(1);
  });

  test('a router that answers the handshake a byte at a time does not hold the node for ever', async () => {
    const timers: NodeJS.Timeout[] = [];
    await using mute = await muteServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nX-Slow: ');
      timers.push(setInterval(() => socket.destroyed || socket.write('a'), 20));
    });
    using _node = await LinkedNode.start(mute.url, { handshakeMs: 100 });
    await waitFor(() => mute.sockets.length >= 2);
    for (const timer of timers) clearInterval(timer);
  });
});

describe('messages for the node', () => {
  test('a message is acknowledged once it is stored, and a repeat is acknowledged again and taken once', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    link.send(forward('m1'));
    expect(await link.got('ack')).toEqual([{ type: 'ack', id: 'm1' }]);
    link.send(forward('m1'), forward('m1'));
    expect(await link.got('ack', 3)).toHaveLength(3);
    expect(node.taken.map(({ id }) => id)).toEqual(['m1']);
  });

  test('a message is not acknowledged before it is on the disk', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    link.send(forward('m1'), { type: 'ping' });
    await link.got('ack');
    using after = node.disk.afterCrash();
    expect(after.store.prepare('SELECT id FROM inbox').all()).toEqual([{ id: 'm1' }]);
  });

  test('a message that could not be stored is not acknowledged, and none behind it overtakes it', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    node.disk.breakDisk();
    link.send(forward('m1'));
    await waitFor(() => node.lines('error').some((line) => line.includes('could not be stored')));
    node.disk.mendDisk();
    link.send(forward('m2'), { type: 'ping' });
    await link.got('pong');
    // The answers of running turns go on.
    await node.answer('m0');
    await link.got('forward_response');
    expect(link.of('ack')).toEqual([]);
    // The router gives up a node that does not acknowledge, and begins again with the oldest.
    link.socket.terminate();
    const next = await router.link(2);
    next.send(forward('m1'), forward('m2'));
    await next.got('ack', 2);
    expect(next.ids('ack')).toEqual(['m1', 'm2']);
    expect(node.taken.map(({ id }) => id)).toEqual(['m1', 'm2']);
  });

  test('a cancel is passed on, a ping is answered', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    link.send({ type: 'cancel', id: 'm1' }, { type: 'cancel', id: 'm2', only_waiting: true }, { type: 'ping' });
    await link.got('pong');
    expect(node.cancelled).toEqual([
      { id: 'm1', onlyWaiting: false },
      { id: 'm2', onlyWaiting: true },
    ]);
  });

  const press: RouterFrame = {
    type: 'action',
    id: 'a1',
    user_id: 'ou_alice',
    chat_id: 'chat',
    message_id: 'm',
    action_id: 'x',
  };
  const receipt: RouterFrame = { type: 'delivered', id: 'd1', message_id: 'm' };

  test('a button press, and the word that a message is in the chat, are acknowledged once they are stored', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    link.send(press, receipt);
    await link.got('ack', 2);
    expect(link.ids('ack')).toEqual(['a1', 'd1']);
    expect([node.pressed, node.delivered]).toEqual([[press], ['m']]);
  });

  test.each([press, receipt])(
    'a frame of the type $type that could not be stored is not acknowledged',
    async (frame) => {
      await using router = await RouterSide.start();
      using node = await LinkedNode.start(router.url);
      const link = await router.link();
      await link.got('status');
      node.disk.breakDisk();
      link.send(frame);
      await waitFor(() => node.lines('error').some((line) => line.includes('could not be stored')));
      node.disk.mendDisk();
      link.send(forward('m2'), { type: 'ping' });
      await link.got('pong');
      expect([link.of('ack'), node.taken]).toEqual([[], []]);
      link.socket.terminate();
      const next = await router.link(2);
      next.send(frame, forward('m2'));
      await next.got('ack', 2);
      expect(node.pressed.length + node.delivered.length).toBe(1);
    },
  );

  test('a router that does not tell what is in the chat is taken at its ack, and the others are not', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    await node.answer('m1');
    await link.got('forward_response');
    link.send(ack('m1'));
    await waitFor(() => node.delivered.length === 1 && node.waiting === 0);
    router.onRegister = (other) => other.send({ ...registered, reports_delivery: true });
    link.socket.terminate();
    const telling = await router.link(2);
    await telling.got('status');
    await node.answer('m2');
    await telling.got('forward_response');
    telling.send(ack('m2'), { ...receipt, message_id: 'm3' });
    await waitFor(() => node.delivered.length === 2 && node.waiting === 0);
    expect(node.delivered).toEqual(['m1', 'm3']);
  });

  test('a frame of a type that this version does not know is ignored', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    link.socket.send('{"type":"weather","sunny":"very"}');
    link.send({ type: 'ping' });
    await link.got('pong');
    expect(link.closed).toBeUndefined();
    expect(node.lines('warn')).toEqual([]);
  });

  test.each([
    ['no JSON', 'forward'],
    ['no object', '42'],
    ['wrong fields', '{"type":"forward","id":"m1","secret-text":"x"}'],
    ['bytes', Buffer.from('{"type":"ping"}')],
  ])(
    'a broken frame (%s) closes the link with 1008, said without its contents, and the node comes back',
    async (_, frame) => {
      await using router = await RouterSide.start();
      using node = await LinkedNode.start(router.url);
      const link = await router.link();
      await link.got('status');
      link.socket.send(frame);
      // What comes behind it in the same breath is not looked at any more.
      for (let count = 0; count < 50; count += 1) link.socket.send(frame);
      link.send(forward('m1'));
      expect(await link.gone()).toMatchObject({
        code: CloseCode.badFrame,
        reason: expect.stringMatching(/frame|forward/),
      });
      const next = await router.link(2);
      next.send(forward('m2'));
      await next.got('ack');
      expect(node.taken.map(({ id }) => id)).toEqual(['m2']);
      expect(node.lines('warn').filter((line) => line.includes('broke the protocol'))).toHaveLength(1);
      expect(node.lines('info').join()).not.toContain('secret-text');
    },
  );

  test('a frame over 1 MiB closes the link with 1009, and the node comes back', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    link.socket.send(JSON.stringify({ ...forward('m1'), text: 'x'.repeat(MAX_FRAME_BYTES) }));
    expect(await link.gone()).toMatchObject({ code: CloseCode.tooBig });
    await (await router.link(2)).got('status');
    expect(node.taken).toEqual([]);
  });

  test('a router that does not answer the close of a broken link is not waited for', async () => {
    await using router = await RouterSide.start();
    using _node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    link.socket.send('broken');
    // Reads nothing any more, so it does not see that it was closed.
    link.socket.pause();
    await (await router.link(2)).got('status');
  });
});

describe('what the router must get', () => {
  test('an answer goes out as soon as it is stored, and is kept until it is acknowledged', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    await node.answer('m1');
    expect(await link.got('forward_response')).toEqual([
      { type: 'forward_response', id: 'm1', reply: 'the answer to m1', error: '' },
    ]);
    expect(node.waiting).toBe(1);
    link.send(ack('m1'), ack('m1'), ack('unheard-of'));
    await waitFor(() => node.waiting === 0);
  });

  test('everything that was not acknowledged is sent again in its order on the next link, and nothing else', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    const ids = Array.from({ length: 150 }, (_, index) => `m${index}`);
    for (const id of ids) await node.answer(id);
    await link.got('forward_response', 64);
    for (const id of ids.slice(0, 10)) link.send(ack(id));
    await link.got('forward_response', 74);
    link.socket.terminate();
    router.onRegister = (next) => {
      next.socket.on('message', (data) => {
        // Frames of the node, which the type of RawFrame describes.
        const frame = JSON.parse(data.toString()) as { type: string; id: string };
        if (frame.type === 'forward_response') next.send(ack(frame.id));
      });
      next.send(registered);
    };
    const next = await router.link(2);
    await waitFor(() => node.waiting === 0);
    expect(next.ids('forward_response')).toEqual(ids.slice(10));
  });

  test.each([
    [
      'an answer',
      { type: 'forward_response', id: 'big', reply: '"'.repeat(3_000_000), error: '\u0000'.repeat(3_000_000) },
    ],
    [
      'a result',
      { type: 'task_complete', id: 'big', task_id: 't', user_id: 'u', chat_id: 'c', result: '好'.repeat(900_000) },
    ],
    ['a message', { type: 'message', id: 'big', user_id: 'u', chat_id: 'c', text: '😀'.repeat(900_000) }],
  ] as const)('%s too large for a frame is sent with its middle left out, and blocks nothing', async (_, parcel) => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await node.put(parcel);
    await node.answer('next');
    await waitFor(() => link.ids(parcel.type).includes('big') && link.ids('forward_response').includes('next'));
    const [sent] = link.of(parcel.type);
    expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(JSON.stringify(sent)).toMatch(/characters left out/);
    expect(link.closed).toBeUndefined();
  });

  test('progress is not piled up for a router that reads too slowly', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    link.socket.pause();
    for (let count = 0; count < 200; count += 1) {
      node.client.sendLossy({ type: 'progress', id: 'm1', text: 'x'.repeat(500_000) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await node.answer('m1');
    link.socket.resume();
    await link.got('forward_response');
    expect(link.receivedBytes).toBeLessThan(30_000_000);
  });
});

describe('a link that is lost', () => {
  test('the node comes back by itself, also after the router was away', async () => {
    const router = await RouterSide.start();
    const { port, url } = router;
    using node = await LinkedNode.start(url);
    await (await router.link()).got('status');
    await router[Symbol.asyncDispose]();
    await node.answer('m1');
    await waitFor(() => node.log.filter(({ text }) => text.startsWith('the link failed')).length >= 4);
    await using again = await RouterSide.start({ port });
    expect((await (await again.link()).got('forward_response'))[0]).toMatchObject({ id: 'm1' });
    // An operator reads about the loss and about the return, not about each attempt.
    expect(node.lines('info').map((line) => line.split(' {')[0])).toEqual([
      'registered',
      'the link to the router is lost, connecting again',
      'registered',
    ]);
  });

  test('the operator is told once, and why, when the router can not be reached', async () => {
    await using router = await RouterSide.start();
    router.refuseWith = 502;
    using node = await LinkedNode.start(router.url);
    await waitFor(() => router.attempts >= 5);
    expect(node.lines('warn')).toEqual([expect.stringMatching(/can not be reached.*502/)]);
  });

  test('attempts become rarer while they fail, each at a random moment of its window', () => {
    const windows = [1, 2, 3, 4, 20].map((failures) => backoffMs(failures, { minMs: 500, maxMs: 30_000 }, () => 1));
    expect(windows).toEqual([500, 1000, 2000, 4000, 30_000]);
    expect(backoffMs(3, { minMs: 500, maxMs: 30_000 }, () => 0.25)).toBe(500);
  });

  test('a node that was registered comes back at once, however long it had to try before', async () => {
    await using router = await RouterSide.start();
    router.refuseWith = 503;
    using _node = await LinkedNode.start(router.url, { minMs: 1, maxMs: 60_000 });
    await waitFor(() => router.attempts >= 10);
    router.refuseWith = undefined;
    for (const nth of [1, 2, 3]) {
      const link = await router.link(nth);
      await link.got('status');
      const before = performance.now();
      link.socket.terminate();
      await router.link(nth + 1);
      expect(performance.now() - before).toBeLessThan(100);
    }
  });

  test('a router that says nothing any more, and answers nothing, is given up', async () => {
    await using router = await RouterSide.start({ autoPong: false });
    router.onRegister = (link) => link.send({ type: 'registered', protocol: 1, heartbeat_interval_s: 0.05 });
    using node = await LinkedNode.start(router.url, { silenceMs: 50 });
    const link = await router.link();
    await link.gone();
    await (await router.link(2)).got('status');
    expect(node.lines('warn').join()).toContain('silent');
  });

  test('a router that keeps sending pings is kept, however little else it says', async () => {
    await using router = await RouterSide.start({ autoPong: false });
    router.onRegister = (link) => link.send({ type: 'registered', protocol: 1, heartbeat_interval_s: 0.1 });
    using _node = await LinkedNode.start(router.url, { silenceMs: 100 });
    const link = await router.link();
    const timer = setInterval(() => link.send({ type: 'ping' }), 20);
    await link.got('pong', 30);
    clearInterval(timer);
    expect(link.closed).toBeUndefined();
    await link.gone();
  });

  test('a router that names a heartbeat beyond all measure is not asked for a sign of life all the time', async () => {
    await using router = await RouterSide.start();
    router.onRegister = (link) => link.send({ type: 'registered', protocol: 1, heartbeat_interval_s: 1e308 });
    using _node = await LinkedNode.start(router.url, { silenceMs: 60 });
    const link = await router.link();
    const asked: unknown[] = [];
    link.socket.on('ping', (data) => asked.push(data));
    const timer = setInterval(() => link.send({ type: 'ping' }), 20);
    await link.got('pong', 5);
    clearInterval(timer);
    expect(asked).toEqual([]);
  });

  test('a router that has no reason to ping, since it hears the node all the time, is kept', async () => {
    await using router = await RouterSide.start();
    router.onRegister = (link) => link.send({ type: 'registered', protocol: 1, heartbeat_interval_s: 0.02 });
    using node = await LinkedNode.start(router.url, { silenceMs: 60 });
    const link = await router.link();
    const timer = setInterval(() => node.client.sendLossy({ type: 'progress', id: 'm1', text: 'on and on' }), 10);
    await Promise.race([link.got('progress', 40), link.gone()]);
    clearInterval(timer);
    expect(link.closed).toBeUndefined();
  });
});

describe('a refusal', () => {
  test('a wrong secret is said once in plain words, tried again, and works when the other side is mended', async () => {
    await using router = await RouterSide.start();
    router.secret = 'another-secret-of-16';
    using node = await LinkedNode.start(router.url);
    await waitFor(() => router.attempts >= 4);
    expect(node.lines('warn')).toEqual([
      'The router refuses this node (401): its ROUTER_SECRET is another one. Mend it on either side. Trying again every 0.04 s.',
    ]);
    router.secret = SECRET;
    await (await router.link()).got('status');
    expect(node.log.every(({ text }) => !text.includes(SECRET))).toBe(true);
  });

  test('a refused node waits the longer time, not that of a lost link', async () => {
    await using router = await RouterSide.start();
    router.secret = 'another-secret-of-16';
    using node = await LinkedNode.start(router.url, { minMs: 1, maxMs: 2, refusedMs: 60_000 });
    await waitFor(() => node.lines('error').length === 1);
    const before = performance.now();
    await waitFor(() => performance.now() - before > 100);
    expect(router.attempts).toBe(1);
  });

  test.each([403, 404])('an address without a door for nodes (%d) is said once in plain words', async (status) => {
    await using router = await RouterSide.start();
    router.refuseWith = status;
    using node = await LinkedNode.start(router.url);
    await waitFor(() => router.attempts >= 3);
    expect(node.lines('warn')).toEqual([expect.stringMatching(new RegExp(`ROUTER_URL \\(${status}\\).*/ws/node`))]);
  });

  const words = 'Another machine is connected as "home-pc": give this one a NODE_ID of its own.';

  test('a name that is taken is said once, in the words of the router, and tried again until it is free', async () => {
    await using router = await RouterSide.start();
    router.onRegister = (link) => {
      link.send({ type: 'registered', protocol: 1, error: words });
      link.socket.close(CloseCode.nodeIdTaken, 'this node_id is taken');
    };
    using node = await LinkedNode.start(router.url);
    await router.link(3);
    expect(router.links.flatMap((link) => link.frames.map((frame) => frame.type))).not.toContain('status');
    expect(node.lines('warn')).toEqual([`${words} Trying again every 0.04 s.`]);
    router.onRegister = (link) => link.send(registered);
    await waitFor(() => node.lines('info').some((line) => line.startsWith('registered')));
  });

  test('a refusal is believed with its close alone, and with its words alone', async () => {
    await using router = await RouterSide.start();
    router.onRegister = (link) => link.socket.close(CloseCode.nodeIdTaken, 'this node_id is taken');
    using node = await LinkedNode.start(router.url, { handshakeMs: 60, minMs: 1, maxMs: 2, refusedMs: 100 });
    await router.link(2);
    expect(node.lines('warn')).toEqual([expect.stringMatching(/NODE_ID.*Trying again every 0\.1 s/)]);
    router.onRegister = (link) => link.send({ type: 'registered', protocol: 1, error: words });
    const link = await router.link(3);
    await link.gone();
    const before = performance.now();
    await router.link(4);
    expect(performance.now() - before).toBeGreaterThan(50);
    expect(node.lines('warn')).toHaveLength(2);
  });

  test('a copy of this installation that takes the link over is said, and not fought with', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url, { minMs: 1, maxMs: 2, refusedMs: 60_000 });
    const link = await router.link();
    await link.got('status');
    link.socket.close(CloseCode.replaced, 'a newer connection of this node took over');
    await waitFor(() => node.lines('error').some((line) => /same.*DATA_DIR/.test(line)));
    const before = performance.now();
    await waitFor(() => performance.now() - before > 100);
    expect(router.attempts).toBe(1);
  });
});

describe('stopping', () => {
  test('an open link is closed with 1001, and nothing of it is left', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    node.client.stop();
    node.client.stop();
    expect(await link.gone()).toMatchObject({ code: CloseCode.shuttingDown });
    await nothingLeft();
    expect(router.attempts).toBe(1);
  });

  test('what the router says after that is not taken any more', async () => {
    await using router = await RouterSide.start();
    using node = await LinkedNode.start(router.url);
    const link = await router.link();
    await link.got('status');
    node.client.stop();
    link.send(forward('m1'), ack('m0'));
    node.disk.store.close();
    await link.gone();
    expect(node.taken).toEqual([]);
    expect(node.lines('warn')).toEqual([]);
  });

  test('a router that does not answer the close is not waited for', async () => {
    await using mute = await muteServer((socket) => {
      socket.once('data', (request) => socket.write(upgradeAnswer(request.toString())));
      // Whatever else comes is read, and not answered.
      socket.resume();
    });
    using node = await LinkedNode.start(mute.url, { handshakeMs: 60_000 });
    await waitFor(() => (mute.sockets[0]?.bytesRead ?? 0) > 300);
    node.client.stop();
    await nothingLeft();
  });

  test('nothing is left of a connection that is being made', async () => {
    await using mute = await muteServer();
    using node = await LinkedNode.start(mute.url);
    await waitFor(() => mute.sockets.length === 1);
    node.client.stop();
    mute.sockets[0]?.resume();
    await nothingLeft();
    expect(mute.sockets).toHaveLength(1);
  });

  test('nothing is left of a wait for the next attempt', async () => {
    await using router = await RouterSide.start();
    router.refuseWith = 401;
    using node = await LinkedNode.start(router.url, { refusedMs: 60_000 });
    await waitFor(() => node.lines('error').length === 1);
    node.client.stop();
    await nothingLeft();
    expect(router.attempts).toBe(1);
  });

  test('a node that was stopped before it began does not connect', async () => {
    await using router = await RouterSide.start();
    const node = await LinkedNode.start(router.url);
    node.client.stop();
    await waitFor(() => node.log.some(({ text }) => text.startsWith('the link failed')));
    node.client.start();
    node[Symbol.dispose]();
    expect(router.links).toEqual([]);
  });
});
