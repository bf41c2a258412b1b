import { once } from 'node:events';
import { request } from 'node:http';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { cutSlowBodies } from '../src/slow-bodies.ts';

test('a request whose body does not come is cut off, but for a route that watches for itself', async () => {
  const app = fastify();
  cutSlowBodies(app, 50);
  app.post('/quick', async () => 'done');
  app.post('/slow', { config: { isSlow: true } }, async () => 'done');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const open = (path: string) => {
    const headers = { 'content-type': 'text/plain', 'content-length': '2' };
    const sent = request(`${url}${path}`, { method: 'POST', headers });
    sent.write('a');
    return sent;
  };
  const slow = open('/slow');
  const quick = open('/quick');
  await once(quick, 'error');
  slow.end('b');
  const [answer] = await once(slow, 'response');
  expect(answer.statusCode).toBe(200);
  answer.resume();
  await app.close();
});
