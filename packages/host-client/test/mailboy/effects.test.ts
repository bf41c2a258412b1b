import { expect, test } from 'vitest';
import { Effects } from '../../src/mailboy/effects.ts';
import { NodeStore } from '../fakes/node-store.ts';

test('what a turn began last is known after a crash, once it was said to be noted', async () => {
  using disk = new NodeStore();
  const effects = new Effects(disk.store);
  await Promise.all([
    effects.record('m1', 'git add .'),
    effects.record('m1', 'git push'),
    effects.record('m2', 'rm x'),
  ]);
  using after = disk.afterCrash();
  const next = new Effects(after.store);
  expect(next.last('m1')).toBe('git push');
  expect(next.last('m2')).toBe('rm x');
  expect(next.last('m3')).toBeUndefined();
});

test('an effect that can not be noted must not begin', async () => {
  using disk = new NodeStore();
  const effects = new Effects(disk.store);
  disk.breakDisk();
  await expect(effects.record('m1', 'git push')).rejects.toThrow("can't be written");
  disk.mendDisk();
  expect(effects.last('m1')).toBeUndefined();
});

test('clearing takes out everything that one turn began', async () => {
  using disk = new NodeStore();
  const effects = new Effects(disk.store);
  await Promise.all(['a', 'b', 'c'].map((summary) => effects.record('m1', summary)));
  await effects.record('m2', 'd');
  await disk.store.write(() => effects.clear('m1'));
  expect(effects.last('m1')).toBeUndefined();
  expect(effects.last('m2')).toBe('d');
  expect(disk.store.prepare('SELECT count(*) AS n FROM effects').get()).toEqual({ n: 1 });
});
