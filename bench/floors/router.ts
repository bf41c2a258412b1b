/**
 * The least that a durable router can be: fastify, ws and SQLite with an fsync for each message taken and each answer
 * stored; no checks, no order, no retries. Arguments: the database, the chat API's URL ("" for none), "lark" to load
 * the Lark SDK as the real one does where Feishu is on ("" otherwise), the port (absent: any free one).
 */
import websocket from '@fastify/websocket';
import { fastify } from 'fastify';
import type { WebSocket } from 'ws';
import { openFloorDatabase } from './database.ts';

const [, , databasePath = '', chatUrl = '', sdk = ''] = process.argv;
if (sdk === 'lark') await import('@larksuiteoapi/node-sdk');
const database = databasePath === '' ? undefined : openFloorDatabase(databasePath);
const app = fastify({ logger: false });
await app.register(websocket, { options: { perMessageDeflate: false } });
let node: WebSocket | undefined;

app.get('/health', () => ({ status: 'ok' }));

app.post('/event', (request, reply) => {
  // The bench sends nothing else.
  const event = request.body as { readonly id: string; readonly text: string };
  const frame = JSON.stringify({ type: 'forward', ...event });
  database?.insert(event.id, frame);
  reply.send({ code: 0 });
  node?.send(frame);
});

app.get('/ws/node', { websocket: true }, (socket) => {
  node = socket;
  socket.on('message', (data) => {
    const { type, id, reply } = JSON.parse(data.toString());
    if (type === 'register') {
      socket.send(JSON.stringify({ type: 'registered', protocol: 1 }));
      return;
    }
    database?.finish(id);
    void fetch(`${chatUrl}/open-apis/im/v1/messages/${id}/reply`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ msg_type: 'text', content: JSON.stringify({ text: reply }), uuid: id }),
    }).then((response) => response.arrayBuffer());
  });
});

let token = '';
app.post('/token', (request, reply) => {
  // The bench sends nothing else.
  token = (request.body as { readonly token: string }).token;
  reply.send({});
});

const url = await app.listen({ port: Number(process.argv[5] ?? 0), host: '127.0.0.1' });
process.stdout.write(`${url}\n`);
