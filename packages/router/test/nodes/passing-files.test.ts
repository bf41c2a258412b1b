import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { expect, test } from 'vitest';
import type { FileOrigin, PassingFilesOptions } from '../../src/nodes/passing-files.ts';
import { PassingFiles } from '../../src/nodes/passing-files.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { TempFolder } from '../fakes/temp-folder.ts';

/** Files in a folder of their own. */
class Shelf {
  readonly temp = new TempFolder();
  readonly folder = join(this.temp.path, 'passing');
  readonly store: Store;
  readonly files: PassingFiles;

  constructor(options: Partial<PassingFilesOptions> = {}) {
    const { logger } = new CapturedLog();
    this.store = openStore({ path: join(this.temp.path, 'router.db'), migrations, logger });
    this.files = new PassingFiles(this.store, { folder: this.folder, logger, ...options });
  }

  async receive(text: string, keepMs?: number, origin: FileOrigin = { kind: 'chat' }) {
    return await this.files.receive(Readable.from([Buffer.from(text)]), {
      origin,
      size: text.length,
      ...(keepMs !== undefined && { keepMs }),
    });
  }

  [Symbol.dispose](): void {
    this.files.stop();
    this.store.close();
    this.temp[Symbol.dispose]();
  }
}

test('a file is removed when its time is over, and not before', async () => {
  using shelf = new Shelf();
  const old = await shelf.receive('old', -1);
  const fresh = await shelf.receive('fresh');
  await shelf.files.sweep();
  expect([shelf.files.find(old.id), existsSync(old.path)]).toEqual([undefined, false]);
  expect([shelf.files.find(fresh.id)?.size, existsSync(fresh.path)]).toEqual([5, true]);
});

test('what something waits for stays until it is released, and a while after', async () => {
  using shelf = new Shelf({ keepMs: -1 });
  const { id } = await shelf.receive('held');
  await shelf.store.write(() => shelf.files.hold(id));
  await shelf.files.sweep();
  expect(shelf.files.find(id)).toBeDefined();
  await shelf.store.write(() => shelf.files.release(id));
  await shelf.files.sweep();
  expect(shelf.files.find(id)).toBeUndefined();
});

test('bytes that nobody knows are removed once they are old', async () => {
  using shelf = new Shelf();
  const { path } = await shelf.receive('known');
  mkdirSync(shelf.folder, { recursive: true });
  for (const name of ['just-begun', 'left-behind']) writeFileSync(join(shelf.folder, name), 'half');
  const yesterday = Date.now() / 1000 - 86_400;
  utimesSync(join(shelf.folder, 'left-behind'), yesterday, yesterday);
  utimesSync(path, yesterday, yesterday);
  await shelf.files.sweep();
  expect(readdirSync(shelf.folder).sort()).toEqual(['just-begun', path.split('/').at(-1)].sort());
});

test('no more is taken in than there is room for, what is still coming counted', async () => {
  using shelf = new Shelf({ maxTotalBytes: 25 });
  await shelf.receive('x'.repeat(10));
  const coming = shelf.receive('y'.repeat(10));
  await expect(shelf.receive('z'.repeat(10))).rejects.toMatchObject({ code: 'full' });
  await coming;
  expect(readdirSync(shelf.folder)).toHaveLength(2);
  await shelf.receive('12345');
});

test('one node does not take the room of the others, neither by bytes nor by empty files', async () => {
  using shelf = new Shelf({ maxTotalBytes: 100, maxFiles: 20 });
  const [thief, other] = ['thief', 'home-pc'].map((nodeId): FileOrigin => ({ kind: 'node', nodeId }));
  await shelf.receive('x'.repeat(41), undefined, thief);
  for (let file = 1; file < 10; file += 1) await shelf.receive('', undefined, thief);
  await expect(shelf.receive('', undefined, thief)).rejects.toMatchObject({ code: 'full' });
  await shelf.receive('x'.repeat(45), undefined, other);
  await expect(shelf.receive('x'.repeat(6), undefined, other)).rejects.toMatchObject({ code: 'full' });
  await shelf.receive('from a chat');
});

test('one round removes everything that is old, however many files that are', async () => {
  using shelf = new Shelf();
  await shelf.store.write(() => {
    const add = shelf.store.prepare(
      "INSERT INTO files (id, name, origin, size, sha256, kept_until) VALUES (?, ?, 'chat', 0, '', 1)",
    );
    for (let file = 0; file < 1200; file += 1) add.run(`f${file}`, `n${file}`);
  });
  await shelf.files.sweep();
  expect(shelf.store.prepare('SELECT count(*) AS files FROM files').get()).toEqual({ files: 0 });
});
