import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Outbox } from '@phonework/shared/mail';
import { TooLargeError } from '@phonework/shared/save-stream';
import { StoreError } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FileDoor } from '../../src/link/file-door.ts';
import type { UploadOutcome } from '../../src/link/file-uploads.ts';
import { FileUploads } from '../../src/link/file-uploads.ts';
import type { RouterParcel } from '../../src/link/node-client.ts';
import { ROUTER } from '../../src/link/node-client.ts';
import { FileRouter } from '../fakes/file-router.ts';
import { NodeStore } from '../fakes/node-store.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const alice = { userId: 'ou_alice', chatId: 'chat' };
const { signal } = new AbortController();
const { logger } = await recordingLogger();

/** The uploads of one process over a real database. */
class Sender {
  readonly disk: NodeStore;
  readonly uploads: FileUploads;
  readonly folder: string;
  readonly #outbox: Outbox<RouterParcel>;

  constructor(router: FileRouter, disk = new NodeStore(), folder = join(disk.folder, 'outgoing')) {
    this.disk = disk;
    this.folder = folder;
    this.#outbox = new Outbox(disk.store, { box: 'router' });
    this.uploads = new FileUploads({
      store: disk.store,
      outbox: this.#outbox,
      folder,
      door: new FileDoor({ routerUrl: router.url, secret: 'the-secret', nodeId: 'home-pc', idleMs: 500 }),
      timings: { minMs: 5, maxMs: 20 },
      languageOf: (userId) => (userId === 'ou_ming' ? 'zh' : 'en'),
      logger,
    });
  }

  async send(name: string, text: string, patienceMs = 5000): Promise<UploadOutcome> {
    const copy = await this.uploads.copy(Readable.from([Buffer.from(text)]), signal);
    return await this.uploads.send(copy, { ...alice, name }, { patienceMs, signal });
  }

  /** What waits for the router's socket, in order. */
  get announced(): RouterParcel[] {
    const frames: RouterParcel[] = [];
    this.#outbox.attach(ROUTER, ({ body }) => frames.push(body), { window: 100 })();
    return frames;
  }

  get copies(): string[] {
    return readdirSync(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.uploads.stop();
    this.disk[Symbol.dispose]();
  }
}

test('a file is announced when the router has its bytes, and its copy is gone then', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  const isThere = Promise.withResolvers<void>();
  router.hold = isThere.promise;
  const sending = sender.send('notes.txt', 'hello');
  await waitFor(() => router.puts.length === 1);
  expect(sender.announced).toEqual([]);
  isThere.resolve();
  expect(await sending).toBe('announced');
  const [put] = router.puts;
  expect(put?.bytes.toString()).toBe('hello');
  expect(put?.headers).toMatchObject({
    authorization: 'Bearer the-secret',
    'x-node-id': 'home-pc',
    'content-length': '5',
  });
  expect(sender.announced).toEqual([
    {
      type: 'file',
      id: put?.id,
      user_id: 'ou_alice',
      chat_id: 'chat',
      name: 'notes.txt',
      size: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    },
  ]);
  await waitFor(() => sender.copies.length === 0);
});

test('it is brought again through lost connections and passing troubles, and announced once', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  router.troubles.push('cut', 500, 503, 507, 401);
  expect(await sender.send('notes.txt', 'hello'.repeat(50_000))).toBe('announced');
  expect(router.puts.at(-1)?.bytes.length).toBe(250_000);
  expect(new Set(router.puts.map(({ id }) => id)).size).toBe(1);
  expect(sender.announced).toHaveLength(1);
});

test('files are announced in the order in which they were sent, also when the first one has troubles', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  router.troubles.push(500, 500);
  const first = sender.send('first', 'one');
  await waitFor(() => router.puts.length > 0);
  await Promise.all([first, sender.send('second', 'two')]);
  expect(sender.announced.map((frame) => frame.type === 'file' && frame.name)).toEqual(['first', 'second']);
});

