import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import { piecemealAgent } from '../../../src/bot/feishu/piecemeal-socket.ts';
import { TurnWatch } from '../../fakes/turn-watch.ts';
import { Setting } from './setting.ts';

/** TLS without certificates. */
const psk = Buffer.from('a key that both ends share');
const tls = { ciphers: 'PSK', pskCallback: () => ({ identity: 'test', psk }), checkServerIdentity: () => undefined };

/** A server, and a client that reads in pieces. */
class Line {
  readonly received: string[] = [];
  readonly server: ServerSocket;
  readonly client: WebSocket;
  readonly #listener: Server;

  private constructor(listener: Server, server: ServerSocket, client: WebSocket) {
    this.#listener = listener;
    this.server = server;
    this.client = client;
    client.on('message', (data) => this.received.push(data.toString()));
    client.on('error', () => {});
  }

  static async open(scheme: 'ws' | 'wss'): Promise<Line> {
    const listener = scheme === 'ws' ? createServer() : createTlsServer({ ciphers: 'PSK', pskCallback: () => psk });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const sockets = new WebSocketServer({ server: listener });
    const connected = once(sockets, 'connection');
    // A listening server has an address.
    const { port } = listener.address() as AddressInfo;
    const client = new WebSocket(`${scheme}://127.0.0.1:${port}/`, { agent: agent(), ...tls });
    const opened = once(client, 'open');
    const [server] = await connected;
    const line = new Line(listener, server, client);
    await opened;
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.terminate();
    this.#listener.close();
    await once(this.#listener, 'close');
  }
}

test.each(['ws', 'wss'] as const)(
  'a burst over %s comes in order and whole, a few messages in a turn',
  async (scheme) => {
    await using line = await Line.open(scheme);
    using turns = new TurnWatch(() => line.received.length);
    const sent = Array.from({ length: 3000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    for (const message of sent) line.server.send(message);
    await waitFor(() => line.received.length === sent.length);
    expect(line.received).toEqual(sent);
    expect(turns.most).toBeLessThanOrEqual(16);
  },
);

test.each(['ws', 'wss'] as const)('what is sent over %s arrives, however much of it', async (scheme) => {
  await using line = await Line.open(scheme);
  const arrived: string[] = [];
  line.server.on('message', (data) => arrived.push(data.toString()));
  const sent = Array.from({ length: 300 }, (_, index) => `${index} ${'y'.repeat(10_000)}`);
  for (const message of sent) line.client.send(message);
  await waitFor(() => arrived.length === sent.length);
  expect(arrived).toEqual(sent);
});

test('a burst before an end of the connection is read to its end', async () => {
  await using line = await Line.open('ws');
  const closed = once(line.client, 'close');
  for (let index = 0; index < 1000; index += 1) line.server.send(`${index} ${'x'.repeat(1000)}`);
  line.server.close(1000, 'bye');
  expect(await closed).toMatchObject([1000, Buffer.from('bye')]);
  expect(line.received).toHaveLength(1000);
});

test('what came before the end can still be read when the connection is closed', async () => {
  const server = createTcpServer((socket) => socket.end('the last words')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening server has an address.
  const { port } = server.address() as AddressInfo;
  const inner = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<Duplex>();
  piecemealAgent.addRequest({ onSocket: resolve }, { createConnection: () => inner });
  const socket = await promise;
  // Fetches without taking.
  socket.read(0);
  await once(inner, 'close');
  expect(await text(socket)).toBe('the last words');
  server.close();
});

test('a connection that breaks is closed, and one that nobody takes fails', async () => {
  await using line = await Line.open('ws');
  const closed = once(line.client, 'close');
  line.server.terminate();
  expect((await closed)[0]).toBe(1006);
  const refused = new WebSocket('ws://127.0.0.1:9/', { agent: agent() });
  await expect(once(refused, 'open')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('events that come thousands together are taken a few in a turn, and all are acknowledged', async () => {
  await using setting = await Setting.open();
  await setting.start();
  await waitFor(() => setting.channel.health().state === 'connected');
  using turns = new TurnWatch(() => setting.received.length);
  const ids = Array.from({ length: 2000 }, (_, index) => setting.feishu.say({ openId: 'ou_alice', text: `${index}` }));
  const acknowledged = () => setting.feishu.deliveries.filter(({ ackCode }) => ackCode === 200).length;
  await waitFor(() => acknowledged() === ids.length);
  expect(setting.received.map(({ id }) => id)).toEqual(ids);
  expect(turns.most).toBeLessThanOrEqual(25);
});

/** Node takes whatever has `addRequest`; its types say otherwise. */
function agent(): never {
  return piecemealAgent as never;
}
