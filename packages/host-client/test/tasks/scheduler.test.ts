import { waitFor } from '@phonework/testkit/wait';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JobDesk } from '../fakes/job-desk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const monday = Date.parse('2026-11-23T14:39:00Z');

describe('a reminder', () => {
  beforeEach(() => {
    // What commits waits for the real setImmediate.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: monday });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('comes once, at its time, to the user and chat that asked', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    const id = await desk.set();
    await desk.pass(10 * MINUTE - 1000);
    expect(desk.sent).toEqual([]);
    await desk.pass(1000);
    expect(desk.frames).toEqual([
      {
        type: 'task_complete',
        id: expect.any(String),
        task_id: id,
        user_id: 'alice',
        chat_id: 'chat',
        result: '⏰ deploy check',
      },
    ]);
    await desk.pass(HOUR);
    expect(desk.sent).toHaveLength(1);
    expect(desk.scheduler.list('alice')).toEqual([]);
  });

  test('several come in the order of their times, however they were set', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set({ message: 'third', at: monday + 3000 });
    await desk.set({ message: 'first', at: monday + 1000 });
    await desk.set({ message: 'second', at: monday + 1001 });
    using late = await desk.afterCrash();
    await desk.pass(4000);
    expect(desk.sent).toEqual(['⏰ first', '⏰ second', '⏰ third']);
    late.scheduler.start();
    await late.pass(1000);
    expect(late.firings.map(({ job }) => job.message)).toEqual(['first', 'second', 'third']);
  });

  test('hundreds that are due at once all come, once each', async () => {
    using desk = await JobDesk.open();
    const users = ['alice', 'bob', 'carol'];
    await Promise.all(users.flatMap((userId) => Array.from({ length: 100 }, () => desk.set({ userId }))));
    desk.scheduler.start();
    await desk.pass(10 * MINUTE + 5000);
    expect(desk.sent).toHaveLength(300);
    expect(new Set(desk.frames.map((frame) => frame.task_id)).size).toBe(300);
  });

  test('more than 24.8 days away is not early', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set({ at: monday + 30 * DAY });
    await desk.pass(10_000);
    await desk.jump(29 * DAY);
    expect(desk.sent).toEqual([]);
    await desk.jump(DAY);
    expect(desk.sent).toHaveLength(1);
  });

  test('that came due while the machine was off comes with the start, and says how late it is', async () => {
    using before = await JobDesk.open();
    await before.set();
    using desk = await before.afterCrash();
    vi.setSystemTime(monday + 10 * MINUTE + 3 * HOUR);
    desk.scheduler.start();
    await desk.pass(1000);
    expect(desk.sent).toEqual(['⏰ deploy check\n(due 3h ago: this machine was off)']);
    expect(desk.firings[0]?.lateMs).toBeGreaterThanOrEqual(3 * HOUR);
  });

  test('that came due while the machine slept comes within a second of its waking', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set();
    await desk.jump(2 * HOUR);
    expect(desk.sent).toEqual(['⏰ deploy check\n(due 1h ago: this machine was off)']);
  });

  test('goes by the clock on the wall, also when that is set back', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set();
    await desk.pass(9 * MINUTE);
    await desk.jump(-DAY);
    await desk.pass(5 * MINUTE);
    expect(desk.sent).toEqual([]);
    await desk.jump(DAY);
    expect(desk.sent).toHaveLength(1);
    expect(desk.sent[0]).toMatch(/^⏰ deploy check/);
  });

  test('is there again after a crash, and does not come twice after one', async () => {
    using first = await JobDesk.open();
    first.scheduler.start();
    await first.set();
    using second = await first.afterCrash();
    second.scheduler.start();
    await second.pass(10 * MINUTE);
    expect(second.sent).toEqual(['⏰ deploy check']);
    using third = await second.afterCrash();
    third.scheduler.start();
    await third.pass(HOUR);
    expect(third.sent).toEqual(['⏰ deploy check']);
  });

  test('of a crash in the very second comes once: nothing of it stands before the commit, all of it after', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set();
    vi.advanceTimersByTime(10 * MINUTE);
    // It is about to be written now.
    using uncommitted = await desk.afterCrash();
    expect(uncommitted.sent).toEqual([]);
    expect(uncommitted.scheduler.list('alice')).toHaveLength(1);
    desk.store.flush();
    using committed = await desk.afterCrash();
    expect(committed.sent).toHaveLength(1);
    expect(committed.scheduler.list('alice')).toEqual([]);
  });

  test('that cannot be handed on is tried again, ever more slowly, and comes once', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set();
    desk.refusal = new Error('too much is waiting');
    await desk.pass(10 * MINUTE + 2 * MINUTE);
    expect(desk.sent).toEqual([]);
    const errors = desk.log.filter(({ level }) => level === 'error').length;
    expect(errors).toBeGreaterThan(3);
    expect(errors).toBeLessThan(12);
    desk.refusal = undefined;
    await desk.pass(2 * MINUTE);
    expect(desk.sent).toHaveLength(1);
  });

  test('that is cancelled does not come, and another user cannot cancel or see it', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    const id = await desk.set();
    expect(desk.scheduler.list('bob')).toEqual([]);
    expect(await desk.store.write(() => desk.scheduler.cancel('bob', id))).toBeUndefined();
    expect(desk.scheduler.list('alice')).toHaveLength(1);
    expect(await desk.store.write(() => desk.scheduler.cancel('alice', id))).toMatchObject({ id });
    expect(await desk.store.write(() => desk.scheduler.cancel('alice', id))).toBeUndefined();
    await desk.pass(20 * MINUTE);
    expect(desk.sent).toEqual([]);
  });

  test('that is cancelled in the second in which it is due does not come', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    const id = await desk.set();
    await desk.pass(10 * MINUTE - 1);
    const cancelled = desk.store.write(() => desk.scheduler.cancel('alice', id));
    vi.advanceTimersByTime(1);
    expect(await cancelled).toMatchObject({ id });
    await desk.pass(HOUR);
    expect(desk.sent).toEqual([]);
    expect(desk.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('for a session is handed on with its message, session and chat', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set({ sessionId: 'a1b2c3', message: 'run the tests' });
    await desk.pass(10 * MINUTE);
    expect(desk.firings[0]?.job).toMatchObject({ sessionId: 'a1b2c3', message: 'run the tests', chatId: 'chat' });
  });

  test('does not come after stop, and stopping twice is fine', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set();
    desk.scheduler.stop();
    desk.scheduler.stop();
    await desk.set();
    expect(vi.getTimerCount()).toBe(0);
    await desk.pass(20 * MINUTE);
    expect(desk.sent).toEqual([]);
  });

  test('that cannot be is refused, with the reason', async () => {
    using desk = await JobDesk.open();
    const repeat = { kind: 'interval', ms: 9999 } as const;
    await expect(desk.set({ at: monday })).rejects.toMatchObject({ code: 'past', message: /Mon 23 Nov 14:39 \(UTC\)/ });
    await expect(desk.set({ at: monday + 2000 * DAY })).rejects.toMatchObject({ code: 'too_far' });
    await expect(desk.set({ repeat })).rejects.toMatchObject({ code: 'too_often', message: /at least 10s/ });
    await expect(desk.set({ message: ' \n' })).rejects.toMatchObject({ code: 'empty' });
    await expect(desk.set({ message: 'x'.repeat(2001) })).rejects.toMatchObject({ code: 'too_long' });
    await desk.set({ message: 'x'.repeat(2000), repeat: { kind: 'interval', ms: 10_000 } });
    expect(desk.scheduler.list('alice')).toHaveLength(1);
  });

  test('is refused to a user who has 200, and not to others', async () => {
    using desk = await JobDesk.open();
    await Promise.all(Array.from({ length: 200 }, () => desk.set()));
    await expect(desk.set()).rejects.toMatchObject({ code: 'too_many' });
    await desk.set({ userId: 'bob' });
    expect(desk.scheduler.list('alice')).toHaveLength(200);
  });
});

