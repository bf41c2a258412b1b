import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openStoreBeside, StoreError } from '../src/store.ts';
import { openNumbers, readNumbers } from './fakes/open-store.ts';
import { recordingLogger } from './fakes/recording-logger.ts';
import { TempFolder } from './temp-folder.ts';

const numbers = 'CREATE TABLE numbers (n INTEGER PRIMARY KEY, text TEXT) STRICT';

function openBeside(path: string, migrations: readonly string[] = [numbers]) {
  return openStoreBeside({ path, migrations, logger: recordingLogger().logger });
}

test('a store that is in use takes writes from beside, and keeps its lock', async () => {
  using folder = new TempFolder();
  const { store, insert, stored, path } = openNumbers(folder);
  const mark = () => store.prepare('PRAGMA data_version').get()?.data_version;
  const before = mark();
  {
    using beside = openBeside(path);
    await beside.write(() => beside.prepare('INSERT INTO numbers (n) VALUES (1)').run());
  }
  expect(mark()).not.toBe(before);
  await store.write(() => insert(2));
  expect(stored()).toEqual([1, 2]);
  expect(folder.read('data/test.db.pid').trim()).toBe(String(process.pid));
  expect(() => openNumbers(folder)).toThrow(/is in use/);
  store.close();
});

test('a writer beside waits for the other one', async () => {
  using folder = new TempFolder();
  const { store, path } = openNumbers(folder);
  using beside = openBeside(path);
  const writes = [1, 2, 3].flatMap((n) => [
    store.write(() => store.prepare('INSERT INTO numbers (n) VALUES (?)').run(n)),
    beside.write(() => beside.prepare('INSERT INTO numbers (n) VALUES (?)').run(n + 10)),
  ]);
  await Promise.all(writes);
  expect(readNumbers(path)).toEqual([1, 2, 3, 11, 12, 13]);
  store.close();
});

test('where there is no database one is made', () => {
  using folder = new TempFolder();
  openBeside(folder.join('data/test.db')).close();
  const { store, stored } = openNumbers(folder);
  expect(stored()).toEqual([]);
  store.close();
});

test('a database of another version is refused, and never migrated', () => {
  using folder = new TempFolder();
  const { store, path } = openNumbers(folder);
  store.close();
  const codeOf = (migrations: readonly string[]) => {
    try {
      openBeside(path, migrations).close();
    } catch (error) {
      return error instanceof StoreError ? [error.code, error.message] : error;
    }
    return undefined;
  };
  expect(codeOf([numbers, 'CREATE TABLE more (x)'])).toEqual([
    'older_schema',
    expect.stringContaining('has version 1'),
  ]);
  expect(codeOf([])).toEqual(['newer_schema', expect.stringContaining('has version 1')]);
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  database.close();
});
