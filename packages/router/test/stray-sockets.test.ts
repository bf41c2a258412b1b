import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { TestRouter } from './fakes/test-router.ts';

test('an upgrade at a path that can not be read is answered, and its socket is closed', async () => {
  await using router = await TestRouter.start();
  const { port, host } = new URL(router.url);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.write(`GET /% HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
  await once(socket, 'close', { signal: AbortSignal.timeout(5000) });
  expect(answer).toContain('400 Bad Request');
});
