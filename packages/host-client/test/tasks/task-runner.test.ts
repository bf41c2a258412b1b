import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { pidsOf, TaskHouse, uniqueSleep } from '../fakes/task-house.ts';

describe('a task reports once when it is done', () => {
  test('with its description and its output', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo out; echo err >&2; sleep 1.1', { description: 'run the tests', chatId: 'c1' });
    expect(id).toMatch(/^[0-9a-z]{6}$/);
    expect(await house.noticeOf(id)).toBe(`✅ Task #${id} done (1s)\nrun the tests\n\n\`\`\`\nout\nerr\n\`\`\``);
    expect(house.told).toEqual([
      {
        type: 'task_complete',
        id: expect.any(String),
        task_id: id,
        user_id: 'alice',
        chat_id: 'c1',
        result: house.notices[0],
      },
    ]);
    expect(house.tasks.find('alice', id)).toMatchObject({ state: 'done' });
  });

  test.each([
    ['exit 3', 'exit code 3'],
    ['kill -9 $$', 'ended by SIGKILL'],
  ])('%s is a failure', async (command, reason) => {
    await using house = new TaskHouse();
    const id = await house.submit(`echo so far; ${command}`);
    expect(await house.noticeOf(id)).toBe(`❌ Task #${id} failed (${reason})\na task\n\n\`\`\`\nso far\n\`\`\``);
  });

  test('a folder that is gone, and a time limit, are failures', async () => {
    await using house = new TaskHouse();
    const lost = await house.submit('ls', { cwd: '/nowhere' });
    expect(await house.noticeOf(lost)).toMatch(
      /failed \(There is no folder \/nowhere on this machine\)\n[\s\S]*no output/,
    );
    const slow = await house.submit('echo begun; sleep 100', { timeLimitMs: 200 });
    expect(await house.noticeOf(slow)).toMatch(/failed \(took longer than 0s\)[\s\S]*begun/);
  });

  test('long output is cut to 800 characters, with a word on what is missing', async () => {
    await using house = new TaskHouse();
    const id = await house.submit("printf 'begin'; head -c 4990 /dev/zero | tr '\\0' x; printf 'finis'");
    const notice = await house.noticeOf(id);
    const output = notice.split('```')[1] ?? '';
    expect(notice).toContain(`[… 4200 characters left out; /task ${id} shows more …]`);
    expect(output.replace(/\[….*…\]/, '').replaceAll('\n', '')).toHaveLength(800);
    expect(output).toMatch(/^\nbeginx+\n\[….*…\]\nx+finis\n$/);
    expect(house.runner.output('alice', id)?.text).toHaveLength(5000);
  });

  test('backticks in the output do not end its block', async () => {
    await using house = new TaskHouse();
    const id = await house.submit("echo '```'; echo '**bold**'");
    expect(await house.noticeOf(id)).toContain('````\n```\n**bold**\n````');
  });
});

describe('while it runs', () => {
  test('its output can be read, on disk and from here', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo first; until [ -e go ]; do sleep 0.02; done; echo second');
    await waitFor(
      () => existsSync(house.runner.logPath(id)) && readFileSync(house.runner.logPath(id), 'utf8') === 'first\n',
    );
    expect(house.runner.output('alice', id)).toEqual({ text: 'first\n', leftOut: 0 });
    expect(house.runner.output('bob', id)).toBeUndefined();
    writeFileSync(join(house.folder, 'go'), '');
    await house.noticeOf(id);
    expect(readFileSync(house.runner.logPath(id), 'utf8')).toBe('first\nsecond\n');
    expect(house.runner.output('alice', id)?.text).toBe('first\nsecond\n');
  });

  test('its command begins when its row is on the disk', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo begun > begun; sleep 100');
    await house.made('begun');
    await using later = house.afterCrash();
    expect(later.tasks.find('alice', id)).toMatchObject({ state: 'running', startedAt: expect.any(Number) });
  });

  test('the number of running tasks is told with each change', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('true');
    await house.noticeOf(id);
    expect(new Set(house.counts)).toEqual(new Set([1, 0]));
    expect(house.counts.at(-1)).toBe(0);
  });
});

