import { describe, expect, test } from 'vitest';
import type { NewTask } from '../../src/tasks/task.ts';
import { TaskHouse } from '../fakes/task-house.ts';

const sessionTask: NewTask = {
  userId: 'alice',
  chatId: 'chat',
  description: '/new todo_app: fix the login bug',
  subject: { kind: 'session', sessionId: 'abc123', turnId: 'turn' },
};

async function begin(house: TaskHouse, task: Partial<NewTask> = {}): Promise<string> {
  return await house.store.write(() => house.tasks.begin({ ...sessionTask, ...task }));
}

describe('the task of a session', () => {
  test('runs at once, however many run, and is told as its owner says', async () => {
    let now = 1_000_000;
    await using house = new TaskHouse({ maxRunning: 1, now: () => now });
    const ids = [await begin(house), await begin(house), await begin(house), await begin(house)];
    expect(house.tasks.running).toBe(4);
    expect(house.counts.at(-1)).toBe(4);
    now += 42_999;
    const [done = '', failed = '', cancelled = '', interrupted = ''] = ids;
    await house.store.write(() => {
      house.tasks.finish(done, { outcome: 'done', output: 'All **fixed**.' });
      house.tasks.finish(failed, { outcome: 'failed', output: '', reason: 'Claude Code is not logged in' });
      house.tasks.finish(cancelled, { outcome: 'cancelled', output: 'half' });
      house.tasks.finish(interrupted, { outcome: 'interrupted', output: 'half' });
    });
    expect(house.notices).toEqual([
      `✅ Task #${done} done (42s)\n/new todo_app: fix the login bug\n\nAll **fixed**.`,
      `❌ Task #${failed} failed (Claude Code is not logged in)\n/new todo_app: fix the login bug\n\n(no output)`,
      `🚫 Task #${cancelled} cancelled\n/new todo_app: fix the login bug\n\nhalf`,
      expect.stringMatching(new RegExp(`^⚠️ Task #${interrupted} interrupted\n/new todo_app: .*\n.*\n\nhalf$`)),
    ]);
    expect(house.told.map(({ type }) => type)).toEqual(['task_complete', 'task_complete', 'task_complete', 'message']);
    expect(house.tasks.running).toBe(0);
    expect(house.counts.at(-1)).toBe(0);
  });

  test('ends once, whatever is said later', async () => {
    await using house = new TaskHouse();
    const id = await begin(house);
    await house.store.write(() => house.tasks.finish(id, { outcome: 'done', output: 'first' }));
    await house.store.write(() => house.tasks.finish(id, { outcome: 'failed', output: 'second' }));
    await house.store.write(() => house.tasks.finish('zzzzzz', { outcome: 'failed', output: '' }));
    expect(house.notices).toEqual([expect.stringContaining('first')]);
    expect(house.tasks.find('alice', id)).toMatchObject({ state: 'done' });
  });

  test('is not told when its end does not get onto the disk', async () => {
    await using house = new TaskHouse();
    const id = await begin(house);
    const failing = house.store.write(() => {
      house.tasks.finish(id, { outcome: 'done', output: '' });
      throw new Error('something else in the same transaction failed');
    });
    await expect(failing).rejects.toThrow('something else');
    expect(house.told).toEqual([]);
    expect(house.tasks.find('alice', id)).toMatchObject({ state: 'running' });
  });

  test('is found after a restart, by whoever goes on with it', async () => {
    await using house = new TaskHouse();
    const id = await begin(house);
    await using later = house.afterCrash();
    later.runner.start();
    await later.runner.stop(1_000);
    expect(later.tasks.left('session')).toMatchObject([{ id, subject: sessionTask.subject }]);
    expect(later.told).toEqual([]);
  });
});

describe('what is kept', () => {
  test('the newest ended tasks of each user, and all that have not ended', async () => {
    await using house = new TaskHouse({ maxKept: 3 });
    const open = await begin(house);
    const theirs = await begin(house, { userId: 'bob' });
    await house.store.write(() => house.tasks.finish(theirs, { outcome: 'done', output: '' }));
    const ids = [];
    for (let n = 0; n < 5; n++) {
      const id = await begin(house);
      ids.push(id);
      await house.store.write(() => house.tasks.finish(id, { outcome: 'done', output: '' }));
    }
    expect(house.tasks.list('alice').map(({ id }) => id)).toEqual([...ids.slice(2).toReversed(), open]);
    expect(house.tasks.list('bob').map(({ id }) => id)).toEqual([theirs]);
  });

  test('nothing that ended long ago', async () => {
    let now = 0;
    await using house = new TaskHouse({ keepMs: 1000, now: () => now });
    const [old, next] = [await begin(house), await begin(house)];
    await house.store.write(() => house.tasks.finish(old, { outcome: 'done', output: '' }));
    now = 1001;
    await house.store.write(() => house.tasks.finish(next, { outcome: 'done', output: '' }));
    expect(house.tasks.list('alice').map(({ id }) => id)).toEqual([next]);
    expect(house.tasks.has(old)).toBe(false);
  });

  test('of a very long output its beginning and its end', async () => {
    await using house = new TaskHouse();
    const id = await begin(house);
    const output = `begin${'漢'.repeat(100_000)}end`;
    await house.store.write(() => house.tasks.finish(id, { outcome: 'done', output }));
    const kept = house.tasks.output(id);
    expect(kept.text.length).toBeLessThan(20_100);
    expect(kept.text).toMatch(/^begin漢+\n\[… 80008 characters left out …\]\n漢+end$/);
    expect(kept.leftOut).toBe(80_008);
  });
});

test('a user sees none of the others’ tasks', async () => {
  await using house = new TaskHouse();
  const id = await begin(house, { userId: 'bob' });
  expect(house.tasks.find('alice', id)).toBeUndefined();
  expect(house.tasks.list('alice')).toEqual([]);
});

test('a description is one line that hides nothing', async () => {
  await using house = new TaskHouse();
  const id = await begin(house, { description: `first\n✅ Task #000000 done\u202e ${'x'.repeat(100_000)}` });
  const { description = '' } = house.tasks.find('alice', id) ?? {};
  expect(description).toMatch(/^first ✅ Task #000000 done\[U\+202E\] x+…$/);
  expect(description.length).toBeLessThanOrEqual(300);
});

test('an emoji at the cut stays whole, or is left out', async () => {
  await using house = new TaskHouse();
  for (const shift of ['', 'x']) {
    const id = await begin(house);
    const output = `${shift}${'😀'.repeat(1000)}`;
    await house.store.write(() => house.tasks.finish(id, { outcome: 'done', output }));
    expect(house.notices.at(-1)?.isWellFormed()).toBe(true);
  }
});
