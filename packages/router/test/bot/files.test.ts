import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { IncomingAttachment } from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { SECRET, TestRouter } from '../fakes/test-router.ts';
import { asked, leave, shown, workServer } from './machines.ts';

const photo: IncomingAttachment = { key: 'k1', kind: 'image', name: 'image' };
const png = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1');

/** A chat where these files can be fetched. */
async function startRouter(options: Parameters<typeof TestRouter.start>[0] = {}): Promise<TestRouter> {
  const chat = new FakeChat();
  chat.uploads.set('k1', png);
  chat.uploads.set('k2', Buffer.from('hello'));
  return await TestRouter.start({ chat, ...options });
}

/** As many files as a router holds. */
async function fillShelf(folder: TempFolder): Promise<void> {
  const store = openStore({ path: join(folder.path, 'router.db'), migrations, logger: new CapturedLog().logger });
  await store.write(() => {
    const add = store.prepare("INSERT INTO files (id, name, origin, size, sha256) VALUES (?, ?, 'chat', 0, '')");
    for (let file = 0; file < 10_000; file += 1) add.run(`f${file}`, `n${file}`);
  });
  store.close();
}

async function fetchFor(router: TestRouter, nodeId: string, id = ''): Promise<Response> {
  const headers = { authorization: `Bearer ${SECRET}`, 'x-node-id': nodeId };
  return await fetch(`${router.url}/node/files/${id}`, { headers });
}