describe('a few at once', () => {
  test('the others wait, and begin in the order in which they came', async () => {
    await using house = new TaskHouse({ maxRunning: 2 });
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      ids.push(await house.submit(`echo ${name} >> order; until [ -e go-${name} ]; do sleep 0.02; done`));
    }
    const [a = '', b = '', c = '', d = '', e = ''] = ids;
    const order = () => readFileSync(join(house.folder, 'order'), 'utf8');
    await waitFor(() => existsSync(join(house.folder, 'order')) && order().length === 4);
    expect(house.tasks.running).toBe(2);
    expect(ids.map((id) => house.tasks.find('alice', id)?.state)).toEqual([
      'running',
      'running',
      'queued',
      'queued',
      'queued',
    ]);

    writeFileSync(join(house.folder, 'go-b'), '');
    await house.reaches(c, 'running');
    await waitFor(() => order().endsWith('c\n'));
    expect(house.tasks.find('alice', d)?.state).toBe('queued');
    for (const name of ['a', 'c', 'd', 'e']) writeFileSync(join(house.folder, `go-${name}`), '');
    for (const id of [a, b, c, d, e]) await house.reaches(id, 'done');
    expect(order().slice(4)).toBe('c\nd\ne\n');
    expect(house.told).toHaveLength(5);
  });

  test('too many waiting are refused', async () => {
    await using house = new TaskHouse({ maxRunning: 1, maxQueued: 2 });
    for (let n = 0; n < 3; n++) await house.submit('sleep 100');
    await expect(house.submit('sleep 100')).rejects.toMatchObject({ name: 'TaskError', code: 'too_many' });
    await expect(house.submit('sleep 100', { userId: 'bob' })).resolves.toMatch(/^\w{6}$/);
  });
});

describe.runIf(process.platform === 'linux')('a cancelled task', () => {
  test('ends with everything that it started, and is reported as cancelled', async () => {
    await using house = new TaskHouse();
    const sleep = uniqueSleep();
    const id = await house.submit(`echo begun; setsid ${sleep} & (nohup ${sleep} >/dev/null 2>&1 &); ${sleep}`);
    await waitFor(async () => (await pidsOf(sleep)).length >= 3);
    await waitFor(() => house.runner.output('alice', id)?.text === 'begun\n');
    expect(await house.store.write(() => house.runner.cancel('bob', id))).toBe('unknown');
    expect(await house.store.write(() => house.runner.cancel('alice', id))).toBe('ending');
    expect(await house.noticeOf(id)).toBe(`🚫 Task #${id} cancelled\na task\n\n\`\`\`\nbegun\n\`\`\``);
    expect(await pidsOf(sleep)).toEqual([]);
    expect(await house.store.write(() => house.runner.cancel('alice', id))).toBe('ended');
    expect(house.told).toHaveLength(1);
  });

  test('never begins when it was still waiting', async () => {
    await using house = new TaskHouse({ maxRunning: 1 });
    const first = await house.submit('until [ -e go ]; do sleep 0.02; done');
    const second = await house.submit('touch second');
    const third = await house.submit('touch third');
    expect(await house.store.write(() => house.runner.cancel('alice', second))).toBe('cancelled');
    expect(house.notices).toEqual([`🚫 Task #${second} cancelled\na task`]);
    writeFileSync(join(house.folder, 'go'), '');
    await house.reaches(first, 'done');
    await house.reaches(third, 'done');
    expect(readdirSync(house.folder)).not.toContain('second');
  });

  test('in the commit in which it began does not run on', async () => {
    await using house = new TaskHouse();
    const sleep = uniqueSleep();
    const id = await house.store.write(() => {
      const subject = { kind: 'shell', command: sleep, cwd: house.folder } as const;
      const begun = house.runner.begin({ userId: 'alice', chatId: 'chat', description: 'a task', subject });
      house.runner.cancel('alice', begun);
      return begun;
    });
    await house.reaches(id, 'cancelled');
    expect(await pidsOf(sleep)).toEqual([]);
  });

  test('is one of all that a user has, when all are cancelled', async () => {
    const ended: unknown[] = [];
    await using house = new TaskHouse({ maxRunning: 1, endTurn: (subject) => ended.push(subject) });
    const subject = { kind: 'session', sessionId: 's1', turnId: 't1' } as const;
    const mine = [await house.submit('sleep 100'), await house.submit('sleep 100')];
    const session = await house.store.write(() =>
      house.tasks.begin({ userId: 'alice', chatId: 'chat', description: 'fix it', subject }),
    );
    const theirs = await house.submit('sleep 100', { userId: 'bob' });
    expect(await house.store.write(() => house.runner.cancelAll('alice'))).toBe(3);
    for (const id of mine) await house.reaches(id, 'cancelled');
    expect(ended).toEqual([subject]);
    expect(house.tasks.find('alice', session)?.state).toBe('running');
    await house.reaches(theirs, 'running', 'bob');
  });
});

