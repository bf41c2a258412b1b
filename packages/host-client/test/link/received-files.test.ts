import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attachment, ForwardRequest } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FileDoor } from '../../src/link/file-door.ts';
import { ReceivedFiles } from '../../src/link/received-files.ts';
import { FileRouter } from '../fakes/file-router.ts';
import { NodeStore } from '../fakes/node-store.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger } = await recordingLogger();
const { signal } = new AbortController();

function forwardOf(...attachments: readonly Attachment[]): ForwardRequest {
  return { type: 'forward', id: 'f-1', user_id: 'ou_alice', chat_id: 'chat', text: '', attachments: [...attachments] };
}

const photo: Attachment = { id: 'a1', kind: 'image', name: 'photo.png', size: 5 };

function receiverOf(router: FileRouter, disk: NodeStore, patienceMs = 5000, maxTotalBytes = 2 ** 40): ReceivedFiles {
  const door = new FileDoor({ routerUrl: router.url, secret: 'the-secret', nodeId: 'home-pc', idleMs: 500 });
  return new ReceivedFiles({
    folder: join(disk.folder, 'files'),
    door,
    timings: { minMs: 5, maxMs: 20 },
    logger,
    patienceMs,
    maxTotalBytes,
  });
}

test('files are in a folder of their message, for their owner alone, under names that hold nothing back', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  for (const id of ['a1', 'a2', 'a3']) router.files.set(id, Buffer.from(`of ${id}`));
  const received = await receiverOf(router, disk).fetch(
    forwardOf(photo, { ...photo, id: 'a2' }, { id: 'a3', kind: 'file', name: '../../.ssh/authorized_keys', size: 5 }),
    signal,
  );
  const folder = join(disk.folder, 'files', 'f-1');
  expect(received.map(({ name, path }) => [name, path])).toEqual([
    ['photo.png', join(folder, 'photo.png')],
    ['photo-2.png', join(folder, 'photo-2.png')],
    ['authorized_keys', join(folder, 'authorized_keys')],
  ]);
  expect(received.map(({ path }) => readFileSync(path ?? '', 'utf8'))).toEqual(['of a1', 'of a2', 'of a3']);
  expect(statSync(join(folder, 'photo.png')).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a lost connection is tried again, and what is here already is not fetched twice', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  router.files.set('a1', Buffer.from('hello'));
  router.troubles.push('cut', 500);
  const [first] = await receiverOf(router, disk).fetch(forwardOf(photo), signal);
  expect(readFileSync(first?.path ?? '', 'utf8')).toBe('hello');
  expect(await receiverOf(router, disk).fetch(forwardOf(photo), signal)).toEqual([first]);
  expect(router.gets).toHaveLength(2);
});

test('one that the router has no more has no path, and the others come', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  router.files.set('a2', Buffer.from('hello'));
  const received = await receiverOf(router, disk).fetch(
    forwardOf(photo, { ...photo, id: 'a2', name: 'b.png' }),
    signal,
  );
  expect(received.map(({ name, path }) => [name, path !== undefined])).toEqual([
    ['photo.png', false],
    ['b.png', true],
  ]);
});

test('a router that stays away is not waited for for ever', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  router.troubles.push(...Array.from({ length: 1000 }, () => 503));
  const [received] = await receiverOf(router, disk, 60).fetch(forwardOf(photo), signal);
  expect(received).toEqual(photo);
});

test('an abort ends it, and leaves nothing half', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  const never = Promise.withResolvers<void>();
  router.hold = never.promise;
  const stop = new AbortController();
  const fetching = receiverOf(router, disk).fetch(forwardOf(photo), stop.signal);
  await waitFor(() => router.gets.length === 1);
  stop.abort(new Error('enough'));
  await expect(fetching).rejects.toThrow('enough');
  never.resolve();
  expect(readdirSync(join(disk.folder, 'files', 'f-1'))).toEqual([]);
});

test('what was received is removed after a month', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  for (const [name, days] of Object.entries({ old: 31, fresh: 29 })) {
    const folder = join(disk.folder, 'files', name);
    await mkdir(folder, { recursive: true });
    writeFileSync(join(folder, 'a.txt'), 'a');
    const at = Date.now() / 1000 - days * 86_400;
    utimesSync(folder, at, at);
  }
  await receiverOf(router, disk).sweep();
  expect(['old', 'fresh'].map((name) => existsSync(join(disk.folder, 'files', name)))).toEqual([false, true]);
});

test('a file that is called as an unfinished one would be does not get lost', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  router.files.set('a1', Buffer.from('first'));
  router.files.set('a2', Buffer.from('other'));
  const received = await receiverOf(router, disk).fetch(
    forwardOf({ ...photo, name: 'film.part' }, { ...photo, id: 'a2', name: 'film' }),
    signal,
  );
  expect(received.map(({ path }) => readFileSync(path ?? '', 'utf8'))).toEqual(['first', 'other']);
});

test('where files take too much room, the oldest go, also while the node runs on', async () => {
  await using router = await FileRouter.start();
  using disk = new NodeStore();
  router.files.set('a1', Buffer.from('hello'));
  const folder = join(disk.folder, 'files');
  for (const [index, name] of ['oldest', 'older', 'fresh'].entries()) {
    await mkdir(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'a.bin'), Buffer.alloc(300_000));
    utimesSync(join(folder, name), Date.now() / 1000 - 1000 + index, Date.now() / 1000 - 1000 + index);
  }
  await receiverOf(router, disk, 5000, 700_000).fetch(forwardOf(photo), signal);
  await waitFor(() => !existsSync(join(folder, 'oldest')));
  expect(['older', 'fresh', 'f-1'].map((name) => existsSync(join(folder, name)))).toEqual([true, true, true]);
});
