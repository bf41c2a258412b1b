/**
 * The least that a durable node can be: it stores what it is asked and what it answers, with an fsync each, when it is
 * given a database. Arguments: the router's WebSocket URL, the database ("" for none).
 */
import { WebSocket } from 'ws';
import { openFloorDatabase } from './database.ts';

const [, , routerUrl = '', databasePath = ''] = process.argv;
const database = databasePath === '' ? undefined : openFloorDatabase(databasePath);
const socket = new WebSocket(routerUrl, { perMessageDeflate: false });
socket.on('open', () => process.stdout.write('connected\n'));
socket.on('message', (data) => {
  const { id, text } = JSON.parse(data.toString());
  database?.insert(id, text);
  const reply = `echo ${text}`;
  database?.finish(id);
  socket.send(JSON.stringify({ type: 'forward_response', id, reply }));
});
