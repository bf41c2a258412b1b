import { expect, test, vi } from 'vitest';
import { Inbox, MailFullError, mailSchema, outboxSchema } from '../../src/mail/mail.ts';
import { openNumbers } from '../fakes/open-store.ts';
import { TempFolder } from '../temp-folder.ts';

type Body = { readonly text: string };

function openMail(folder: TempFolder) {
  const { store } = openNumbers(folder, [mailSchema, outboxSchema]);
  const inboxOf = (options: { maxOpen?: number; keepMs?: number; box?: string } = {}) =>
    new Inbox<Body>(store, { box: 'chat', ...options });
  return { store, inboxOf };
}

const letter = (id: string, lane = 'alice') => ({ id, lane, body: { text: `text of ${id}` } });

test('what arrives is kept until it is settled, through a restart, and comes once however often it is sent', async () => {
  using folder = new TempFolder();
  const before = openMail(folder);
  const inbox = before.inboxOf();
  expect(await before.store.write(() => inbox.add(letter('a')))).toBe(true);
  expect(await before.store.write(() => inbox.add({ ...letter('a'), body: { text: 'a repeat' } }))).toBe(false);
  expect(inbox.size).toBe(1);
  before.store.close();

  const { store, inboxOf } = openMail(folder);
  const again = inboxOf();
  expect(again.size).toBe(1);
  expect(again.next('alice')).toMatchObject({ ...letter('a'), starts: 0 });
  expect(await store.write(() => again.add(letter('a')))).toBe(false);
  store.close();
});

test('a repeat within one transaction is a repeat', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  const twice = [store.write(() => inbox.add(letter('a'))), store.write(() => inbox.add(letter('a')))];
  expect(await Promise.all(twice)).toEqual([true, false]);
  expect(inbox.size).toBe(1);
  store.close();
});

test('the id of what is settled is remembered, and its text is not kept', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  await store.write(() => inbox.add(letter('a')));
  await store.write(() => inbox.settle('a'));
  await store.write(() => inbox.settle('a'));
  await store.write(() => inbox.settle('never came'));
  expect(inbox.size).toBe(0);
  expect(inbox.has('a')).toBe(true);
  expect(inbox.next('alice')).toBeUndefined();
  expect(await store.write(() => inbox.add(letter('a')))).toBe(false);
  expect(JSON.stringify(store.prepare('SELECT * FROM inbox').all())).not.toContain('text of a');
  store.close();
});

test('what is open is found by its id, what is settled or never came is not', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  await store.write(() => {
    inbox.add(letter('a'));
    inbox.add(letter('b'));
    inbox.settle('b');
    inbox.addSettled(['c']);
  });
  expect(inbox.find('a')).toMatchObject({ ...letter('a'), starts: 0 });
  expect([inbox.find('b'), inbox.find('c'), inbox.find('d')]).toEqual([undefined, undefined, undefined]);
  expect(inboxOf({ box: 'other' }).find('a')).toBeUndefined();
  store.close();
});

test('what is settled in the moment it comes is remembered under each of its ids', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  expect(await store.write(() => inbox.addSettled(['a', 'b']))).toBe(true);
  expect(await store.write(() => inbox.addSettled(['c', 'b']))).toBe(false);
  expect(inbox.has('c')).toBe(false);
  expect(await store.write(() => inbox.add(letter('a')))).toBe(false);
  expect([inbox.size, inbox.lanes()]).toEqual([0, []]);
  store.close();
});

test('letters of a lane come in the order of their arrival, whatever happens in other lanes', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  await store.write(() => {
    for (const [id, lane] of [
      ['z', 'bob'],
      ['m', 'alice'],
      ['a', 'alice'],
      ['k', 'bob'],
    ] as const) {
      inbox.add(letter(id, lane));
    }
  });
  expect(inbox.lanes()).toEqual(['bob', 'alice']);
  expect([inbox.waiting('bob'), inbox.waiting('alice'), inbox.waiting('carol')]).toEqual([2, 2, 0]);
  expect(inbox.next('bob')?.id).toBe('z');
  await store.write(() => inbox.settle('z'));
  expect(inbox.next('bob')?.id).toBe('k');
  expect(inbox.lanes()).toEqual(['alice', 'bob']);
  expect(inbox.next('alice')?.id).toBe('m');
  expect(inbox.next('carol')).toBeUndefined();
  store.close();
});

