import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { House } from '@phonework/testkit/house';
import { showsTurn, startHouse } from '@phonework/testkit/house';
import { allowWrites, denyWrites, SmallDisk } from '@phonework/testkit/small-disk';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

/** Feishu's patience and its schedule of redelivery, shortened. */
const feishu = { ackTimeoutMs: 500, redeliverAfterMs: Array.from({ length: 60 }, () => 400) };

const texts = ['one', 'two', 'three'];

async function startAnswering(house: House) {
  house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
  const router = await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  house.feishu.say({ openId: 'ou_alice', text: 'before' });
  await waitFor(() => house.textsTo('ou_alice').includes('re: before'), { what: 'the first answer' });
  return { router, node };
}

function answersTo(house: House): string[] {
  return house.textsTo('ou_alice').filter((text) => text.startsWith('re: '));
}

function integrityOf(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare('PRAGMA integrity_check').get()?.integrity_check;
  } finally {
    database.close();
  }
}

/** A disk without a free byte where this machine lets us have one; and one that answers with an error. */
const disks = [...(SmallDisk.isPossible() ? [{ kind: 'full' }] : []), { kind: 'broken' }] as const;

test.each(disks)(
  'a router whose disk is $kind acknowledges nothing, says so, and goes on by itself with nothing lost or doubled',
  async ({ kind }) => {
    await using house = await startHouse({ feishu });
    const folder = join(house.folder, 'data');
    using disk = kind === 'full' ? SmallDisk.mount(folder, { megabytes: 8 }) : undefined;
    const { router } = await startAnswering(house);
    if (disk === undefined) denyWrites(router.pid);
    else disk.fill();
    const from = house.feishu.deliveries.length;
    for (const text of texts) house.feishu.say({ openId: 'ou_alice', text: `please ${text} ${'x'.repeat(5000)}` });
    await waitFor(async () => (await house.health())?.status !== 'ok', { what: '/health to be red' });
    expect((await fetch(`${house.url}/health`)).status).toBe(503);
    await waitFor(() => house.textsTo('ou_alice').length > 1, { what: 'the user to be told' });
    await waitFor(() => house.feishu.deliveries.length > from + 6, { what: 'Feishu to bring the messages again' });
    expect(house.feishu.deliveries.slice(from).filter(({ ackCode }) => ackCode === 200)).toEqual([]);
    expect(house.textsTo('ou_alice').slice(1)).toEqual([
      expect.stringContaining('the disk of the router is full or broken'),
    ]);
    expect(router.log.filter(({ msg }) => msg === 'a commit failed').length).toBe(1);

    if (disk === undefined) allowWrites(router.pid);
    else disk.free();
    await waitFor(() => answersTo(house).length === 4, { what: 'all answers', timeoutMs: 15_000 });
    await waitFor(async () => (await house.health())?.queue?.inbox === 0);
    expect(
      answersTo(house)
        .map((text) => text.split(' x')[0])
        .sort(),
    ).toEqual(['re: before', 're: please one', 're: please two', 're: please three'].sort());
    expect((await house.health())?.status).toBe('ok');
    expect(router.isRunning).toBe(true);
    expect(integrityOf(join(folder, 'router.db'))).toBe('ok');
  },
);

test.each(disks)(
  'a node whose disk is $kind takes nothing, its user sees why, and it goes on by itself',
  async ({ kind }) => {
    await using house = await startHouse({ feishu });
    const folder = join(house.folder, 'node-data');
    using disk = kind === 'full' ? SmallDisk.mount(folder, { megabytes: 8 }) : undefined;
    const { node } = await startAnswering(house);
    if (disk === undefined) denyWrites(node.pid);
    else disk.fill();
    for (const text of texts) house.feishu.say({ openId: 'ou_alice', text: `please ${text} ${'x'.repeat(5000)}` });
    await waitFor(() => cardsTo(house).some((text) => text.includes('its disk is full or broken')), {
      what: 'the user to see why',
    });
    expect(answersTo(house)).toEqual(['re: before']);
    expect((await house.health())?.queue?.inbox).toBe(3);

    if (disk === undefined) allowWrites(node.pid);
    else disk.free();
    await waitFor(() => answersTo(house).length === 4, { what: 'all answers', timeoutMs: 20_000 });
    await waitFor(async () => (await house.health())?.queue?.inbox === 0);
    expect(answersTo(house).map((text) => text.split(' x')[0])).toEqual([
      're: before',
      're: please one',
      're: please two',
      're: please three',
    ]);
    expect(node.isRunning).toBe(true);
    expect(integrityOf(join(folder, 'node.db'))).toBe('ok');
  },
);

/** What shows running turns. */
function cardsTo(house: House): string[] {
  return house.feishu
    .messagesIn(house.feishu.chatOf('ou_alice'))
    .filter((message) => message.sender === 'bot' && showsTurn(message))
    .map(({ text }) => text);
}

test('a program that starts on a disk without room, or that is read-only, ends with one sentence', async () => {
  await using house = await startHouse();
  for (const [name, folder] of [
    ['phonework-router', 'data'],
    ['phonework-host', 'node-data'],
  ] as const) {
    for (const spoil of spoilings(join(house.folder, folder))) {
      using _spoilt = spoil();
      const program = house.launch(name);
      expect((await program.ended()).code).toBe(1);
      expect(program.stderr).toMatch(
        /^phonework-\w+: \S+\.db can't be written: check the folder's owner and free space\.\n$/,
      );
    }
  }
});

/** Who may mount nothing is nobody who may write where it is forbidden. */
function spoilings(folder: string): readonly (() => Disposable)[] {
  if (!SmallDisk.isPossible()) return [() => lock(folder)];
  const mount = (spoil: (disk: SmallDisk) => void) => () => {
    const disk = SmallDisk.mount(folder, { megabytes: 1 });
    spoil(disk);
    return disk;
  };
  return [mount((disk) => disk.fill()), mount((disk) => disk.makeReadOnly())];
}

function lock(folder: string): Disposable {
  mkdirSync(folder, { mode: 0o500 });
  return { [Symbol.dispose]: () => rmdirSync(folder) };
}
