import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { ListenError } from '../src/router.ts';
import { FakeChat } from './fakes/fake-chat.ts';
import { TempFolder } from './fakes/temp-folder.ts';
import { TestRouter } from './fakes/test-router.ts';

async function open(url: string, request = ''): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(request);
  socket.resume();
  return socket;
}

/** How long it takes, in ms. */
async function durationOf(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('stopping', () => {
  test('closes the nodes with 1001, and may be asked for twice', async () => {
    const router = await TestRouter.start();
    using node = await router.connectNode();
    using unregistered = await router.connect();
    await Promise.all([router.stop(), router.stop()]);
    await router.stop();
    expect(await node.untilClosed()).toEqual({ code: 1001, reason: 'the router shuts down' });
    await unregistered.untilClosed();
    await router[Symbol.asyncDispose]();
  });

  test('leaves everything that was open on the disk, for the next start', async () => {
    using folder = new TempFolder();
    const chat = new FakeChat();
    chat.onSend = () => {
      throw new Error('down');
    };
    const first = await TestRouter.start({ folder, chat });
    using node = await first.connectNode();
    await chat.say('one');
    await chat.say('two');
    await chat.say('/help');
    await node.take();
    await first.stop();

    await using second = await TestRouter.start({ folder });
    expect(await second.chat.untilShown(1)).toEqual([expect.stringContaining('/stop')]);
    expect((await second.health()).body.queue.inbox).toBe(2);
    using back = await second.connectNode();
    expect(await back.take()).toMatchObject({ text: 'two' });
    expect(back.all('forward')).toHaveLength(1);
  });

  test('keeps what comes in the moment of it, or refuses it: nothing is taken and lost', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using _node = await first.connectNode();
    const said = Array.from({ length: 20 }, (_, index) => first.chat.say(`message ${index}`));
    const stopped = first.stop();
    const taken = (await Promise.allSettled(said)).filter(({ status }) => status === 'fulfilled').length;
    await stopped;
    await expect(first.chat.say('too late')).rejects.toThrow();
    await using second = await TestRouter.start({ folder });
    expect((await second.health()).body.queue.inbox).toBe(taken);
  });

  test('is not held up by connections that are open, idle or half-way through a request', async () => {
    const router = await TestRouter.start();
    const sockets = [
      await open(router.url),
      await open(router.url, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'),
      await open(router.url, 'GET /health HTTP/1.1\r\nHos'),
      await open(router.url, 'POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc'),
    ];
    await router.health();
    expect(await durationOf(router.stop())).toBeLessThan(1000);
    for (const socket of sockets) await waitFor(() => socket.destroyed);
  });

  test('is not held up by nodes that do not answer the close', async () => {
    const router = await TestRouter.start();
    using deaf = await router.connectNode();
    using unregistered = await router.connect();
    deaf.socket.pause();
    unregistered.socket.pause();
    expect(await durationOf(router.stop())).toBeLessThan(3000);
  });

  test('before it ever listened leaves nothing behind', async () => {
    using folder = new TempFolder();
    await using first = await TestRouter.start();
    const port = Number(new URL(first.url).port);
    const error = await TestRouter.start({ folder, config: { port } }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({ message: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`) });
    await using second = await TestRouter.start({ folder });
    expect((await second.health()).status).toBe(200);
  });
});

describe('a stranger on the network', () => {
  test('gets an answer or a closed socket for whatever they send, and the router goes on', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const requests = [
      'GET / HTTP/9.9\r\n\r\n',
      'GET /%ff%zz HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET /${'a'.repeat(50_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: x\r\n${'X-Y: z\r\n'.repeat(3000)}\r\n`,
      'POST /health HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"__p',
      'POST /health HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\t;x\r\nContent-Length: 2\r\n\r\n[]',
      'POST /ws/node HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
      'GET /ws/node HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      '\r\n'.repeat(1000),
    ];
    for (const request of requests) {
      const socket = await open(router.url, request);
      socket.end();
      await once(socket, 'close');
    }
    expect((await router.health()).status).toBe(200);
    expect(node.closed).toBeUndefined();
  });

  test('learns from an error nothing of what is inside', async () => {
    await using router = await TestRouter.start();
    for (const path of ['/nothing', '/health/', '/%ff', '/ws/node']) {
      const text = await (await fetch(`${router.url}${path}`)).text();
      expect(text).not.toMatch(/node_modules|\.ts|at .*\(/);
    }
  });
});

test('messages go out, and come in, for many nodes at once without mixing them up', async () => {
  await using router = await TestRouter.start({
    config: { allowedOpenIds: Array.from({ length: 20 }, (_, index) => `ou_${index}`) },
  });
  const nodes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      router.connectNode({ node_id: `node-${index}`, serves_users: [`ou_${index}`] }),
    ),
  );
  const rounds = 10;
  await Promise.all(
    nodes.flatMap((_node, index) =>
      Array.from({ length: rounds }, (_, round) => router.chat.say(`${index}/${round}`, { userId: `ou_${index}` })),
    ),
  );
  await Promise.all(
    nodes.map(async (node) => {
      for (let round = 0; round < rounds; round += 1) {
        const { id, text } = await node.take();
        node.send({ type: 'forward_response', id, reply: `answer ${text}` });
      }
    }),
  );
  for (const [index, node] of nodes.entries()) {
    expect(await router.chat.untilShown(rounds, `chat-of-ou_${index}`)).toEqual(
      Array.from({ length: rounds }, (_, round) => `answer ${index}/${round}`),
    );
    node.socket.terminate();
  }
});