describe.runIf(process.platform === 'linux')('after a crash', () => {
  test('a task that ran is reported once as interrupted, with its last output, and not run again', async () => {
    await using house = new TaskHouse();
    const sleep = uniqueSleep();
    const id = await house.submit(`echo run >> runs; echo begun; ${sleep}`);
    await waitFor(() => readLog(house, id) === 'begun\n');

    await using later = house.afterCrash();
    later.runner.start();
    const notice = await later.noticeOf(id);
    expect(notice).toMatch(
      new RegExp(`^⚠️ Task #${id} interrupted\na task\n.*Nothing was run again\\.\n\n\`\`\`\nbegun\n\`\`\`$`),
    );
    expect(later.told).toMatchObject([{ type: 'message', user_id: 'alice', chat_id: 'chat' }]);
    // Nor does it go on behind everybody's back.
    expect(await pidsOf(sleep)).toEqual([]);

    await using again = later.afterCrash();
    again.runner.start();
    const next = await again.submit('true');
    await again.reaches(next, 'done');
    expect(again.notices.filter((text) => text.includes(id))).toEqual([notice]);
    expect(readFileSync(join(house.folder, 'runs'), 'utf8')).toBe('run\n');
  });

  test('those that waited go on, once', async () => {
    await using house = new TaskHouse({ maxRunning: 1 });
    await house.submit('sleep 100');
    const waiting = [];
    for (const name of ['b', 'c']) waiting.push(await house.submit(`echo ${name} >> "$PWD/order"`));
    await using later = house.afterCrash();
    later.runner.start();
    for (const id of waiting) await later.reaches(id, 'done');
    expect(readFileSync(join(house.folder, 'order'), 'utf8')).toBe('b\nc\n');
  });

  test('one that began while the old ones were looked after is not among them', async () => {
    await using house = new TaskHouse({ maxRunning: 2 });
    const old = await house.submit('sleep 100');
    await house.reaches(old, 'running');
    await using later = house.afterCrash();
    later.runner.start();
    const fresh = await later.submit('until [ -e go ]; do sleep 0.02; done', { cwd: later.folder });
    await later.reaches(old, 'interrupted');
    expect(later.tasks.find('alice', fresh)?.state).toBe('running');
    writeFileSync(join(later.folder, 'go'), '');
    await later.reaches(fresh, 'done');
  });

  test('it can be run again by its user, as a new task', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo run >> runs; [ -e go ]', { description: 'try it', chatId: 'c1' });
    await house.reaches(id, 'failed');
    writeFileSync(join(house.folder, 'go'), '');
    const again = await house.store.write(() => house.runner.runAgain('alice', id));
    expect(again).not.toBe(id);
    expect(await house.noticeOf(again ?? '')).toMatch(/^✅ .*\ntry it/);
    expect(house.told.at(-1)).toMatchObject({ chat_id: 'c1', user_id: 'alice' });
    expect(readFileSync(join(house.folder, 'runs'), 'utf8')).toBe('run\nrun\n');
    expect(await house.store.write(() => house.runner.runAgain('bob', id))).toBeUndefined();
  });
});

