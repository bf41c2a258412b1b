import { chmodSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { StoreError } from '../src/store.ts';
import { Child } from './fakes/child.ts';
import { openNumbers, readNumbers } from './fakes/open-store.ts';
import { TempFolder } from './temp-folder.ts';

const versions = [
  'CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT',
  'ALTER TABLE numbers ADD COLUMN text TEXT',
  "UPDATE numbers SET text = 'migrated'; CREATE TABLE more (x)",
];

function errorOf(open: () => unknown): StoreError {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    if (error instanceof StoreError) return error;
  }
  throw new Error('it was opened');
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

test('what was committed is on the disk: a write-ahead log, synced at each commit', () => {
  using folder = new TempFolder();
  const { store } = openNumbers(folder);
  expect(store.prepare('PRAGMA journal_mode').get()?.journal_mode).toBe('wal');
  expect(store.prepare('PRAGMA synchronous').get()?.synchronous).toBe(2);
  expect(store.prepare('PRAGMA foreign_keys').get()?.foreign_keys).toBe(1);
  store.close();
});

test('nobody else on the machine can read it', async () => {
  using folder = new TempFolder();
  const { store, insert, path } = openNumbers(folder);
  await store.write(() => insert(1));
  expect(modeOf(folder.join('data'))).toBe('700');
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect([file, modeOf(file)]).toEqual([file, '600']);
  store.close();
});

test('an older database is brought up to date, after a copy of it was made that only its owner can read', async () => {
  using folder = new TempFolder();
  const older = openNumbers(folder, versions.slice(0, 1));
  await older.store.write(() => older.insert(7));
  older.store.close();
  // A folder that the operator made may be open to others.
  chmodSync(folder.join('data'), 0o755);

  const newer = openNumbers(folder, versions);
  expect(newer.store.prepare('SELECT text FROM numbers WHERE n = 7').get()).toEqual({ text: 'migrated' });
  expect(newer.store.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 });
  newer.store.close();
  const copy = `${newer.path}.v1.bak`;
  expect(readNumbers(copy)).toEqual([7]);
  expect(modeOf(copy)).toBe('600');
  expect(newer.lines.join('')).toContain('.v1.bak');
});

test('a new database, and one that is up to date, need no copy', () => {
  using folder = new TempFolder();
  openNumbers(folder, versions).store.close();
  const { store, path } = openNumbers(folder, versions);
  expect([0, 1, 2, 3].filter((version) => existsSync(`${path}.v${version}.bak`))).toEqual([]);
  store.close();
});

test('a migration that fails leaves the database as it was, and is tried again', () => {
  using folder = new TempFolder();
  openNumbers(folder, versions.slice(0, 1)).store.close();
  const broken = ['', 'CREATE TABLE half (x); CREATE TABLE numbers (n)'];
  expect(errorOf(() => openNumbers(folder, broken)).code).toBe('unreadable');
  const { store } = openNumbers(folder, versions);
  expect(store.prepare("SELECT count(*) AS half FROM sqlite_schema WHERE name = 'half'").get()).toEqual({ half: 0 });
  store.close();
});

test('the database of a later program is refused, and left alone', () => {
  using folder = new TempFolder();
  const { store, path } = openNumbers(folder, versions);
  store.close();
  const error = errorOf(() => openNumbers(folder, versions.slice(0, 2)));
  expect(error.code).toBe('newer_schema');
  expect(error.message).toBe(
    `${path} has version 3 and this program knows 2: install the newer program, or restore a copy.`,
  );
  openNumbers(folder, versions).store.close();
});

test('a file that is no database is refused in a sentence, and can be moved away', () => {
  using folder = new TempFolder();
  mkdirSync(folder.join('data'));
  const path = folder.write('data/test.db', 'This is a letter and not a database.\n'.repeat(100));
  const error = errorOf(() => openNumbers(folder));
  expect(error.code).toBe('unreadable');
  expect(error.message).toBe(`${path} can't be read as a database: restore a copy of it, or move it away.`);
  expect(error.cause).toBeInstanceOf(Error);
  renameSync(path, `${path}.old`);
  openNumbers(folder).store.close();
});

test('a folder that can not be made, or can not hold the lock, is named in a sentence', () => {
  using folder = new TempFolder();
  folder.write('data', 'a file where the folder should be');
  const inFile = errorOf(() => openNumbers(folder));
  expect(inFile.code).toBe('unwritable');
  expect(inFile.message).toContain("test.db can't be written: check the folder's owner and free space.");

  using other = new TempFolder();
  mkdirSync(other.join('data/test.db.lock'), { recursive: true });
  expect(errorOf(() => openNumbers(other)).code).toBe('unwritable');
  using third = new TempFolder();
  mkdirSync(third.join('data/test.db.pid'), { recursive: true });
  expect(errorOf(() => openNumbers(third)).code).toBe('unwritable');
});

test('a lock that is broken is not taken for one that somebody holds', () => {
  using folder = new TempFolder();
  mkdirSync(folder.join('data'));
  folder.write('data/test.db.lock', 'This is a letter and not a lock.\n'.repeat(100));
  expect(errorOf(() => openNumbers(folder)).code).not.toBe('in_use');
});

test('a second process is refused and told the pid of the first; a killed one leaves nothing to clean up', async () => {
  using folder = new TempFolder();
  mkdirSync(folder.join('data'));
  const path = folder.join('data/test.db');
  await using child = new Child('./store-process.ts', { args: [path] });
  await waitFor(() => child.stdout.includes('open'));
  const error = errorOf(() => openNumbers(folder));
  expect(error.code).toBe('in_use');
  expect(error.message).toBe(`${path} is in use by process ${child.pid}: stop that one first.`);
  child.signal('SIGKILL');
  await child.ended();
  openNumbers(folder).store.close();
});

test('a second store of the same process is refused as well, and harms nothing', async () => {
  using folder = new TempFolder();
  const first = openNumbers(folder);
  expect(errorOf(() => openNumbers(folder)).message).toContain(`process ${process.pid}`);
  await first.store.write(() => first.insert(1));
  first.store.close();
  const second = openNumbers(folder);
  expect(second.stored()).toEqual([1]);
  second.store.close();
});

test('a refused opener does not take the pid of the one that has it away', async () => {
  using folder = new TempFolder();
  const { store, path } = openNumbers(folder);
  const refused = new Child('./store-process.ts', { args: [path] });
  expect(await refused.ended()).not.toBe(0);
  expect(refused.stderr).toContain(`is in use by process ${process.pid}`);
  expect(folder.read('data/test.db.pid').trim()).toBe(String(process.pid));
  store.close();
  expect(existsSync(`${path}.pid`)).toBe(false);
});

test('what a process was told is on the disk is there after it was killed', async () => {
  using folder = new TempFolder();
  const path = folder.join('data/test.db');
  for (const atLeast of [20, 5]) {
    await using child = new Child('./store-process.ts', { args: [path] });
    await waitFor(() => child.stdout.split('\n').length > atLeast);
    child.signal('SIGKILL');
    await child.ended();
    const told = child.stdout
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    const { store, stored } = openNumbers(folder, ['']);
    expect(stored()).toEqual(expect.arrayContaining(told));
    await store.write(() => store.prepare('DELETE FROM numbers').run());
    expect(store.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    store.close();
  }
});

test('a database can be read by other programs while it is open', () => {
  using folder = new TempFolder();
  const { store, path } = openNumbers(folder);
  const reader = new DatabaseSync(path, { readOnly: true });
  expect(reader.prepare('SELECT count(*) AS n FROM numbers').get()).toEqual({ n: 0 });
  reader.close();
  store.close();
});
