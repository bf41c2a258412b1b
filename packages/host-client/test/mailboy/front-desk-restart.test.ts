import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { interruptionTexts } from '../../src/mailboy/interruption-texts.ts';
import { echo, NodeDesk } from '../fakes/node-desk.ts';
import { NodeStore } from '../fakes/node-store.ts';

function counts(disk: NodeStore): { readonly effects: unknown; readonly open: unknown } {
  const count = (from: string) => disk.store.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.n;
  return { effects: count('effects'), open: count('inbox WHERE settled_at IS NULL') };
}

describe('after a crash', () => {
  test('a turn without effects is run again, and answered once', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    await node.turn('m1');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.desk.start();
    (await next.turn('m1')).finish();
    (await next.turn('m2')).finish();
    await next.answerTo('m2');
    expect(next.answers.map(({ id, reply }) => [id, reply])).toEqual([
      ['m1', 'did m1'],
      ['m2', 'did m2'],
    ]);
    expect(counts(after)).toEqual({ effects: 0, open: 0 });
  });

  test('a turn that had begun to change something is reported, and not run again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    const turn = await node.turn('m1');
    await turn.beforeEffect('git add .');
    await turn.beforeEffect('git push');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.desk.start();
    expect(await next.answerTo('m1')).toContain(interruptionTexts.interrupted('`git push`').en);
    await next.turn('m2');
    expect(next.begun).toEqual(['m2']);
    expect(counts(after)).toEqual({ effects: 0, open: 1 });
  });

  test('a message that still waits can be taken back; one that was, is not answered again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    for (const id of ['m1', 'm2', 'm3', 'm4']) await node.say(id);
    await node.turn('m1');
    await node.desk.takeBack('m2');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.desk.start();
    const first = await next.turn('m1');
    for (const id of ['m1', 'm2', 'm3']) await next.desk.takeBack(id);
    first.finish();
    (await next.turn('m4')).finish();
    await next.answerTo('m4');
    await next.say('m3');
    expect(next.begun).toEqual(['m1', 'm4']);
    expect(next.answers.map(({ id, reply }) => [id, reply])).toEqual([
      ['m2', ''],
      ['m3', ''],
      ['m1', 'did m1'],
      ['m4', 'did m4'],
    ]);
    expect(counts(after)).toEqual({ effects: 0, open: 0 });
  });

  test('an answer that was stored is not made again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    node.answerWith = echo;
    await node.say('m1');
    await node.answerTo('m1');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.desk.start();
    await next.say('m1');
    await next.say('m2');
    await next.turn('m2');
    expect(next.begun).toEqual(['m2']);
    expect(next.answers.map(({ id }) => id)).toEqual(['m1']);
  });

  test('a message that ended the process twice is set aside, and the next one is answered', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    await node.turn('m1');
    using once = disk.afterCrash();
    const second = await NodeDesk.over(once);
    second.desk.start();
    await second.turn('m1');
    using twice = once.afterCrash();
    const third = await NodeDesk.over(twice);
    third.desk.start();
    expect(await third.answerTo('m1')).toBe(interruptionTexts.crashed.en);
    (await third.turn('m2')).finish();
    expect(await third.answerTo('m2')).toBe('did m2');
    expect(third.begun).toEqual(['m2']);
  });
});

describe('a shutdown', () => {
  test('lets running turns end within the grace, begins no other, and the next start goes on with those', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    const turn = await node.turn('m1');
    const stopped = node.desk.stop(10_000);
    // Still stored, for the next start.
    await node.say('m3');
    await node.say('b1', { userId: 'bob' });
    turn.finish();
    await stopped;
    expect(node.begun).toEqual(['m1']);
    expect(node.answers.map(({ id }) => id)).toEqual(['m1']);
    const next = await NodeDesk.over(disk);
    next.answerWith = echo;
    next.desk.start();
    await waitFor(() => next.answers.length === 4);
    expect(next.answers.filter(({ id }) => id !== 'b1').map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
    expect(counts(disk).open).toBe(0);
  });

  test('puts a turn without effects off, and does not count it as a crash', async () => {
    using disk = new NodeStore();
    for (let shutdown = 0; shutdown < 4; shutdown += 1) {
      const node = await NodeDesk.over(disk);
      node.desk.start();
      if (shutdown === 0) await node.say('m1');
      await node.turn('m1');
      await node.desk.stop(0);
      expect(node.answers).toEqual([]);
    }
    const node = await NodeDesk.over(disk);
    node.desk.start();
    (await node.turn('m1')).finish();
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('reports a turn that had begun to change something', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await (await node.turn('m1')).beforeEffect('make deploy');
    await node.desk.stop(0);
    const reply = expect.stringContaining(interruptionTexts.interrupted('`make deploy`').en);
    expect(node.answers).toMatchObject([{ type: 'forward_response', id: 'm1', reply, error: '' }]);
    expect(counts(disk)).toEqual({ effects: 0, open: 0 });
  });

  test('begins no turn whose beginning was just being stored', async () => {
    using disk = new NodeStore();
    const first = await NodeDesk.over(disk);
    await first.say('m1');
    await first.turn('m1');
    await first.desk.stop(0);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const node = await NodeDesk.over(disk);
      node.desk.start();
      for (let hop = 0; hop < attempt; hop += 1) await Promise.resolve();
      await node.desk.stop(0);
      expect(node.begun).toEqual([]);
    }
    const node = await NodeDesk.over(disk);
    node.desk.start();
    await node.turn('m1');
  });

  test('is not held up by a turn that does not end, nor by nothing', async () => {
    using disk = new NodeStore();
    const idle = await NodeDesk.over(disk);
    await idle.desk.stop(60_000);
    const node = await NodeDesk.over(disk);
    const { promise, resolve } = Promise.withResolvers<{ reply: string }>();
    node.answerWith = () => promise;
    await node.say('m1');
    await waitFor(() => node.running.isRunning('alice'));
    await node.desk.stop(0);
    expect(node.log.filter(({ level }) => level === 'error')).toHaveLength(1);
    resolve({ reply: 'too late' });
  });
});

describe('a disk that fails for a while', () => {
  test('delays an answer, and does not lose it or run its turn again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    const turn = await node.turn('m1');
    disk.breakDisk();
    turn.finish();
    await waitFor(() => node.log.some(({ text }) => text.includes('could not be stored')));
    expect(node.answers).toEqual([]);
    disk.mendDisk();
    expect(await node.answerTo('m1')).toBe('did m1');
    await node.turn('m2');
    expect(node.begun).toEqual(['m1', 'm2']);
  });

  test('delays what an earlier process left open, and does not lose it', async () => {
    using disk = new NodeStore();
    const first = await NodeDesk.over(disk);
    await first.say('m1');
    await first.turn('m1');
    await first.desk.stop(0);
    disk.breakDisk();
    const node = await NodeDesk.over(disk);
    node.desk.start();
    await waitFor(() => node.log.some(({ level }) => level === 'error'));
    disk.mendDisk();
    await node.say('m2');
    (await node.turn('m1')).finish();
    (await node.turn('m2')).finish();
    await node.answerTo('m2');
    expect(node.begun).toEqual(['m1', 'm2']);
  });
});
