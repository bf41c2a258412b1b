import { expect, test } from 'vitest';
import { createRouter } from '../../../src/router.ts';
import { CapturedLog } from '../../fakes/captured-log.ts';
import { homePc, RawNode } from '../../fakes/raw-node.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { SECRET } from '../../fakes/test-router.ts';
import { PageSocket } from './console-router.ts';

const sessions = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `id-${n}`, name: `session-${n}`, state: 'idle' }));

/** A real router with its console, and a page of it. */
async function startRouter() {
  const folder = new TempFolder();
  const config = {
    host: '127.0.0.1',
    port: 0,
    secret: SECRET,
    dataDir: folder.path,
    feishu: undefined,
    allowedOpenIds: [],
    console: true,
    language: 'zh' as const,
    model: undefined,
    forwardTimeoutMs: 60_000,
    heartbeatIntervalMs: 60_000,
    heartbeatTimeoutMs: 60_000,
    nodeOfflineGraceMs: 60_000,
    offlineQueueTtlMs: 60_000,
  };
  const router = await createRouter(config, { logger: new CapturedLog().logger, journey: () => {} });
  await router.listen(config);
  const signIn = await fetch(router.consoleUrl ?? '', { redirect: 'manual' });
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = new PageSocket(`${router.url.replace('http', 'ws')}/console/ws`, { cookie, origin: router.url });
  await page.next('history');
  return {
    router,
    page,
    [Symbol.asyncDispose]: async () => {
      page[Symbol.dispose]();
      await router.stop();
      folder[Symbol.dispose]();
    },
  };
}

async function connect(nodeUrl: string, changes: object = {}): Promise<RawNode> {
  const node = await RawNode.connect(nodeUrl, SECRET);
  node.send({ ...homePc, serves_users: ['console'], ...changes });
  await node.next('registered');
  return node;
}

test("pages see the nodes of the console's user come and go, and their sessions as they change", async () => {
  await using house = await startRouter();
  const { router, page } = house;
  const node = await connect(router.nodeUrl);
  expect((await page.next('nodes')).nodes).toEqual([
    { nodeId: 'home-pc', displayName: 'Home PC', online: true, sessions: [], moreSessions: 0 },
  ]);
  const status = (state: string) => ({ type: 'status', sessions: [{ id: 'a', name: 'todo_app', state }], tasks: 0 });
  node.send(status('working'));
  expect((await page.next('nodes')).nodes[0]?.sessions).toEqual([{ name: 'todo_app', state: 'working' }]);
  node.send(status('idle'));
  expect((await page.next('nodes')).nodes[0]?.sessions).toEqual([{ name: 'todo_app', state: 'idle' }]);
  node.send({ type: 'status', sessions: sessions(60), tasks: 0 });
  const [crowded] = (await page.next('nodes')).nodes;
  expect([crowded?.sessions.length, crowded?.sessions[0]?.name, crowded?.moreSessions]).toEqual([50, 'session-0', 10]);
  node.socket.close();
  expect((await page.next('nodes')).nodes).toMatchObject([{ online: false, sessions: [], moreSessions: 0 }]);
});

test("a node that does not serve the console's user is not shown", async () => {
  await using house = await startRouter();
  const { router, page } = house;
  const other = await connect(router.nodeUrl, { node_id: 'work-server', serves_users: ['ou_alice'] });
  expect((await page.next('nodes')).nodes).toEqual([]);
  other.socket.terminate();
});

test('LANGUAGE reaches the pages, and what the router answers there', async () => {
  await using house = await startRouter();
  const { page } = house;
  expect(page.frames[0]).toMatchObject({ language: 'zh' });
  page.press('no-such-message', 'allow');
  expect((await page.next('pressed')).outcome.toast).toContain('按钮');
  page.stop('no-such-turn');
  const { outcome } = await page.next('stopped');
  expect(outcome).toEqual({ kind: 'warning', toast: '它已经结束了。' });
});