describe('a repeating reminder', () => {
  const hourly = { at: monday + HOUR, repeat: { kind: 'interval', ms: HOUR } } as const;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: monday });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('comes as often as it may, and is over then', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set({ ...hourly, runsLeft: 3 });
    await desk.pass(HOUR);
    expect(desk.scheduler.list('alice')).toMatchObject([{ at: monday + 2 * HOUR, runsLeft: 2 }]);
    await desk.pass(5 * HOUR);
    expect(desk.sent).toEqual(['⏰ deploy check', '⏰ deploy check', '⏰ deploy check']);
    expect(desk.scheduler.list('alice')).toEqual([]);
  });

  test('comes once when its second is looked at twice', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set(hourly);
    vi.advanceTimersByTime(HOUR);
    // Its run waits for its commit.
    desk.scheduler.stop();
    desk.scheduler.start();
    vi.advanceTimersByTime(1);
    await desk.pass(1000);
    expect(desk.sent).toEqual(['⏰ deploy check']);
  });

  test('comes without end where no maximum was said', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set({ at: monday + 10_000, repeat: { kind: 'interval', ms: 10_000 } });
    await desk.pass(300_000);
    expect(desk.sent).toHaveLength(30);
  });

  test('comes once for all runs that were missed, says how many, and goes on at its old times', async () => {
    using before = await JobDesk.open();
    await before.set(hourly);
    using desk = await before.afterCrash();
    vi.setSystemTime(monday + 5 * HOUR + 20 * MINUTE);
    desk.scheduler.start();
    await desk.pass(1000);
    expect(desk.sent).toEqual(['⏰ deploy check\n(5 runs were missed)']);
    expect(desk.scheduler.list('alice')).toMatchObject([{ at: monday + 6 * HOUR }]);
    await desk.pass(40 * MINUTE);
    expect(desk.sent.slice(1)).toEqual(['⏰ deploy check']);
  });

  test('with one run missed says how late that is, and one that is on time counts as no missed one', async () => {
    using desk = await JobDesk.open();
    desk.scheduler.start();
    await desk.set(hourly);
    await desk.jump(HOUR + 20 * MINUTE);
    expect(desk.sent).toEqual(['⏰ deploy check\n(due 20m ago: this machine was off)']);
    await desk.jump(100 * MINUTE - 1500);
    expect(desk.sent[1]).toBe('⏰ deploy check\n(1 run was missed)');
  });

  test('makes exactly its maximum of runs over restarts, one for those that were missed', async () => {
    let desk = await JobDesk.open();
    const desks = [desk];
    await desk.set({ ...hourly, runsLeft: 4 });
    for (let restart = 0; restart < 6; restart += 1) {
      desk = await desk.afterCrash();
      desks.push(desk);
      vi.setSystemTime(Date.now() + 3 * HOUR);
      desk.scheduler.start();
      await desk.pass(1000);
      desk.scheduler.stop();
    }
    expect(desk.sent).toHaveLength(4);
    expect(desk.scheduler.list('alice')).toEqual([]);
    for (const each of desks) each[Symbol.dispose]();
  });

  test('of a time of day stays at it when clocks change', async () => {
    // Clocks in Berlin go back on 25 October 2026, and forward on 28 March 2027.
    for (const [day, before, after] of [
      ['2026-10-24', '07:00', '08:00'],
      ['2027-03-27', '08:00', '07:00'],
    ] as const) {
      vi.setSystemTime(Date.parse(`${day}T00:00Z`));
      using desk = await JobDesk.open({ timeZone: 'Europe/Berlin' });
      const repeat = { kind: 'days', days: 1, minuteOfDay: 9 * 60 } as const;
      await desk.set({ at: Date.parse(`${day}T${before}Z`), repeat });
      desk.scheduler.start();
      await desk.jump(12 * HOUR);
      const next = desk.scheduler.list('alice')[0]?.at ?? 0;
      expect(new Date(next).toISOString().slice(11, 16)).toBe(after);
      expect(next - Date.parse(`${day}T00:00Z`)).toBeLessThan(2 * DAY);
    }
  });

  test('that nobody was there for in years goes on at its time of day', async () => {
    using desk = await JobDesk.open({ timeZone: 'Europe/Berlin' });
    const repeat = { kind: 'days', days: 1, minuteOfDay: 9 * 60 } as const;
    await desk.set({ at: Date.parse('2026-11-24T08:00Z'), repeat });
    desk.scheduler.start();
    await desk.jump(4 * 365 * DAY);
    expect(desk.sent).toEqual([expect.stringMatching(/\(1460 runs were missed\)/)]);
    expect(desk.scheduler.list('alice')[0]?.at).toBe(Date.parse('2030-11-23T08:00Z'));
  });
});

test('with the real clock a reminder of one second comes after one second', async () => {
  using desk = await JobDesk.open();
  desk.scheduler.start();
  const start = Date.now();
  await desk.set({ at: start + 1000 });
  await waitFor(() => desk.sent.length > 0);
  expect(Date.now() - start).toBeGreaterThanOrEqual(1000);
  expect(Date.now() - start).toBeLessThan(3000);
  expect(desk.sent).toEqual(['⏰ deploy check']);
});
