import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTaint } from '../../src/taint.ts';
import { schedulerTool } from '../../src/tools/scheduler.ts';
import { JobDesk } from '../fakes/job-desk.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.parse('2026-11-23T11:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

type Call = { readonly userId?: string; readonly beforeEffect?: (summary: string) => Promise<void> };

async function call(desk: JobDesk, args: Readonly<Record<string, unknown>>, options: Call = {}): Promise<string> {
  const { scheduler, store } = desk;
  const tool = schedulerTool({ scheduler, store, hasSession: (_, sessionId) => sessionId === 'a1b2c3' });
  const context = {
    userId: 'alice',
    chatId: 'chat',
    turnId: 't1',
    signal: new AbortController().signal,
    beforeEffect: () => Promise.resolve(),
    taint: createTaint(),
    ...options,
  };
  return await tool.call(JSON.stringify(args), context);
}

test('remind sends the message to the chat of the turn, after so many seconds', async () => {
  using desk = await JobDesk.open();
  desk.scheduler.start();
  const answer = await call(desk, { action: 'remind', delay_seconds: 1800, message: 'deploy check' });
  expect(answer).toMatch(/^⏰ Set for Mon 23 Nov 11:30 \(UTC\), in 30m\. Cancel: \/reminders cancel [0-9a-z]{6}$/);
  await desk.pass(1_800_000);
  expect(desk.frames).toMatchObject([{ user_id: 'alice', chat_id: 'chat', result: '⏰ deploy check' }]);
});

test('remind takes a time of the clock too, in the zone of this machine', async () => {
  using desk = await JobDesk.open({ timeZone: 'Asia/Shanghai' });
  for (const at of ['2026-11-24 09:00', '2026-11-24T09:00:00', 'tomorrow 9:00', '明天9点', '2026-11-24T01:00:00Z']) {
    expect(await call(desk, { action: 'remind', at, message: 'x' })).toContain('Tue 24 Nov 09:00 (Asia/Shanghai)');
  }
});

test('repeat runs after each interval, at most max_runs times', async () => {
  using desk = await JobDesk.open();
  desk.scheduler.start();
  await call(desk, { action: 'repeat', interval_seconds: 300, max_runs: 2, message: 'x' });
  await desk.pass(299_000);
  expect(desk.sent).toEqual([]);
  await desk.pass(3_600_000);
  expect(desk.sent).toEqual(['⏰ x', '⏰ x']);
});

test('repeat begins when it is told to, and days at a time of day stay at it', async () => {
  using desk = await JobDesk.open();
  await call(desk, { action: 'repeat', interval_seconds: 300, delay_seconds: 10, message: 'x' });
  await call(desk, { action: 'repeat', at: 'every day 9:00', max_runs: 3, message: 'x' });
  await call(desk, { action: 'repeat', at: 'tomorrow 10:00', interval_seconds: 86_400, message: 'x' });
  const start = Date.now();
  expect(desk.scheduler.list('alice')).toMatchObject([
    { at: start + 10_000, repeat: { kind: 'interval', ms: 300_000 } },
    { at: start + 22 * 3_600_000, repeat: { kind: 'days', days: 1, minuteOfDay: 540 }, runsLeft: 3 },
    { at: start + 23 * 3_600_000, repeat: { kind: 'days', days: 1, minuteOfDay: 600 } },
  ]);
});

test('a session gets the message as its prompt; one that the user has not is refused', async () => {
  using desk = await JobDesk.open();
  desk.scheduler.start();
  await call(desk, { action: 'remind', delay_seconds: 60, message: 'run the tests', conv_id: 'a1b2c3' });
  await desk.pass(60_000);
  expect(desk.firings).toMatchObject([{ job: { sessionId: 'a1b2c3', message: 'run the tests' } }]);
  const other = call(desk, { action: 'remind', delay_seconds: 60, message: 'x', conv_id: 'zzzzzz' });
  await expect(other).rejects.toMatchObject({ name: 'ToolError', message: /no session zzzzzz/ });
});

test('list and cancel work on the own jobs of the user alone', async () => {
  using desk = await JobDesk.open();
  await call(desk, { action: 'remind', delay_seconds: 60, message: 'deploy check' });
  const id = desk.scheduler.list('alice')[0]?.id;
  expect(await call(desk, { action: 'list' })).toContain(`${id} · Mon 23 Nov 11:01, in 1m · deploy check`);
  expect(await call(desk, { action: 'list' }, { userId: 'bob' })).toContain('No reminders');
  await expect(call(desk, { action: 'cancel', job_id: id }, { userId: 'bob' })).rejects.toThrow(/There is no reminder/);
  expect(await call(desk, { action: 'cancel', job_id: id })).toContain('cancelled');
  expect(desk.scheduler.list('alice')).toEqual([]);
});

test('what is missing or cannot be is told to the model, and nothing is set', async () => {
  using desk = await JobDesk.open();
  for (const [args, reason] of [
    [{ action: 'remind', message: 'x' }, /needs delay_seconds or at/],
    [{ action: 'remind', message: 'x', delay_seconds: 5, at: 'tomorrow' }, /not both/],
    [{ action: 'remind', message: 'x', at: 'some day' }, /at can't be read: some day/],
    [{ action: 'remind', message: 'x', at: 'today 8:00' }, /That time is over/],
    [{ action: 'remind', delay_seconds: 5 }, /what to remind/],
    [{ action: 'remind', delay_seconds: 1e9, message: 'x' }, /more than 5 years/],
    [{ action: 'repeat', message: 'x' }, /needs interval_seconds/],
    [{ action: 'repeat', message: 'x', interval_seconds: 5 }, /at least 10s/],
    [{ action: 'cancel' }, /needs job_id/],
    [{ action: 'fly' }, /action/],
  ] as const) {
    await expect(call(desk, args)).rejects.toMatchObject({ name: 'ToolError', message: expect.stringMatching(reason) });
  }
  expect(desk.scheduler.list('alice')).toEqual([]);
});

test('a job is put on record before it is set; when that fails, nothing is', async () => {
  using desk = await JobDesk.open();
  const summaries: string[] = [];
  const beforeEffect = async (summary: string): Promise<void> => {
    summaries.push(`${summary} | ${desk.scheduler.list('alice').length}`);
  };
  await call(desk, { action: 'remind', delay_seconds: 60, message: 'deploy check' }, { beforeEffect });
  expect(summaries).toEqual(['scheduler: remind "deploy check" | 0']);
  const failing = { beforeEffect: () => Promise.reject(new Error('disk full')) };
  await expect(call(desk, { action: 'remind', delay_seconds: 60, message: 'x' }, failing)).rejects.toThrow('disk full');
  expect(desk.scheduler.list('alice')).toHaveLength(1);
});