describe('at a shutdown', () => {
  test('a task that runs on is ended and reported, and what waits is left for the next start', async () => {
    await using house = new TaskHouse({ maxRunning: 1 });
    const running = await house.submit('echo begun; sleep 100');
    const waiting = await house.submit('echo here > "$PWD/waited"');
    await waitFor(() => house.runner.output('alice', running)?.text === 'begun\n');
    await house.runner.stop(50);
    expect(house.notices).toEqual([expect.stringMatching(/interrupted[\s\S]*begun/)]);
    expect(house.tasks.find('alice', waiting)?.state).toBe('queued');
    expect(house.tasks.find('alice', await house.submit('true'))?.state).toBe('queued');
    await house.runner.stop(50);

    await using later = house.afterCrash();
    later.runner.start();
    await later.reaches(waiting, 'done');
    expect(await house.made('waited')).toBe('here\n');
    expect(later.notices.filter((text) => text.includes('interrupted'))).toHaveLength(1);
  });

  test('a task that is soon done may finish', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('sleep 0.3; echo done');
    await house.runner.stop(10_000);
    expect(house.notices).toEqual([expect.stringContaining(`✅ Task #${id} done`)]);
  });
});

describe('its log', () => {
  test('stays bounded, with the beginning and the end of the output in it, and so does what it reports', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('seq 3000000');
    await waitFor(() => house.tasks.find('alice', id)?.state === 'done', { timeoutMs: 25_000 });
    const log = readFileSync(house.runner.logPath(id), 'utf8');
    expect(log.length).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(log.length).toBeGreaterThan(4 * 1024 * 1024);
    expect(log).toMatch(/^1\n2\n3\n/);
    expect(log).toMatch(/\n2999999\n3000000\n$/);
    const kept = log.replace(/\n\[… (\d+) bytes left out …\]\n/, '');
    const missing = Number(/… (\d+) bytes left out/.exec(log)?.[1]);
    const total = 22_888_896;
    expect(kept.length + missing).toBe(total);
    expect(house.runner.output('alice', id)?.leftOut).toBe(total - 16_000);
    expect((await house.noticeOf(id)).length).toBeLessThan(1_000);
  });

  test('is for its owner alone', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('true');
    await house.noticeOf(id);
    expect(statSync(house.runner.logPath(id)).mode & 0o777).toBe(0o600);
    expect(statSync(join(house.folder, 'tasks')).mode & 0o777).toBe(0o700);
  });

  test('goes when the task is forgotten', async () => {
    await using house = new TaskHouse({ maxKept: 2 });
    mkdirSync(join(house.folder, 'tasks'));
    writeFileSync(join(house.folder, 'tasks', 'notes.txt'), 'not ours');
    const ids = [];
    for (let n = 0; n < 4; n++) {
      const id = await house.submit('true');
      await house.noticeOf(id);
      ids.push(`${id}.log`);
    }
    await waitFor(() => readdirSync(join(house.folder, 'tasks')).length === 3);
    expect(readdirSync(join(house.folder, 'tasks')).sort()).toEqual([...ids.slice(2), 'notes.txt'].sort());
  });

  test('may fail without the task', async () => {
    await using house = new TaskHouse();
    writeFileSync(join(house.folder, 'tasks'), 'a file where the folder should be');
    const id = await house.submit('echo fine');
    expect(await house.noticeOf(id)).toMatch(/^✅[\s\S]*fine/);
    rmSync(join(house.folder, 'tasks'));
  });
});

test('an end that the disk refuses is told when it takes it again, once', async () => {
  await using house = new TaskHouse();
  const id = await house.submit('until [ -e go ]; do sleep 0.02; done; echo ended > ended');
  await house.reaches(id, 'running');
  house.store.prepare('PRAGMA query_only = 1').all();
  writeFileSync(join(house.folder, 'go'), '');
  await house.made('ended');
  await waitFor(() => !house.store.isWritable());
  house.store.prepare('PRAGMA query_only = 0').all();
  expect(await house.noticeOf(id)).toContain('✅');
  await house.runner.stop(10_000);
  expect(house.told).toHaveLength(1);
});

function readLog(house: TaskHouse, id: string): string {
  const path = house.runner.logPath(id);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