test('who does not want to wait longer is told that it is on its way, and it is', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  const away = Promise.withResolvers<void>();
  router.hold = away.promise;
  expect(await sender.send('notes.txt', 'hello', 20)).toBe('on_its_way');
  away.resolve();
  await waitFor(() => sender.announced.length === 1);
});

test('after the end of its process the next one goes on with it, and removes what nobody waits for', async () => {
  await using router = await FileRouter.start();
  const first = new Sender(router);
  await first.uploads.start();
  const away = Promise.withResolvers<void>();
  router.hold = away.promise;
  await first.send('notes.txt', 'hello', 20);
  writeFileSync(join(first.folder, 'left-behind'), 'half of a copy');
  await using second = new Sender(router, first.disk.afterCrash(), first.folder);
  await first.uploads.stop();
  router.hold = undefined;
  away.resolve();
  await second.uploads.start();
  await waitFor(() => second.announced.length === 1);
  expect(router.puts.at(-1)?.bytes.toString()).toBe('hello');
  await waitFor(() => second.copies.length === 0);
  first.disk[Symbol.dispose]();
});

test('a refusal for good is told to who waits, and otherwise in the chat', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  router.troubles.push(404);
  expect(await sender.send('notes.txt', 'hello')).toBe('refused');
  expect(sender.announced).toEqual([]);
  const answer = Promise.withResolvers<void>();
  router.hold = answer.promise;
  router.troubles.push(409);
  expect(await sender.send('notes.txt', 'hello', 20)).toBe('on_its_way');
  answer.resolve();
  await waitFor(() => sender.announced.length === 1);
  expect(sender.announced).toMatchObject([
    { type: 'message', chat_id: 'chat', text: expect.stringContaining('notes.txt') },
  ]);
  await waitFor(() => sender.copies.length === 0);
});

test('who writes Chinese is told in it of a refusal', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  const answer = Promise.withResolvers<void>();
  router.hold = answer.promise;
  router.troubles.push(409);
  const copy = await sender.uploads.copy(Readable.from([Buffer.from('hello')]), signal);
  const address = { userId: 'ou_ming', chatId: 'chat', name: '笔记.txt' };
  await sender.uploads.send(copy, address, { patienceMs: 20, signal });
  answer.resolve();
  await waitFor(() => sender.announced.length === 1);
  expect(sender.announced).toMatchObject([
    { type: 'message', user_id: 'ou_ming', text: expect.stringMatching(/^⚠️ “笔记\.txt”无法发送：路由器没有接收。/) },
  ]);
});

test('a copy that somebody removed does not hold up what comes after it', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  const copy = await sender.uploads.copy(Readable.from([Buffer.from('hello')]), signal);
  await sender.uploads.discard(copy);
  expect(await sender.uploads.send(copy, { ...alice, name: 'a' }, { patienceMs: 5000, signal })).toBe('refused');
  expect(await sender.send('b', 'world')).toBe('announced');
});

test('more than 30 MB is not copied, however it comes', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })(),
  );
  await expect(sender.uploads.copy(endless, signal)).rejects.toBeInstanceOf(TooLargeError);
  expect(sender.copies).toEqual([]);
  expect(existsSync(sender.folder)).toBe(true);
});

test('a router that is away does not fill the disk: from some number on nothing more is kept', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  const away = Promise.withResolvers<void>();
  router.hold = away.promise;
  for (let file = 0; file < 50; file += 1) expect(await sender.send(`${file}`, 'hello', 0)).toBe('on_its_way');
  expect(await sender.send('one more', 'hello', 0)).toBe('too_many');
  expect(sender.copies).toHaveLength(50);
  away.resolve();
  await waitFor(() => sender.announced.length === 50);
  expect(await sender.send('later', 'hello')).toBe('announced');
});

test('a copy of which a full disk keeps no note does not stay', async () => {
  await using router = await FileRouter.start();
  await using sender = new Sender(router);
  await sender.uploads.start();
  sender.disk.breakDisk();
  await expect(sender.send('notes.txt', 'hello')).rejects.toBeInstanceOf(StoreError);
  expect(sender.copies).toEqual([]);
  sender.disk.mendDisk();
});
