import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { StoreError } from '../src/store.ts';
import type { OpenStore } from './fakes/open-store.ts';
import { openNumbers } from './fakes/open-store.ts';
import { TempFolder } from './temp-folder.ts';

const numbers = 'CREATE TABLE numbers (n INTEGER PRIMARY KEY, text TEXT) STRICT';

/** What the operator reads. */
function refusalOf(folder: TempFolder): string {
  try {
    openNumbers(folder).store.close();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'unreadable') return error.message;
    throw error;
  }
  return 'it was opened';
}

async function fill({ store, insert }: OpenStore, upTo: number): Promise<void> {
  for (let n = 1; n <= upTo; n += 1) await store.write(() => insert(n));
}

/** The files as a killed process leaves them: with a log that is not in the database yet. */
async function leaveLog(folder: TempFolder, commits: number): Promise<void> {
  const running = openNumbers(folder);
  await fill(running, commits);
  for (const name of ['test.db', 'test.db-wal', 'test.db-shm']) {
    copyFileSync(folder.join(`data/${name}`), folder.join(name));
  }
  running.store.close();
  for (const name of readdirSync(folder.join('data'))) rmSync(folder.join(`data/${name}`));
  for (const name of ['test.db', 'test.db-wal', 'test.db-shm']) {
    copyFileSync(folder.join(name), folder.join(`data/${name}`));
  }
}

function flipBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(path, bytes);
}

test('a database whose tail is missing, or that is empty, is refused and left as it is', async () => {
  for (const keep of [0, 1, 0.5]) {
    using folder = new TempFolder();
    const filled = openNumbers(folder);
    await filled.store.write(() => {
      for (let n = 1; n <= 2000; n += 1) filled.insert(n);
    });
    filled.store.close();
    const { size } = statSync(filled.path);
    truncateSync(filled.path, keep === 1 ? size - 1 : size * keep);
    const left = readFileSync(filled.path);
    expect(refusalOf(folder)).toBe(
      `${filled.path} can't be read as a database: restore a copy of it, or move it away.`,
    );
    expect(readFileSync(filled.path).equals(left)).toBe(true);
  }
});

test('a page that was overwritten is found at the start, and the newest copy is named', async () => {
  using folder = new TempFolder();
  openNumbers(folder, [numbers]).store.close();
  const newer = openNumbers(folder, [numbers, 'CREATE TABLE more (x)']);
  await newer.store.write(() => {
    for (let n = 1; n <= 2000; n += 1) newer.insert(n);
  });
  newer.store.close();
  const bytes = readFileSync(newer.path);
  bytes.fill(0x5a, 4096 * 3, 4096 * 4);
  writeFileSync(newer.path, bytes);
  expect(refusalOf(folder)).toContain(`restore a copy of it (${newer.path}.v1.bak), or move it away.`);
});

test('what is damaged while it runs is not written to any more, and says so', async () => {
  using folder = new TempFolder();
  const { store, path, insert, lines } = openNumbers(folder);
  await store.write(() => insert(1));
  store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 4096);
  writeFileSync(path, bytes);
  // Whoever still has the page in memory does not see it.
  store.prepare('PRAGMA shrink_memory').get();
  await expect(store.write(() => insert(2))).rejects.toThrow("can't be read as a database");
  await expect(store.write(() => store.prepare('CREATE TABLE more (x)').run())).rejects.toThrow(StoreError);
  expect(store.isWritable()).toBe(false);
  expect(lines.filter((line) => line.includes('a commit failed')).length).toBe(1);
  store.close();
});

test('a log without its database is refused, not thrown away', async () => {
  using folder = new TempFolder();
  await leaveLog(folder, 3);
  rmSync(folder.join('data/test.db'));
  expect(refusalOf(folder)).toBe(
    `${folder.join('data/test.db')} is missing, but test.db-wal is there: bring it back, or move that away too.`,
  );
  expect(statSync(folder.join('data/test.db-wal')).size).toBeGreaterThan(0);
});

test('a log with a flipped bit is refused with what would be lost, wherever the bit is', async () => {
  using folder = new TempFolder();
  await leaveLog(folder, 20);
  const log = folder.join('data/test.db-wal');
  const whole = readFileSync(log);
  const counts = new Set<string>();
  for (const at of [9, 17, 25, 32 + 1, 32 + 9, 32 + 20, 32 + 24 + 4000, Math.floor(whole.length / 2)]) {
    writeFileSync(log, whole);
    flipBit(log, at);
    const refusal = refusalOf(folder);
    expect([at, refusal]).toEqual([at, expect.stringContaining(`${log} is damaged: the last `)]);
    expect(readFileSync(`${log}.damaged`).equals(readFileSync(log))).toBe(true);
    counts.add(/the last (\d+) changes/.exec(refusal)?.[1] ?? '');
  }
  expect(counts).toContain('20');
  writeFileSync(log, whole);
  const { store, stored } = openNumbers(folder);
  expect(stored().length).toBe(20);
  store.close();
});

test('whoever starts again over a damaged log goes on with what was before the damage', async () => {
  using folder = new TempFolder();
  await leaveLog(folder, 20);
  const log = folder.join('data/test.db-wal');
  flipBit(log, Math.floor(statSync(log).size / 2));
  expect(refusalOf(folder)).toContain('start once more to go on without these changes');
  const { store, stored } = openNumbers(folder);
  expect(stored().length).toBeGreaterThan(5);
  expect(stored().length).toBeLessThan(15);
  store.close();
});

test('a log that ends in a commit that a power cut left half written is read up to there', async () => {
  using folder = new TempFolder();
  await leaveLog(folder, 20);
  const log = folder.join('data/test.db-wal');
  truncateSync(log, statSync(log).size - 100);
  const { store, stored } = openNumbers(folder);
  expect(stored().length).toBe(19);
  store.close();
});

test('a log that was written over from its beginning, and an index that is not of it, are read as they should', async () => {
  using folder = new TempFolder();
  const running = openNumbers(folder);
  await fill(running, 20);
  running.store.prepare('PRAGMA wal_checkpoint(RESTART)').get();
  await running.store.write(() => running.insert(21));
  for (const name of ['test.db', 'test.db-wal']) copyFileSync(folder.join(`data/${name}`), folder.join(name));
  running.store.close();
  for (const name of ['test.db', 'test.db-wal']) copyFileSync(folder.join(name), folder.join(`data/${name}`));
  folder.write('data/test.db-shm', 'This is a letter and not an index.\n'.repeat(1000));
  const { store, stored } = openNumbers(folder);
  expect(stored().length).toBe(21);
  store.close();
});
