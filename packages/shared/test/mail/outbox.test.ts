import { expect, test } from 'vitest';
import type { Courier } from '../../src/mail/mail.ts';
import { MailFullError, mailSchema, Outbox, outboxSchema } from '../../src/mail/mail.ts';
import type { Store } from '../../src/store.ts';
import { openNumbers } from '../fakes/open-store.ts';
import { TempFolder } from '../temp-folder.ts';

type Body = { readonly text: string };
type Options = { readonly maxPerPeer?: number; readonly onPut?: (peer: string) => void; readonly box?: string };

function openMail(folder: TempFolder, options: Options = {}) {
  const { store } = openNumbers(folder, [mailSchema, outboxSchema]);
  const outbox = new Outbox<Body>(store, { box: 'node', ...options });
  const put = (id: string, peer = 'home-pc', expiresAt?: number) =>
    outbox.put({ id, peer, body: { text: `text of ${id}` }, ...(expiresAt !== undefined && { expiresAt }) });
  /** Each in a transaction of its own. */
  const putAll = async (...ids: readonly string[]) => {
    for (const id of ids) await store.write(() => put(id));
  };
  return { store, outbox, put, putAll };
}

/** Notes what it is given. */
function listCourier(): { readonly sent: string[]; readonly courier: Courier<Body> } {
  const sent: string[] = [];
  return { sent, courier: ({ id }) => void sent.push(id) };
}

/** What another process would find, now that all writes are committed. */
function stored(store: Store): string[] {
  store.flush();
  return store
    .prepare('SELECT id FROM outbox ORDER BY seq')
    .all()
    .map((row) => String(row.id));
}

test('nothing goes out before it is on the disk, and nothing that was undone', async () => {
  using folder = new TempFolder();
  const { store, outbox, put } = openMail(folder);
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  const first = store.write(() => {
    put('a');
    return [...sent];
  });
  const undone = store.write(() => {
    put('b');
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await first).toEqual([]);
  expect(sent).toEqual(['a']);
  expect([outbox.size, outbox.waiting('home-pc')]).toEqual([1, 1]);
  store.close();
});

test('a parcel arrives as it was put', async () => {
  using folder = new TempFolder();
  const { store, outbox, put } = openMail(folder);
  const parcels: unknown[] = [];
  outbox.attach('home-pc', (parcel) => void parcels.push(parcel), { window: 10 });
  await store.write(() => put('a'));
  await store.write(() => put('b', 'home-pc', 5));
  const createdAt = expect.any(Number);
  expect(parcels).toEqual([
    { id: 'a', peer: 'home-pc', body: { text: 'text of a' }, json: '{"text":"text of a"}', createdAt },
    { id: 'b', peer: 'home-pc', body: { text: 'text of b' }, json: '{"text":"text of b"}', createdAt, expiresAt: 5 },
  ]);
  const again: unknown[] = [];
  outbox.attach('home-pc', (parcel) => void again.push(parcel), { window: 10 });
  expect(again).toEqual(parcels);
  store.close();
});

test('parcels go out in order, and only so many at a time without an answer', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('e', 'd', 'c', 'b', 'a');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 2 });
  expect(sent).toEqual(['e', 'd']);
  await putAll('late');
  expect(sent).toEqual(['e', 'd']);
  outbox.acknowledge('home-pc', 'd');
  expect(sent).toEqual(['e', 'd', 'c']);
  outbox.acknowledge('home-pc', 'e');
  outbox.acknowledge('home-pc', 'c');
  expect(sent).toEqual(['e', 'd', 'c', 'b', 'a']);
  expect(stored(store)).toEqual(['b', 'a', 'late']);
  store.close();
});

test('after a reconnect everything without an answer goes out again, in order, and nothing else', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  const first = listCourier();
  const close = outbox.attach('home-pc', first.courier, { window: 2 });
  await putAll('a', 'b', 'c', 'd');
  outbox.acknowledge('home-pc', 'b');
  close();
  outbox.acknowledge('home-pc', 'c');
  await putAll('e');
  expect(first.sent).toEqual(['a', 'b', 'c']);
  const second = listCourier();
  outbox.attach('home-pc', second.courier, { window: 10 });
  expect(second.sent).toEqual(['a', 'd', 'e']);
  store.close();
});

test('what was answered a moment ago does not go out again', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('a', 'b');
  outbox.attach('home-pc', () => {}, { window: 10 });
  outbox.acknowledge('home-pc', 'a');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  expect(sent).toEqual(['b']);
  store.close();
});

test('what another peer answers goes out all the same, also a moment later', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('a', 'b');
  outbox.acknowledge('work-server', 'a');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  expect(sent).toEqual(['a', 'b']);
  expect(stored(store)).toEqual(['a', 'b']);
  store.close();
});

