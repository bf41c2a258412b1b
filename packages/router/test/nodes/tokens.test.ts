import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { withTokens } from '../../src/admin/token-store.ts';
import type { NodeToken, NodeTokens } from '../../src/nodes/tokens.ts';
import { bearer, knock } from '../fakes/knock.ts';
import { homePc, RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { SECRET, TestRouter } from '../fakes/test-router.ts';

/** Changes the tokens as the command line does: through a connection of its own. */
async function change<T>({ folder, log }: TestRouter, work: (tokens: NodeTokens) => T): Promise<T> {
  return await withTokens({ dataDir: folder.path, logger: log.logger }, work);
}

async function issue(router: TestRouter, nodeId: string, ...users: readonly string[]): Promise<string> {
  return await change(router, (tokens) => tokens.issue(nodeId, users));
}

async function tokenOf(router: TestRouter, nodeId: string): Promise<NodeToken | undefined> {
  return await change(router, (tokens) => tokens.of(nodeId));
}

/** A node that has shown `secret` and said its name. */
async function enter(router: TestRouter, secret: string, changes: object = {}): Promise<RawNode> {
  const node = await RawNode.connect(router.router.nodeUrl, secret);
  node.send({ ...homePc, ...changes });
  return node;
}

/** One that the router took. */
async function register(router: TestRouter, secret: string, changes: object = {}): Promise<RawNode> {
  const node = await enter(router, secret, changes);
  expect((await node.next('registered')).error).toBeUndefined();
  return node;
}

async function expectRefused(node: RawNode, sentence: string): Promise<void> {
  expect(await node.next('registered')).toMatchObject({ error: expect.stringContaining(sentence) });
  expect(await node.untilClosed()).toEqual({ code: 4401, reason: 'not with this secret or token' });
}

describe('a node with a token of its own', () => {
  test('serves those of its users who were granted to it, and nobody else', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice', 'ou_carol');
    using node = await register(router, token, { serves_users: ['ou_alice', 'ou_bob'] });
    expect((await router.health()).body.nodes).toMatchObject([{ node_id: 'home-pc', users: 1 }]);
    await router.chat.say('something of mine', { userId: 'ou_bob' });
    expect(await router.chat.untilShown(1, 'chat-of-ou_bob')).toEqual([
      expect.stringContaining('None of your machines'),
    ]);
    await router.chat.say('hello');
    expect(await node.take()).toMatchObject({ user_id: 'ou_alice', text: 'hello' });
    expect(node.all('forward')).toHaveLength(1);
    expect(router.log.with('not granted')).toMatchObject([{ node: 'home-pc', refused: 1 }]);
  });

  test('serves nobody when nobody was granted to it', async () => {
    await using router = await TestRouter.start();
    using node = await register(router, await issue(router, 'home-pc'));
    await router.chat.say('hello');
    expect(await router.chat.untilShown(1)).toEqual([expect.stringContaining('None of your machines')]);
    expect(node.all('forward')).toEqual([]);
  });

  test('can not come in under another name, also one that is free', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice');
    await issue(router, 'work-server', 'ou_alice');
    for (const nodeId of ['work-server', 'never-heard-of']) {
      using impostor = await enter(router, token, { node_id: nodeId });
      await expectRefused(impostor, 'This token is for "home-pc"');
    }
    expect((await router.health()).body.nodes).toEqual([]);
  });

  test('is safe from whoever has the shared secret, who may still use other names', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice');
    using thief = await enter(router, SECRET);
    await expectRefused(thief, '"home-pc" has a token of its own');
    using node = await register(router, token);
    using second = await enter(router, SECRET);
    await expectRefused(second, '"home-pc" has a token of its own');
    expect(node.closed).toBeUndefined();
    using other = await register(router, SECRET, { node_id: 'old-laptop' });
    expect(other.closed).toBeUndefined();
  });

  test('has the time noted at which it was last here', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice');
    expect(await tokenOf(router, 'home-pc')).toMatchObject({ lastUsedAt: undefined });
    const before = Date.now();
    using node = await register(router, token);
    const cameAt = await waitFor(async () => (await tokenOf(router, 'home-pc'))?.lastUsedAt);
    expect(cameAt).toBeGreaterThanOrEqual(before);
    node.socket.close();
    await waitFor(async () => ((await tokenOf(router, 'home-pc'))?.lastUsedAt ?? 0) > cameAt);
  });
});

describe('a token that is revoked', () => {
  test('closes the live socket within a second and opens nothing any more; other nodes notice nothing', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice');
    using other = await register(router, await issue(router, 'work-server', 'ou_bob'), {
      node_id: 'work-server',
      serves_users: ['ou_bob'],
    });
    using node = await register(router, token);
    const revokedAt = performance.now();
    await change(router, (tokens) => tokens.revoke('home-pc'));
    expect(await node.untilClosed()).toEqual({ code: 4401, reason: 'not with this secret or token any longer' });
    expect(performance.now() - revokedAt).toBeLessThan(1000);
    expect(await knock(router.router.nodeUrl, bearer(token))).toBe(401);
    using thief = await enter(router, SECRET);
    await expectRefused(thief, 'token of its own');
    await router.chat.say('hello', { userId: 'ou_bob' });
    expect(await other.take()).toMatchObject({ text: 'hello' });
  });

  test('is refused as well when it was good at the handshake', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice');
    using node = await RawNode.connect(router.router.nodeUrl, token);
    await change(router, (tokens) => tokens.revoke('home-pc'));
    node.send(homePc);
    await expectRefused(node, 'revoked or replaced');
  });

  test('silences a node that does not take part in the close, and cuts it off within a second', async () => {
    await using router = await TestRouter.start();
    using node = await register(router, await issue(router, 'home-pc', 'ou_alice'));
    await router.chat.say('hello');
    const { id } = await node.take();
    node.socket.pause();
    const revokedAt = performance.now();
    await change(router, (tokens) => tokens.revoke('home-pc'));
    await router.untilNode('home-pc', 'offline');
    node.send({ type: 'forward_response', id, reply: 'too late' });
    await waitFor(() => router.log.with('node disconnected').length > 0);
    expect(performance.now() - revokedAt).toBeLessThan(1000);
    expect(router.chat.texts()).not.toContain('too late');
  });
});

