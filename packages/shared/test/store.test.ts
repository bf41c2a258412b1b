import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { StoreError } from '../src/store.ts';
import { openNumbers } from './fakes/open-store.ts';
import { TempFolder } from './temp-folder.ts';

test('writes of the same moment are one transaction, and each is told when it is on the disk', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const told: string[] = [];
  const first = store.write(() => insert(1)).then((n) => told.push(`first ${n}: ${stored()}`));
  const second = store.write(() => {
    // The first one's row is there, but not yet for others: both are committed together.
    told.push(`inside: ${store.prepare('SELECT count(*) AS n FROM numbers').get()?.n}, outside: ${stored()}`);
    return insert(2);
  });
  expect(stored()).toEqual([]);
  expect(await second).toBe(2);
  await first;
  expect(told).toEqual(['inside: 1, outside: ', 'first 1: 1,2']);
  store.close();
});

test('many writes that take long are several transactions, in order, and others have their turn in between', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const slowly = (n: number) =>
    store.write(() => {
      const end = performance.now() + 8;
      while (performance.now() < end);
      insert(n);
      if (n === 2) throw new Error('not this one');
    });
  const settled = Promise.allSettled([1, 2, 3, 4, 5, 6].map(slowly));
  const seenBetween = await new Promise<number[]>((resolve) => setImmediate(() => resolve(stored())));
  const outcomes = await settled;
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true, true]);
  expect(seenBetween.length).toBeLessThan(5);
  expect(stored()).toEqual([1, 3, 4, 5, 6]);
  // A flush leaves nothing for later.
  const last = [7, 8, 9].map(slowly);
  store.flush();
  expect(stored()).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
  await Promise.all(last);
  store.close();
});

test('a write that throws undoes only itself, and is told why', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const bug = new Error('a bug');
  const results = await Promise.allSettled([
    store.write(() => insert(1)),
    store.write(() => {
      insert(2);
      throw bug;
    }),
    store.write(() => insert(3)),
    store.write(() => insert(3)),
  ]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(results[1]).toMatchObject({ reason: bug });
  expect(stored()).toEqual([1, 3]);
  expect(store.isWritable()).toBe(true);
  store.close();
});

test('what is to follow a commit follows it, and never a write that was undone', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const told: string[] = [];
  const write = (n: number, fails: boolean) =>
    store.write(() => {
      insert(n);
      store.afterCommit(() => told.push(`${n}: ${stored()}`));
      if (fails) throw new Error('undone');
    });
  await Promise.allSettled([write(1, false), write(2, true), write(3, false)]);
  expect(told).toEqual(['1: 1,3', '3: 1,3']);
  await store.write(() => insert(4));
  expect(told).toHaveLength(2);
  store.close();
});

test('a write that is asked for inside another one is committed after it', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  let inner: Promise<number> | undefined;
  await store.write(() => {
    insert(1);
    inner = store.write(() => insert(2));
    store.flush();
  });
  expect(stored()).toEqual([1]);
  expect(await inner).toBe(2);
  expect(stored()).toEqual([1, 2]);
  store.close();
});

test('what a write asks for is done once, also where another one throws beside it', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const told: number[] = [];
  const write = (n: number) =>
    store.write(() => {
      insert(n);
      store.writeLater(() => void insert(n + 10));
      void store.write(() => insert(n + 20)).then(() => told.push(n));
    });
  const bug = store.write(() => {
    throw new Error('a bug');
  });
  await Promise.allSettled([write(1), bug, write(2)]);
  expect(store.backlog).toBe(2);
  await waitFor(() => told.length === 2);
  expect(store.backlog).toBe(0);
  expect(stored()).toEqual([1, 2, 11, 12, 21, 22]);
  store.close();
});

test('a write that nobody waits for is committed soon, without another one to carry it', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const startedAt = performance.now();
  store.writeLater(() => insert(1));
  expect(stored()).toEqual([]);
  await waitFor(() => stored().length === 1, { timeoutMs: 2000 });
  expect(performance.now() - startedAt).toBeGreaterThan(5);
  store.close();
});

test('a flush commits what waits, at once', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  store.writeLater(() => insert(1));
  const second = store.write(() => insert(2));
  store.flush();
  expect(stored()).toEqual([1, 2]);
  expect(await second).toBe(2);
  store.close();
});

test('a deferred write that fails is logged, and takes nothing else with it', () => {
  using folder = new TempFolder();
  const { store, insert, stored, lines } = openNumbers(folder);
  store.writeLater(() => insert(1));
  store.writeLater(() => insert(1));
  store.flush();
  expect(stored()).toEqual([1]);
  expect(lines.join('')).toContain('a deferred write failed');
  store.close();
});