test('a new way to a peer does not hurry what others have asked the disk for', async () => {
  using folder = new TempFolder();
  const { store, outbox, put, putAll } = openMail(folder);
  await putAll('a');
  outbox.attach('home-pc', () => {}, { window: 10 });
  outbox.acknowledge('home-pc', 'a');
  let isCommitted = false;
  const other = store.write(() => {
    put('b', 'work-server');
    store.afterCommit(() => (isCommitted = true));
  });
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  expect([isCommitted, sent]).toEqual([false, []]);
  await other;
  expect(stored(store)).toEqual(['b']);
  expect(outbox.size).toBe(1);
  store.close();
});

test('a newer way to a peer takes over, and closing the older one then changes nothing', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  const older = listCourier();
  const closeOlder = outbox.attach('home-pc', older.courier, { window: 10 });
  await putAll('a');
  const newer = listCourier();
  outbox.attach('home-pc', newer.courier, { window: 10 });
  closeOlder();
  await putAll('b');
  expect([older.sent, newer.sent]).toEqual([['a'], ['a', 'b']]);
  store.close();
});

test('an answer frees its place once, however often it is given, and only for its own peer', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll, put } = openMail(folder);
  await putAll('a', 'b', 'c');
  await store.write(() => put('other', 'work-server'));
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 1 });
  outbox.acknowledge('work-server', 'a');
  outbox.acknowledge('home-pc', 'other');
  outbox.acknowledge('home-pc', 'unknown');
  expect(sent).toEqual(['a']);
  for (let times = 0; times < 3; times += 1) outbox.acknowledge('home-pc', 'a');
  expect(sent).toEqual(['a', 'b']);
  expect(stored(store)).toEqual(['b', 'c', 'other']);
  expect(outbox.size).toBe(3);
  store.close();
});

test('what is taken out does not go out, and frees its place if it is on its way', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('a', 'b', 'c');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 1 });
  await store.write(() => outbox.remove('home-pc', 'b'));
  await store.write(() => outbox.remove('home-pc', 'b'));
  await store.write(() => outbox.remove('work-server', 'a'));
  expect(outbox.size).toBe(2);
  expect(sent).toEqual(['a']);
  await store.write(() => outbox.remove('home-pc', 'a'));
  expect(sent).toEqual(['a', 'c']);
  expect(outbox.size).toBe(1);
  store.close();
});

test('a peer can have only so much waiting, whatever others have', async () => {
  using folder = new TempFolder();
  const { store, outbox, put, putAll } = openMail(folder, { maxPerPeer: 2 });
  await putAll('a', 'b');
  await expect(store.write(() => put('c'))).rejects.toThrow(MailFullError);
  await store.write(() => put('c', 'work-server'));
  await store.write(() => outbox.remove('home-pc', 'a'));
  await putAll('d');
  await expect(store.write(() => put('e'))).rejects.toThrow(MailFullError);
  expect(stored(store)).toEqual(['b', 'c', 'd']);
  expect(outbox.peers().sort()).toEqual(['home-pc', 'work-server']);
  store.close();
});

test('what no way took in time is found, oldest first, but for what is on its way', async () => {
  using folder = new TempFolder();
  const { store, outbox, put } = openMail(folder);
  const expiries = { a: 100, b: 100, c: 50, d: 201, e: undefined, f: 100 } as const;
  await store.write(() => {
    for (const [id, expiresAt] of Object.entries(expiries)) put(id, 'home-pc', expiresAt);
    put('g', 'work-server', 100);
  });
  const idsAt = (now: number, limit?: number) => outbox.expired(now, limit).map(({ id }) => id);
  expect(idsAt(49)).toEqual([]);
  expect(idsAt(100)).toEqual(['a', 'b', 'c', 'f', 'g']);
  expect(idsAt(100, 2)).toEqual(['a', 'b']);
  const close = outbox.attach('home-pc', () => {}, { window: 2 });
  expect(idsAt(200)).toEqual(['c', 'f', 'g']);
  close();
  expect(idsAt(200)).toEqual(['a', 'b', 'c', 'f', 'g']);
  store.close();
});

test('what waits survives a restart, in order; what has arrived does not come again', async () => {
  using folder = new TempFolder();
  const before = openMail(folder);
  await before.putAll('a', 'b', 'c');
  before.outbox.attach('home-pc', () => {}, { window: 10 });
  before.outbox.acknowledge('home-pc', 'b');
  before.store.close();

  const { store, outbox, putAll } = openMail(folder);
  expect([outbox.size, outbox.waiting('home-pc'), outbox.peers()]).toEqual([2, 2, ['home-pc']]);
  await putAll('d');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  expect(sent).toEqual(['a', 'c', 'd']);
  store.close();
});

test.each([1, 2, 5])('a courier that answers at once gets each parcel once, in order (window %i)', async (window) => {
  using folder = new TempFolder();
  const { store, outbox, put } = openMail(folder);
  // Enough that answering by recursion would end the stack.
  const ids = Array.from({ length: 20_000 }, (_, index) => `parcel-${index}`);
  await store.write(() => {
    for (const id of ids) put(id);
  });
  const sent: string[] = [];
  const answer: Courier<Body> = ({ peer, id }) => {
    sent.push(id);
    outbox.acknowledge(peer, id);
  };
  outbox.attach('home-pc', answer, { window });
  expect(sent).toEqual(ids);
  expect(stored(store)).toEqual([]);
  expect(outbox.size).toBe(0);
  store.close();
});