test('a letter that goes first goes before all that is open, the newest of these first, through a restart too', async () => {
  using folder = new TempFolder();
  const before = openMail(folder);
  const inbox = before.inboxOf();
  await before.store.write(() => {
    for (const id of ['a', 'b']) inbox.add(letter(id));
    inbox.add({ ...letter('u1'), isFirst: true });
    inbox.add(letter('of bob', 'bob'));
  });
  expect(['u1', 'a', 'b', 'unknown'].map((id) => inbox.place(id))).toEqual([1, 2, 3, 0]);
  before.store.close();

  const { store, inboxOf } = openMail(folder);
  const again = inboxOf();
  await store.write(() => again.add({ ...letter('u2'), isFirst: true }));
  await store.write(() => again.add(letter('c')));
  const order = [];
  for (let next = again.next('alice'); next !== undefined; next = again.next('alice')) {
    const { id } = next;
    order.push(id);
    await store.write(() => again.settle(id));
  }
  expect(order).toEqual(['u2', 'u1', 'a', 'b', 'c']);
  expect(again.next('bob')?.id).toBe('of bob');
  store.close();
});

test('each beginning of the work is counted, through a restart, and can be taken back', async () => {
  using folder = new TempFolder();
  const before = openMail(folder);
  const inbox = before.inboxOf();
  await before.store.write(() => inbox.add(letter('a')));
  await before.store.write(() => inbox.markStarted('a'));
  expect(inbox.next('alice')?.starts).toBe(1);
  before.store.close();

  const { store, inboxOf } = openMail(folder);
  const again = inboxOf();
  await store.write(() => again.markStarted('a'));
  expect(again.next('alice')?.starts).toBe(2);
  await store.write(() => again.unmarkStarted('a'));
  expect(again.next('alice')?.starts).toBe(1);
  store.close();
});

test('a full box takes nothing more until something is settled; repeats are still known as such', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf({ maxOpen: 2 });
  for (const id of ['a', 'b']) await store.write(() => inbox.add(letter(id)));
  await expect(store.write(() => inbox.add(letter('c')))).rejects.toThrow(MailFullError);
  expect(inbox.has('c')).toBe(false);
  expect(await store.write(() => inbox.add(letter('a')))).toBe(false);
  await store.write(() => inbox.settle('a'));
  expect(await store.write(() => inbox.add(letter('c')))).toBe(true);
  expect(inbox.size).toBe(2);
  store.close();
});

test('what a transaction took in and then undid never came', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  const undone = store.write(() => {
    inbox.add(letter('a'));
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect([inbox.size, inbox.has('a')]).toEqual([0, false]);
  store.close();
});

test('ids are forgotten some time after they were settled, and nothing open ever is', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const inbox = inboxOf();
  const longAgo = Date.now() - 60_000;
  for (const id of ['open', 'settled', 'settled late']) await store.write(() => inbox.add(letter(id)));
  await store.write(() => inbox.settle('settled'));
  await store.write(() => store.prepare('UPDATE inbox SET received_at = ?').run(longAgo));
  await store.write(() => store.prepare('UPDATE inbox SET settled_at = ? WHERE id = ?').run(longAgo, 'settled'));
  await store.write(() => inbox.settle('settled late'));

  const later = inboxOf({ keepMs: 30_000 });
  await store.write(() => later.add(letter('new')));
  const known = ['open', 'settled', 'settled late', 'new'].filter((id) => later.has(id));
  expect(known).toEqual(['open', 'settled late', 'new']);
  expect(later.next('alice')?.receivedAt).toBe(longAgo);
  store.close();
});

test('what has just come is not forgotten when the clock is set right by years', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  // As on a small machine without a battery, before it has asked what time it is.
  vi.useFakeTimers({ now: 0, toFake: ['Date', 'performance'] });
  try {
    const inbox = inboxOf();
    await store.write(() => inbox.addSettled(['before']));
    vi.setSystemTime(20 * 365 * 24 * 3600 * 1000);
    // In the time in which old ones are looked for once.
    vi.advanceTimersByTime(61_000);
    await store.write(() => inbox.addSettled(['after']));
    expect(inbox.has('before')).toBe(true);
  } finally {
    vi.useRealTimers();
  }
  store.close();
});

test('boxes of one database know nothing of each other', async () => {
  using folder = new TempFolder();
  const { store, inboxOf } = openMail(folder);
  const chat = inboxOf();
  const node = inboxOf({ box: 'node' });
  await store.write(() => chat.add(letter('a')));
  expect([node.has('a'), node.size, node.lanes(), node.next('alice')]).toEqual([false, 0, [], undefined]);
  expect(await store.write(() => node.add(letter('a')))).toBe(true);
  await store.write(() => node.settle('a'));
  expect(chat.next('alice')?.id).toBe('a');
  store.close();
});
