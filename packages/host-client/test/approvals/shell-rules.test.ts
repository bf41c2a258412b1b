import { describe, expect, test } from 'vitest';
import { ApprovalDesk } from '../fakes/approval-desk.ts';

const commit = { program: 'git', subcommand: 'commit' };
const push = { program: 'git', subcommand: 'push' };
const alice = { userId: 'alice', folder: '/code/app' };

describe('what a user always allows', () => {
  test('holds for exactly that call, of that user, in that folder and below', async () => {
    await using desk = await ApprovalDesk.open();
    const { rules } = desk;
    await desk.disk.store.write(() => rules.add({ ...alice, calls: [commit] }));
    expect(rules.covers({ ...alice, calls: [commit] })).toBe(true);
    expect(rules.covers({ ...alice, folder: '/code/app/lib', calls: [commit] })).toBe(true);
    for (const folder of ['/code', '/code/app2', '/', '/code/app/../b']) {
      expect(rules.covers({ ...alice, folder, calls: [commit] })).toBe(false);
    }
    expect(rules.covers({ ...alice, userId: 'bob', calls: [commit] })).toBe(false);
    expect(rules.covers({ ...alice, calls: [push] })).toBe(false);
    expect(rules.covers({ ...alice, calls: [{ program: '/usr/bin/git', subcommand: 'commit' }] })).toBe(false);
  });

  test('has to name every call of a line, and a line without any is not covered', async () => {
    await using desk = await ApprovalDesk.open();
    const { rules } = desk;
    await desk.disk.store.write(() => rules.add({ ...alice, calls: [commit] }));
    expect(rules.covers({ ...alice, calls: [commit, push] })).toBe(false);
    expect(rules.covers({ ...alice, calls: [] })).toBe(false);
    await desk.disk.store.write(() => rules.add({ ...alice, folder: '/code', calls: [push, push] }));
    expect(rules.covers({ ...alice, calls: [commit, push] })).toBe(true);
  });

  test('is kept over a restart, listed once, and gone when it is taken back', async () => {
    await using desk = await ApprovalDesk.open();
    for (const calls of [[commit], [commit, push]]) {
      await desk.disk.store.write(() => desk.rules.add({ ...alice, calls }));
    }
    await using next = await desk.afterCrash();
    const listed = next.rules.list('alice');
    expect(listed.map(({ subcommand }) => subcommand).sort()).toEqual(['commit', 'push']);
    const id = listed.find(({ subcommand }) => subcommand === 'commit')?.id ?? '';
    const remove = (userId: string) => next.disk.store.write(() => next.rules.remove(userId, id));
    expect(await remove('bob')).toBeUndefined();
    expect(await remove('alice')).toMatchObject(commit);
    expect(await remove('alice')).toBeUndefined();
    expect(next.rules.covers({ ...alice, calls: [commit] })).toBe(false);
    expect(next.rules.covers({ ...alice, calls: [push] })).toBe(true);
  });
});