describe('a token that is made again', () => {
  test('closes the socket of the old one, which is void, and lets another machine in at once', async () => {
    await using router = await TestRouter.start();
    const old = await issue(router, 'home-pc', 'ou_alice');
    using node = await register(router, old);
    node.socket.pause();
    const token = await issue(router, 'home-pc', 'ou_alice');
    using next = await register(router, token, { instance_id: 'another-machine' });
    expect(await knock(router.router.nodeUrl, bearer(old))).toBe(401);
    await router.chat.say('hello');
    expect(await next.take()).toMatchObject({ text: 'hello' });
  });

  test('closes the socket of a node that had come with the shared secret', async () => {
    await using router = await TestRouter.start();
    using node = await register(router, SECRET);
    const token = await issue(router, 'home-pc', 'ou_alice');
    expect(await node.untilClosed()).toMatchObject({ code: 4401 });
    using back = await register(router, token);
    expect(back.closed).toBeUndefined();
  });

  test('without a user: what that user had waiting never reaches the node, and the user is told', async () => {
    await using router = await TestRouter.start();
    const both = { serves_users: ['ou_alice', 'ou_bob'] };
    using node = await register(router, await issue(router, 'home-pc', 'ou_alice', 'ou_bob'), both);
    node.socket.close();
    await router.untilNode('home-pc', 'offline');
    await router.chat.say('a private matter', { userId: 'ou_bob' });
    await router.chat.say('hello');
    using back = await register(router, await issue(router, 'home-pc', 'ou_alice'), both);
    expect(await back.take()).toMatchObject({ text: 'hello' });
    const [told] = await router.chat.untilShown(1, 'chat-of-ou_bob');
    expect(told).toContain('a private matter');
    expect(told).toContain('was dropped');
    expect(back.all('forward')).toHaveLength(1);
  });

  test('without a user: nothing new of that user waits for the node, also when the router was down meanwhile', async () => {
    using folder = new TempFolder();
    const both = { serves_users: ['ou_alice', 'ou_bob'] };
    await using first = await TestRouter.start({ folder });
    using node = await register(first, await issue(first, 'home-pc', 'ou_alice', 'ou_bob'), both);
    node.socket.close();
    await first.untilNode('home-pc', 'offline');
    await first.stop();
    await issue(first, 'home-pc', 'ou_alice');
    await using router = await TestRouter.start({ folder });
    await router.chat.say('hello', { userId: 'ou_bob' });
    expect(await router.chat.untilShown(1, 'chat-of-ou_bob')).toEqual([
      expect.stringContaining('None of your machines'),
    ]);
  });
});

describe('the door', () => {
  test('opens to no shared secret where there is none', async () => {
    await using router = await TestRouter.start({ config: { secret: undefined } });
    const { nodeUrl } = router.router;
    for (const wrong of [SECRET, '', 'undefined']) expect(await knock(nodeUrl, bearer(wrong))).toBe(401);
    using node = await register(router, await issue(router, 'home-pc', 'ou_alice'));
    expect(node.closed).toBeUndefined();
  });

  test('answers 429 after 20 wrong bearers in a minute, and still opens to a right one', async () => {
    await using router = await TestRouter.start();
    const { nodeUrl } = router.router;
    const token = await issue(router, 'home-pc', 'ou_alice');
    for (let guess = 0; guess < 20; guess += 1) expect(await knock(nodeUrl, bearer(`pwn_guess-${guess}`))).toBe(401);
    expect(await knock(nodeUrl, bearer('pwn_guess-20'))).toBe(429);
    const { status, headers } = await fetch(`${router.url}/ws/node`, { headers: { authorization: 'Bearer guess' } });
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await knock(nodeUrl, bearer(SECRET))).toBe(101);
    using node = await register(router, token);
    expect(node.closed).toBeUndefined();
    expect(await knock(nodeUrl, bearer('pwn_guess-21'))).toBe(429);
  });

  test('is not opened by anything that stands in the database', async () => {
    await using router = await TestRouter.start();
    const token = await issue(router, 'home-pc', 'ou_alice');
    using node = await register(router, token);
    expect(token).toMatch(/^pwn_[A-Za-z0-9_-]{43}$/);
    const files = readdirSync(router.folder.path).filter((name) => name.startsWith('router.db'));
    expect(files.length).toBeGreaterThan(1);
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(router.folder.path, name))));
    const hash = (await tokenOf(router, 'home-pc'))?.hash ?? Buffer.alloc(0);
    expect(bytes.includes(hash)).toBe(true);
    expect(bytes.includes(token.slice('pwn_'.length))).toBe(false);
    expect(bytes.includes(Buffer.from(token.slice('pwn_'.length), 'base64url'))).toBe(false);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(await knock(router.router.nodeUrl, bearer(hash.toString(encoding)))).toBe(401);
      expect(await knock(router.router.nodeUrl, bearer(`pwn_${hash.toString(encoding)}`))).toBe(401);
    }
    expect(JSON.stringify(router.log.lines)).not.toContain(token);
    expect(node.closed).toBeUndefined();
  });
});