test('a full disk fails every write of the transaction, and the store knows when it can write again', async () => {
  using folder = new TempFolder();
  const { store, insert, stored, lines } = openNumbers(folder);
  await store.write(() => insert(1));
  const pages = Number(store.prepare('PRAGMA page_count').get()?.page_count);
  store.prepare(`PRAGMA max_page_count = ${pages}`).get();
  const told: unknown[] = [];
  const results = await Promise.allSettled([
    store.write(() => {
      insert(2);
      store.afterCommit(() => told.push(2));
    }),
    store.write(() => store.prepare('INSERT INTO numbers VALUES (3, ?)').run('x'.repeat(100_000))),
    store.write(() => insert(4)),
  ]);
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', code: 'unwritable' } });
    expect(Object(result).reason).toBeInstanceOf(StoreError);
    expect(Object(result).reason.message).toMatch(/test\.db can't be written: check its disk's free space\.$/);
  }
  expect(stored()).toEqual([1]);
  expect(told).toEqual([]);
  expect(lines.join('')).toContain('a commit failed');
  expect(store.isWritable()).toBe(false);
  expect(store.isWritable()).toBe(false);

  store.prepare(`PRAGMA max_page_count = ${pages + 1000}`).get();
  expect(store.isWritable()).toBe(true);
  expect(await store.write(() => insert(5))).toBe(5);
  expect(stored()).toEqual([1, 5]);
  store.close();
});

test('a write after a failed one succeeds by itself, when the disk has room again', async () => {
  using folder = new TempFolder();
  const { store, insert } = openNumbers(folder);
  const pages = Number(store.prepare('PRAGMA page_count').get()?.page_count);
  store.prepare(`PRAGMA max_page_count = ${pages}`).get();
  const large = () => store.prepare('INSERT INTO numbers VALUES (1, ?)').run('x'.repeat(100_000));
  await expect(store.write(large)).rejects.toThrow(StoreError);
  store.prepare(`PRAGMA max_page_count = ${pages + 1000}`).get();
  await store.write(() => insert(2));
  expect(store.isWritable()).toBe(true);
  store.close();
});

test('a write that nobody waits for is done once the disk has room again', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const pages = Number(store.prepare('PRAGMA page_count').get()?.page_count);
  store.prepare(`PRAGMA max_page_count = ${pages}`).get();
  store.writeLater(() => insert(2));
  const large = () => store.prepare('INSERT INTO numbers VALUES (1, ?)').run('x'.repeat(100_000));
  await expect(store.write(large)).rejects.toThrow(StoreError);
  expect(stored()).toEqual([]);
  store.prepare(`PRAGMA max_page_count = ${pages + 1000}`).get();
  await waitFor(() => stored().length > 0);
  expect(stored()).toEqual([2]);
  store.close();
});

test('who asks to be told that nobody waits any more is told after the commit, and after one that fails', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const first = store.write(() => insert(1));
  expect(store.backlog).toBe(1);
  const seen = await new Promise((resolve) => store.whenCaughtUp(() => resolve([store.backlog, stored()])));
  expect(seen).toEqual([0, [1]]);
  await first;
  const pages = Number(store.prepare('PRAGMA page_count').get()?.page_count);
  store.prepare(`PRAGMA max_page_count = ${pages}`).get();
  const large = () => store.prepare('INSERT INTO numbers VALUES (2, ?)').run('x'.repeat(100_000));
  const told = new Promise<void>((resolve) => store.whenCaughtUp(resolve));
  await expect(store.write(large)).rejects.toThrow(StoreError);
  await told;
  store.close();
});

test('closing commits what waits and settles all who wait; closing twice is fine', async () => {
  using folder = new TempFolder();
  const { store, insert, stored } = openNumbers(folder);
  const write = store.write(() => {
    insert(1);
    // What a commit calls for may be wanted on the disk as well.
    store.afterCommit(() => store.writeLater(() => insert(3)));
  });
  store.writeLater(() => insert(2));
  store.close();
  store.close();
  await write;
  expect(stored()).toEqual([1, 2, 3]);
});

test('a closed store refuses writes, and nothing of it stirs any more', async () => {
  using folder = new TempFolder();
  const { store, insert, stored, lines } = openNumbers(folder);
  store.writeLater(() => store.afterCommit(() => store.afterCommit(() => {})));
  store.close();
  await expect(store.write(() => insert(1))).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
  store.writeLater(() => insert(2));
  store.flush();
  expect(lines.join('')).toContain('a deferred write failed');
  expect(store.isWritable()).toBe(false);
  // A timer that is left over would throw into the process: let two turns of the loop and the deferral pass.
  let turns = 0;
  await waitFor(() => ++turns > 10);
  expect(stored()).toEqual([]);
});

test('SQL is prepared once', () => {
  using folder = new TempFolder();
  const { store } = openNumbers(folder);
  expect(store.prepare('SELECT 1')).toBe(store.prepare('SELECT 1'));
  store.close();
});
