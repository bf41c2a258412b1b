import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Effects } from '../../src/mailboy/effects.ts';
import { NodeStore } from '../fakes/node-store.ts';

/** Turns whose last output was given up. */
class ForgottenOutputs {
  readonly turns: string[] = [];

  async forget(turnId: string): Promise<void> {
    this.turns.push(turnId);
  }
}

function open({ store }: NodeStore, outputs = new ForgottenOutputs()): Effects {
  return new Effects(store, outputs);
}

test('what a turn began is known after a crash, the newest first, once it was said to be noted', async () => {
  using disk = new NodeStore();
  const effects = open(disk);
  for (const summary of ['git add .', 'git commit', 'git push']) await effects.record('m1', summary);
  await effects.record('m2', 'rm x');
  using after = disk.afterCrash();
  const next = open(after);
  expect(next.read('m1', 2)).toEqual({ newest: [{ summary: 'git push' }, { summary: 'git commit' }], count: 3 });
  expect(next.read('m2', 2)).toEqual({ newest: [{ summary: 'rm x' }], count: 1 });
  expect(next.read('m3', 2)).toEqual({ newest: [], count: 0 });
  expect([...next.turns()].sort()).toEqual(['m1', 'm2']);
});

test('the end of an effect is on the disk with the next one, and known after a crash', async () => {
  using disk = new NodeStore();
  const effects = open(disk);
  await effects.record('m1', 'git add .');
  effects.end('m1', 'exit code 0');
  await effects.record('m1', 'git push');
  using after = disk.afterCrash();
  expect(open(after).read('m1', 9).newest).toEqual([
    { summary: 'git push' },
    { summary: 'git add .', outcome: 'exit code 0' },
  ]);
});

test('the end of an effect is written down soon, also when nothing follows it, and cut to a few words', async () => {
  using disk = new NodeStore();
  const effects = open(disk);
  await effects.record('m1', 'make');
  effects.end('m1', 'long '.repeat(1000));
  const outcome = () => effects.read('m1', 1).newest[0]?.outcome;
  expect(outcome()).toBeUndefined();
  await waitFor(() => outcome());
  expect(outcome()).toHaveLength(400);
});

test('only what has begun and not ended yet is ended', async () => {
  using disk = new NodeStore();
  const effects = open(disk);
  await effects.record('m1', 'make');
  effects.end('m2', 'looked around');
  effects.end('m1', 'first');
  effects.end('m1', 'second');
  await disk.store.write(() => {});
  expect(effects.read('m1', 1).newest).toEqual([{ summary: 'make', outcome: 'first' }]);
});

test('an effect that can not be noted must not begin', async () => {
  using disk = new NodeStore();
  const effects = open(disk);
  disk.breakDisk();
  await expect(effects.record('m1', 'git push')).rejects.toThrow("can't be written");
  disk.mendDisk();
  expect(effects.read('m1', 1).count).toBe(0);
});

test('clearing takes out everything that one turn began, and its last output once that is stored', async () => {
  using disk = new NodeStore();
  const outputs = new ForgottenOutputs();
  const effects = open(disk, outputs);
  await Promise.all(['a', 'b', 'c'].map((summary) => effects.record('m1', summary)));
  await effects.record('m2', 'd');
  outputs.turns.length = 0;
  const cleared = disk.store.write(() => effects.clear('m1'));
  expect(outputs.turns).toEqual([]);
  await cleared;
  expect(outputs.turns).toEqual(['m1']);
  expect(effects.turns()).toEqual(['m2']);
  expect(effects.read('m2', 1)).toEqual({ newest: [{ summary: 'd' }], count: 1 });
});

test('a new effect gives up the output of the one before it', async () => {
  using disk = new NodeStore();
  const outputs = new ForgottenOutputs();
  const effects = open(disk, outputs);
  await effects.record('m1', 'make');
  await effects.record('m1', 'scheduler: remind');
  expect(outputs.turns).toEqual(['m1', 'm1']);
});