describe('a message with files', () => {
  test('goes to the node with where to fetch them, with or without words', async () => {
    await using router = await startRouter();
    using node = await router.connectNode();
    await router.chat.say('', { attachments: [photo] });
    const first = await node.take();
    await router.chat.say('look at both', {
      attachments: [photo, { key: 'k2', kind: 'file', name: 'a.txt', size: 5 }],
    });
    const second = await node.take();
    expect(first).toMatchObject({ text: '', attachments: [{ kind: 'image', name: 'image.png', size: png.length }] });
    expect(second).toMatchObject({
      text: 'look at both',
      attachments: [{ name: 'image.png' }, { kind: 'file', name: 'a.txt', size: 5 }],
    });
    const fetched = await fetchFor(router, 'home-pc', second.attachments?.[1]?.id);
    expect(await fetched.text()).toBe('hello');
  });

  test('that was answered by the rules keeps them on its way through a question which machine it is for', async () => {
    await using router = await startRouter();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await router.chat.say('', { attachments: [photo] });
    const question = await shown(router.chat, 'Which machine');
    await router.chat.press(question, 'work-server');
    const { attachments = [] } = await work.take();
    expect(attachments).toMatchObject([{ name: 'image.png' }]);
    expect(asked(home)).toEqual([]);
    expect((await fetchFor(router, 'work-server', attachments[0]?.id)).status).toBe(200);
    expect((await fetchFor(router, 'home-pc', attachments[0]?.id)).status).toBe(404);
  });

  test('that is sent elsewhere, since its node is away, can be fetched there and no longer by the first', async () => {
    await using router = await startRouter({ config: { nodeOfflineGraceMs: 20 } });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await leave(router, home, 'home-pc');
    await router.chat.say('@home-pc look', { attachments: [photo] });
    const question = await shown(router.chat, 'Your message waits');
    await router.chat.press(question, 'send:work-server');
    const { attachments = [] } = await work.take();
    expect((await fetchFor(router, 'work-server', attachments[0]?.id)).status).toBe(200);
    expect((await fetchFor(router, 'home-pc', attachments[0]?.id)).status).toBe(404);
  });

  test("waits for them through the chat's troubles, and what follows waits behind it, but no command", async () => {
    await using router = await startRouter();
    using node = await router.connectNode();
    let troubles = 2;
    const open = Promise.withResolvers<void>();
    router.chat.onFetch = async () => {
      await open.promise;
      troubles -= 1;
      if (troubles >= 0) throw new ChatError('unavailable', 'The platform is away.');
    };
    await router.chat.say('look', { attachments: [photo] });
    await router.chat.say('what do you see?');
    await router.chat.say('/status');
    expect((await node.take()).text).toBe('/status');
    open.resolve();
    expect((await node.take()).attachments).toHaveLength(1);
    expect((await node.take()).text).toBe('what do you see?');
    expect(router.chat.fetched).toEqual(['k1', 'k1', 'k1']);
  });

  test('is not asked for again and again at once where the platform names no time to wait', async () => {
    await using router = await startRouter();
    using node = await router.connectNode();
    const end = performance.now() + 200;
    router.chat.onFetch = () => {
      if (performance.now() < end) throw new ChatError('rate_limited', 'Wait.', { retryAfterMs: 0 });
    };
    await router.chat.say('', { attachments: [photo] });
    expect((await node.take()).attachments).toHaveLength(1);
    expect(router.chat.fetched.length).toBeLessThan(30);
  });

  test('of which one frame can not hold all brings as many as it can, and says so', async () => {
    await using router = await startRouter();
    using node = await router.connectNode();
    await router.chat.say('all of them', { attachments: Array.from({ length: 101 }, () => photo) });
    expect((await node.take()).attachments).toHaveLength(100);
    expect(await shown(router.chat, 'more than 100 files')).toBeDefined();
  });

  test('that there is no room for is not fetched to its end', async () => {
    using folder = new TempFolder();
    await fillShelf(folder);
    await using router = await startRouter({ folder });
    using _node = await router.connectNode();
    let given: Readable | undefined;
    router.chat.fetchFile = async () => {
      given = Readable.from([png]);
      return given;
    };
    await router.chat.say('', { attachments: [photo] });
    await shown(router.chat, 'too many files wait');
    expect(given?.destroyed).toBe(true);
  });

  test('of one chat does not hold up another chat', async () => {
    await using router = await startRouter();
    using node = await router.connectNode({ serves_users: ['ou_alice', 'ou_bob'] });
    const open = Promise.withResolvers<void>();
    router.chat.onFetch = () => open.promise;
    await router.chat.say('', { attachments: [photo] });
    await router.chat.say('hello from bob', { userId: 'ou_bob' });
    expect((await node.take()).text).toBe('hello from bob');
    open.resolve();
    await node.take();
  });

  test('is got after a restart, when the router ended before it had them', async () => {
    using folder = new TempFolder();
    const first = await startRouter({ folder });
    using node = await first.connectNode();
    const open = Promise.withResolvers<void>();
    first.chat.onFetch = () => open.promise;
    await first.chat.say('look', { attachments: [photo] });
    await waitFor(() => first.chat.fetched.length === 1);
    const stopped = first.stop();
    open.resolve();
    await stopped;
    expect(asked(node)).toEqual([]);
    await using second = await startRouter({ folder });
    using back = await second.connectNode();
    expect(await back.take()).toMatchObject({ text: 'look', attachments: [{ name: 'image.png' }] });
  });

  test.each([
    [
      'the chat does not have any more',
      { ...photo, key: 'gone' },
      'Your machine did not get "image": There is no such file.',
    ],
    ['the chat says is too large', { ...photo, size: 31 * 1024 * 1024 }, '"image" is larger than 30 MB'],
    ['turns out to be too large', { ...photo, key: 'large' }, '"image" is larger than 30 MB'],
  ])('one that %s is told, and the rest goes on', async (_what, attachment, sentence) => {
    await using router = await startRouter();
    using node = await router.connectNode();
    router.chat.uploads.set('large', Buffer.alloc(30 * 1024 * 1024 + 1));
    await router.chat.say('', { attachments: [attachment] });
    await router.chat.say('and this?', { attachments: [attachment, photo] });
    const [first, second] = await router.chat.untilShown(2);
    expect(first).toContain(sentence);
    expect(second).toContain(sentence);
    expect(await node.take()).toMatchObject({ text: 'and this?', attachments: [{ name: 'image.png' }] });
    expect(node.all('forward')).toHaveLength(1);
  });

  test('from a stranger is refused, and nothing is fetched', async () => {
    await using router = await startRouter();
    await router.chat.say('', { userId: 'ou_mallory', attachments: [photo] });
    expect(await router.chat.untilShown(1, 'chat-of-ou_mallory')).toEqual([expect.stringContaining('Not allowed')]);
    await router.chat.say('', { addressed: false, chatType: 'group', chatId: 'team', attachments: [photo] });
    expect(router.chat.fetched).toEqual([]);
    expect(existsSync(join(router.folder.path, 'passing'))).toBe(false);
  });

  test('that is a command does what it does, and the user is told that the files are left out', async () => {
    await using router = await startRouter();
    using node = await router.connectNode();
    await router.chat.say('/shell ls', { attachments: [photo] });
    expect(await node.take()).toEqual(expect.not.objectContaining({ attachments: expect.anything() }));
    expect(await router.chat.untilShown(1)).toEqual([expect.stringContaining('Files that come with a command')]);
    expect(router.chat.fetched).toEqual([]);
  });
});

test('a file is kept while its chat does not take it, over restarts too, and not for ever after', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  const first = new Office(folder, [chat]);
  const origin = { kind: 'node', nodeId: 'home-pc' } as const;
  const { id } = await first.files.receive(Readable.from([png]), { origin, size: png.length });
  await first.store.write(() => first.deliveries.putFile({ channel: 'feishu', chatId: 'chat' }, { id, name: 'a.png' }));
  await first.files.sweep();
  await first.stop();
  await using second = new Office(folder, [chat]);
  second.deliveries.start();
  await waitFor(() => chat.shownFiles.length === 1);
  expect(chat.shownFiles[0]?.bytes.equals(png)).toBe(true);
  await waitFor(async () => {
    await second.files.sweep();
    return second.files.find(id) === undefined;
  });
});