test('a courier that finds its way closed is given nothing more', async () => {
  using folder = new TempFolder();
  const { store, outbox, put } = openMail(folder);
  const { sent, courier } = listCourier();
  let close = () => {};
  const leaving: Courier<Body> = (parcel) => {
    courier(parcel);
    if (parcel.id === 'b') close();
  };
  close = outbox.attach('home-pc', leaving, { window: 10 });
  await store.write(() => {
    for (const id of ['a', 'b', 'c']) put(id);
  });
  expect(sent).toEqual(['a', 'b']);
  store.close();
});

test('who opens ways is told of each peer that was given something, once that is on the disk', async () => {
  using folder = new TempFolder();
  const told: string[] = [];
  const { sent, courier } = listCourier();
  const { store, outbox, put, putAll } = openMail(folder, {
    onPut: (peer) => {
      told.push(peer);
      if (told.length === 1) outbox.attach(peer, courier, { window: 10 });
    },
  });
  const undone = store.write(() => {
    put('undone');
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(told).toEqual([]);
  await putAll('a', 'b');
  expect(told).toEqual(['home-pc', 'home-pc']);
  expect(sent).toEqual(['a', 'b']);
  store.close();
});

test('boxes of one database know nothing of each other', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  const chat = new Outbox<Body>(store, { box: 'chat' });
  await putAll('a');
  const { sent, courier } = listCourier();
  chat.attach('home-pc', courier, { window: 10 });
  chat.acknowledge('home-pc', 'a');
  store.flush();
  expect(sent).toEqual([]);
  expect([chat.size, chat.peers(), outbox.size]).toEqual([0, [], 1]);
  store.close();
});

test('what has not gone out can be taken back, with what it held, once and from its own peer', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('a', 'b', 'c');
  const { sent, courier } = listCourier();
  const takeBack = (id: string, peer = 'home-pc') => store.write(() => outbox.withdraw(peer, id));
  expect(await takeBack('b', 'work-server')).toBeUndefined();
  expect(await takeBack('unknown')).toBeUndefined();
  expect(await takeBack('b')).toEqual({ text: 'text of b' });
  expect(await takeBack('b')).toBeUndefined();
  expect([outbox.size, outbox.waiting('home-pc')]).toEqual([2, 2]);
  outbox.attach('home-pc', courier, { window: 10 });
  expect(sent).toEqual(['a', 'c']);
  store.close();
});

test('what is on its way, or has arrived, can not be taken back; what stands behind it can', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('a', 'b', 'c', 'd', 'e');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 2 });
  const takeBack = (id: string) => store.write(() => outbox.withdraw('home-pc', id));
  expect(await takeBack('b')).toBeUndefined();
  expect(await takeBack('c')).toEqual({ text: 'text of c' });
  outbox.acknowledge('home-pc', 'a');
  expect(sent).toEqual(['a', 'b', 'd']);
  expect(await takeBack('a')).toBeUndefined();
  expect(await takeBack('d')).toBeUndefined();
  expect(stored(store)).toEqual(['b', 'd', 'e']);
  store.close();
});

test('what was taken back in a write that is undone goes out all the same', async () => {
  using folder = new TempFolder();
  const { store, outbox, putAll } = openMail(folder);
  await putAll('a');
  const undone = store.write(() => {
    outbox.withdraw('home-pc', 'a');
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  expect(sent).toEqual(['a']);
  expect(outbox.size).toBe(1);
  store.close();
});

test('what is taken back in the commit that stored it never goes out', async () => {
  using folder = new TempFolder();
  const { store, outbox, put } = openMail(folder);
  const { sent, courier } = listCourier();
  outbox.attach('home-pc', courier, { window: 10 });
  await Promise.all([
    store.write(() => put('a')),
    store.write(() => put('b')),
    store.write(() => outbox.withdraw('home-pc', 'a')),
    store.write(() => put('c')),
  ]);
  await store.write(() => put('d'));
  expect(sent).toEqual(['b', 'c', 'd']);
  expect([outbox.size, stored(store)]).toEqual([3, ['b', 'c', 'd']]);
  store.close();
});

test('what an older database holds arrives in its order', async () => {
  using folder = new TempFolder();
  const older = openNumbers(folder, [mailSchema]);
  const outbox = new Outbox<{ text: string }>(older.store, { box: 'mail' });
  await older.store.write(() => {
    for (const id of ['c', 'a', 'b']) outbox.put({ id, peer: 'home-pc', body: { text: id }, expiresAt: 7 });
  });
  older.store.close();
  const { store } = openNumbers(folder, [mailSchema, outboxSchema]);
  const newer = new Outbox<{ text: string }>(store, { box: 'mail' });
  const { sent, courier } = listCourier();
  newer.attach('home-pc', courier, { window: 10 });
  await store.write(() => newer.put({ id: 'd', peer: 'home-pc', body: { text: 'd' } }));
  expect(sent).toEqual(['c', 'a', 'b', 'd']);
  store.close();
});
