import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TcpProxy } from '../src/tcp-proxy.ts';
import { waitFor } from '../src/wait.ts';

test('bytes go both ways, however many', async () => {
  await using edge = await startEdge();
  const line = await edge.connect();
  const sent = Buffer.alloc(3_000_000, 'abc');
  line.socket.write(sent);
  await waitFor(() => line.received.length === sent.length, { what: 'all bytes to come back' });
  expect(line.received.equals(sent)).toBe(true);
});

test('a peer that has said all it had to say still hears the answer', async () => {
  await using edge = await startEdge();
  const line = await edge.connect();
  line.socket.end('last words');
  await waitFor(() => line.received.toString() === 'last words' && line.ending === 'fin', { what: 'answer and end' });
  await waitFor(() => edge.proxy.live === 0, { what: 'the connection to be gone' });
});

test.each(['rst', 'fin'] as const)(
  'a cut by %s ends the connections of now, on both sides, and lets new ones in',
  async (how) => {
    await using edge = await startEdge();
    const line = await edge.connect();
    edge.proxy.cut(how);
    await waitFor(() => line.ending === how, { what: 'the end' });
    await waitFor(() => edge.live.size === 0, { what: 'the end on the other side' });
    const next = await edge.connect();
    next.socket.write('hello');
    await waitFor(() => next.received.toString() === 'hello');
  },
);

test('a link that refuses resets what comes, until it passes again', async () => {
  await using edge = await startEdge();
  edge.proxy.refuse();
  const refused = await edge.connect();
  await waitFor(() => refused.ending === 'rst', { what: 'the reset' });
  edge.proxy.pass();
  const line = await edge.connect();
  line.socket.write('hello');
  await waitFor(() => line.received.toString() === 'hello');
});

test('a black hole tells nobody anything, and what it held goes on when it passes again', async () => {
  await using edge = await startEdge();
  const line = await edge.connect();
  edge.proxy.blackHole();
  line.socket.write('held');
  // Long enough for bytes that are not held to be back.
  await delay(100);
  expect([line.received.length, line.ending]).toEqual([0, undefined]);
  edge.proxy.pass();
  await waitFor(() => line.received.toString() === 'held');
});

test('a peer that gives up within a black hole is heard of only after it', async () => {
  await using edge = await startEdge();
  const line = await edge.connect();
  edge.proxy.blackHole();
  line.socket.resetAndDestroy();
  await delay(100);
  expect(edge.live.size).toBe(1);
  edge.proxy.pass();
  await waitFor(() => edge.live.size === 0, { what: 'the other side to hear of it' });
});

test('a slow link takes its time for each byte, and each piece is late', async () => {
  await using edge = await startEdge();
  const line = await edge.connect();
  edge.proxy.slow({ bytesPerS: 20_000, latencyMs: () => 50 });
  const startedAt = performance.now();
  line.socket.write(Buffer.alloc(4_000, 'x'));
  await waitFor(() => line.received.length === 4_000, { what: 'all bytes' });
  // There: a twentieth of a second's bytes at once, the next ones after that time; and back, while the rest is coming.
  expect(performance.now() - startedAt).toBeGreaterThan(50 + (3 / 4) * 200 + 50 - 10);
});

test('a link that flaps cuts and passes in turn, until it is told to pass', async () => {
  await using edge = await startEdge();
  const line = await edge.connect();
  edge.proxy.flap(() => 20);
  await waitFor(() => line.ending === 'rst', { what: 'the cut' });
  await waitFor(async () => {
    const tried = await edge.connect();
    tried.socket.write('a');
    await delay(5);
    return tried.received.length > 0;
  });
  edge.proxy.pass();
  const stable = await edge.connect();
  await delay(60);
  stable.socket.write('b');
  await waitFor(() => stable.received.toString() === 'b');
});

type Line = { readonly socket: Socket; readonly received: Buffer; readonly ending: 'fin' | 'rst' | undefined };

/** A server that sends everything back, behind a proxy. */
async function startEdge() {
  const live = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    live.add(socket);
    socket.on('error', () => {}).on('close', () => live.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on TCP, so this is no pipe's name.
  const proxy = await TcpProxy.start((server.address() as AddressInfo).port);
  const lines = new Set<Socket>();
  return {
    proxy,
    live,
    async connect(): Promise<Line> {
      const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
      lines.add(socket);
      const chunks: Buffer[] = [];
      let ending: Line['ending'];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('end', () => {
        ending = 'fin';
        socket.end();
      });
      socket.on('error', () => {
        ending = 'rst';
      });
      await waitFor(() => ending !== undefined || (!socket.connecting && live.size > 0), { what: 'a connection' });
      return {
        socket,
        get received() {
          return Buffer.concat(chunks);
        },
        get ending() {
          return ending;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of lines) socket.destroy();
      await proxy.close();
      for (const socket of live) socket.destroy();
      server.close();
    },
  };
}
