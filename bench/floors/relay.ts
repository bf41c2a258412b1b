/**
 * The least that a durable router under load can be: a chat and a node on a WebSocket each, a row for each message that is
 * there before it goes on, with its answer before that does, and one fsync for all that come together. Argument: the
 * database.
 */
import websocket from '@fastify/websocket';
import { fastify } from 'fastify';
import type { WebSocket } from 'ws';
import { GroupCommitDatabase } from './group-commit.ts';

const [, , databasePath = ''] = process.argv;
const database = new GroupCommitDatabase(databasePath);
const app = fastify({ logger: false });
await app.register(websocket, { options: { perMessageDeflate: false } });
let node: WebSocket | undefined;
let chat: WebSocket | undefined;

app.get('/chat', { websocket: true }, (socket) => {
  chat = socket;
  socket.on('message', (data) => {
    const { id, chat_id, text } = JSON.parse(data.toString());
    const frame = JSON.stringify({ type: 'forward', id, chat_id, text });
    database.insert(id, frame, () => node?.send(frame));
  });
});

app.get('/ws/node', { websocket: true }, (socket) => {
  node = socket;
  socket.on('message', (data) => {
    const { type, id, reply } = JSON.parse(data.toString());
    if (type === 'register') socket.send(JSON.stringify({ type: 'registered', protocol: 1 }));
    if (type !== 'forward_response') return;
    database.finish(id, reply, () => chat?.send(JSON.stringify({ reply_to: id, text: reply })));
  });
});

process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
