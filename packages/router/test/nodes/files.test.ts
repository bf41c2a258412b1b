import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { withTokens } from '../../src/admin/token-store.ts';
import { SECRET, TestRouter } from '../fakes/test-router.ts';

const MB = 1024 * 1024;
const alice = { user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' };

type As = { readonly secret?: string; readonly nodeId?: string; readonly headers?: Record<string, string> };

function headersOf({ secret = SECRET, nodeId, headers }: As): Record<string, string> {
  return { authorization: `Bearer ${secret}`, ...(nodeId !== undefined && { 'x-node-id': nodeId }), ...headers };
}

async function put(router: TestRouter, id: string, bytes: Uint8Array, as: As = {}): Promise<Response> {
  const url = `${router.url}/node/files/${encodeURIComponent(id)}`;
  return await fetch(url, { method: 'PUT', headers: headersOf(as), body: new Uint8Array(bytes) });
}

async function get(router: TestRouter, id: string, as: As = {}): Promise<Response> {
  return await fetch(`${router.url}/node/files/${encodeURIComponent(id)}`, { headers: headersOf(as) });
}

function announce(id: string, bytes: Uint8Array, changes: object = {}): object {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { type: 'file', id, ...alice, name: 'a.bin', size: bytes.length, sha256, ...changes };
}

function onDisk(router: TestRouter): string[] {
  const folder = join(router.folder.path, 'passing');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function issue(router: TestRouter, nodeId: string): Promise<string> {
  const { folder, log } = router;
  const work = { dataDir: folder.path, logger: log.logger };
  return await withTokens(work, (tokens) => tokens.issue(nodeId, ['ou_alice']));
}

describe('bringing a file', () => {
  test('needs the right bearer, and no browser', async () => {
    await using router = await TestRouter.start();
    const bytes = Buffer.from('hello');
    expect((await put(router, 'f1', bytes, { secret: 'a-wrong-secret-of-somebody' })).status).toBe(401);
    expect((await put(router, 'f1', bytes, { headers: { origin: router.url } })).status).toBe(403);
    expect((await get(router, 'f1', { secret: 'a-wrong-secret-of-somebody' })).status).toBe(401);
    expect(onDisk(router)).toEqual([]);
  });

  test('takes an empty one, one of 30 MB, and of any type', async () => {
    await using router = await TestRouter.start();
    const large = randomBytes(30 * MB);
    const answer = await put(router, 'f1', large, { headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({
      size: 30 * MB,
      sha256: createHash('sha256').update(large).digest('hex'),
    });
    expect((await put(router, 'f2', Buffer.alloc(0))).status).toBe(201);
  });

  test.each(['..', '../../etc/passwd', 'a/b', 'a b', 'ä', 'x'.repeat(129)])('refuses the id "%s"', async (id) => {
    await using router = await TestRouter.start();
    expect([400, 404]).toContain((await put(router, id, Buffer.from('hello'))).status);
    expect(onDisk(router)).toEqual([]);
  });

  test('refuses one over 30 MB before its bytes come, and one of unknown size', async () => {
    await using router = await TestRouter.start();
    expect(await send(router, { 'content-length': String(30 * MB + 1) }, Buffer.from('the beginning'))).toBe(413);
    expect(await send(router, { 'transfer-encoding': 'chunked' }, Buffer.from('hello'))).toBe(411);
    expect(onDisk(router)).toEqual([]);
  });

  test('leaves nothing when it breaks off', async () => {
    await using router = await TestRouter.start();
    const headers = { ...headersOf({}), 'content-length': '1000000' };
    const half = request(`${router.url}/node/files/f1`, { method: 'PUT', headers });
    half.on('error', () => {});
    half.write(Buffer.alloc(500_000));
    await waitFor(() => onDisk(router).length === 1, { what: 'the upload to begin' });
    half.destroy();
    await waitFor(() => onDisk(router).length === 0, { what: 'the rest to be removed' });
    expect((await put(router, 'f1', Buffer.from('hello'))).status).toBe(201);
  });

  test.each([
    ['with a wrong secret', { authorization: 'Bearer a-wrong-secret-of-somebody' }, 401],
    ['from a browser', { origin: 'http://evil.example' }, 403],
  ])('%s is hung up on, and not heard out', async (_who, headers, status) => {
    await using router = await TestRouter.start();
    const sent = request(`${router.url}/node/files/f1`, {
      method: 'PUT',
      headers: { ...headersOf({}), 'content-length': '1000000', ...headers },
    });
    sent.on('error', () => {});
    sent.write('a');
    const [answer] = await once(sent, 'response');
    expect(answer.statusCode).toBe(status);
    answer.resume();
    await waitFor(() => sent.socket?.destroyed, { what: 'the end of the connection' });
  });

  test('that is slow keeps no other node out', async () => {
    await using router = await TestRouter.start();
    const slow = Array.from({ length: 5 }, (_, index) => {
      const headers = { ...headersOf({ nodeId: 'lab-box' }), 'content-length': '1000' };
      const sent = request(`${router.url}/node/files/slow-${index}`, { method: 'PUT', headers });
      sent.on('error', () => {});
      sent.write('a');
      return sent;
    });
    const [refused] = await Promise.race(slow.map((sent) => once(sent, 'response')));
    expect(refused.statusCode).toBe(503);
    expect((await put(router, 'f1', Buffer.from('hello'), { nodeId: 'home-pc' })).status).toBe(201);
    for (const sent of slow) sent.destroy();
  });

  test('counts once: the same bytes again are fine, others under that id are not', async () => {
    await using router = await TestRouter.start();
    const statuses = [];
    for (const text of ['hello', 'hello', 'world']) statuses.push((await put(router, 'f1', Buffer.from(text))).status);
    expect(statuses).toEqual([201, 201, 409]);
    expect(onDisk(router)).toHaveLength(1);
  });
});

describe('announcing a file', () => {
  test('shows it in the chat, once, with its name, and as an image where it is one', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('send me both');
    const files = { f1: Buffer.from('hello'), f2: Buffer.from('GIF89a and so on') };
    for (const [id, bytes] of Object.entries(files)) {
      await put(router, id, bytes);
      node.send(announce(id, bytes, { name: `${id}.gif` }));
      node.send(announce(id, bytes, { name: `${id}.gif` }));
    }
    await waitFor(() => node.all('ack').length === 4 && router.chat.shownFiles.length === 2, { what: 'two files' });
    expect(router.chat.shownFiles).toMatchObject([
      { file: { name: 'f1.gif', size: 5, chatId: alice.chat_id }, bytes: files.f1 },
      { file: { name: 'f2.gif', imageType: 'image/gif' }, bytes: files.f2 },
    ]);
    expect(router.chat.shownFiles[0]?.file.imageType).toBeUndefined();
  });

  test('keeps its place between messages of that chat, also while the chat does not take it', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('go');
    const order: string[] = [];
    let attempts = 0;
    router.chat.onSend = ({ text }) => void order.push(text);
    router.chat.onSendFile = ({ name }) => {
      attempts += 1;
      if (attempts < 3) throw new Error('the platform is away');
      order.push(name);
    };
    await put(router, 'f1', Buffer.from('hello'));
    node.send({ type: 'message', id: 'm1', ...alice, text: 'before' });
    node.send(announce('f1', Buffer.from('hello')));
    node.send({ type: 'message', id: 'm2', ...alice, text: 'after' });
    await waitFor(() => order.length === 3);
    expect(order).toEqual(['before', 'a.bin', 'after']);
  });

  test.each([
    ['was not brought', {}, false],
    ['has another hash', { sha256: 'a'.repeat(64) }, true],
    ['has another size', { size: 4 }, true],
  ])('that %s is told to the user, and acknowledged', async (_what, changes, isBrought) => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('go');
    if (isBrought) await put(router, 'f1', Buffer.from('hello'));
    node.send(announce('f1', Buffer.from('hello'), changes));
    expect(await node.next('ack')).toMatchObject({ id: 'f1' });
    expect(await router.chat.untilShown(1)).toEqual([
      expect.stringContaining('"a.bin" was sent from your machine, but'),
    ]);
    expect(router.chat.shownFiles).toEqual([]);
  });

  test('is for the node that brought it: not for another one, with or without a token', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'work-server');
    using homePc = await router.connectNode();
    using other = await router.connectNode({ node_id: 'lab-box', instance_id: '3' });
    await router.chat.say('@home-pc go');
    await router.chat.say('@lab-box go');
    const bytes = Buffer.from('hello');
    expect((await put(router, 'f1', bytes, { secret: token })).status).toBe(201);
    expect((await put(router, 'f2', bytes, { nodeId: 'lab-box' })).status).toBe(201);
    expect((await put(router, 'f3', bytes, { nodeId: 'work-server' })).status).toBe(403);
    homePc.send(announce('f1', bytes, { name: 'stolen 1' }));
    homePc.send(announce('f2', bytes, { name: 'stolen 2' }));
    other.send(announce('f2', bytes, { name: 'my own' }));
    await waitFor(() => router.chat.shownFiles.length === 1 && router.chat.texts().length === 2);
    expect(router.chat.shownFiles).toMatchObject([{ file: { name: 'my own' } }]);
  });

  test("in a chat that is not the node's shows nothing", async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await put(router, 'f1', Buffer.from('hello'));
    node.send(announce('f1', Buffer.from('hello'), { chat_id: 'somewhere else' }));
    await node.next('ack');
    expect(router.chat.shownFiles).toEqual([]);
  });

  test('that the chat refuses for good is told with its name', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('go');
    const { ChatError } = await import('../../src/bot/chat-channel.ts');
    router.chat.onSendFile = () => {
      throw new ChatError('refused', 'It is too large.');
    };
    await put(router, 'f1', Buffer.from('hello'));
    node.send(announce('f1', Buffer.from('hello')));
    expect(await router.chat.untilShown(1)).toEqual(['"a.bin" could not be shown here: It is too large.']);
  });
});

/** A PUT with headers of its own; resolves to the status. */
async function send(router: TestRouter, headers: Record<string, string>, body: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const all = { ...headersOf({}), ...headers };
  const sent = request(`${router.url}/node/files/f1`, { method: 'PUT', headers: all }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.on('error', reject);
  sent.write(body);
  if (headers['content-length'] === undefined) sent.end();
  const status = await promise;
  sent.destroy();
  return status;
}
