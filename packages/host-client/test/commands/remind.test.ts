import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { remindCommand, remindersCommand } from '../../src/commands/remind.ts';
import { JobDesk } from '../fakes/job-desk.ts';
import { toReply } from '../fakes/read-outcome.ts';

beforeEach(() => {
  // 19:00 in Shanghai, on a Monday.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.parse('2026-11-23T11:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What the user reads behind a command, once it is on the disk. */
async function say(desk: JobDesk, text: string, userId = 'alice'): Promise<string> {
  const [name = '', ...words] = text.split(' ');
  const command = name === '/remind' ? remindCommand(desk.scheduler) : remindersCommand(desk.scheduler);
  const request = { userId, chatId: `chat of ${userId}`, turnId: 'm1', argument: words.join(' ') };
  return toReply(await desk.store.write(() => command.run(request))).text;
}

test('/remind says when the reminder comes, in which zone, and how to cancel it; then it comes', async () => {
  using desk = await JobDesk.open({ timeZone: 'Asia/Shanghai' });
  desk.scheduler.start();
  const answer = await say(desk, '/remind 明天9点 deploy check');
  const [{ id = '' } = {}] = desk.scheduler.list('alice');
  expect(answer).toBe(`⏰ Set for Tue 24 Nov 09:00 (Asia/Shanghai), in 14h. Cancel: /reminders cancel ${id}`);
  await desk.jump(14 * 3_600_000 - 1000);
  expect(desk.frames).toMatchObject([{ user_id: 'alice', chat_id: 'chat of alice', result: '⏰ deploy check' }]);
});

test('/remind says the whole time that was asked for, and the year of a far one', async () => {
  using desk = await JobDesk.open({ timeZone: 'Europe/Berlin' });
  expect(await say(desk, '/remind 1h30m x')).toContain('Set for Mon 23 Nov 13:30 (Europe/Berlin), in 1h 30m.');
  expect(await say(desk, '/remind 2027-11-23 12:00 x')).toContain('Set for Tue 23 Nov 2027 12:00');
});

test('/remind every … says how it goes on, and keeps to its maximum', async () => {
  using desk = await JobDesk.open();
  desk.scheduler.start();
  expect(await say(desk, '/remind every 1h x2 drink')).toContain('12:00 (UTC), in 1h, then every 1h, 2 times in all.');
  expect(await say(desk, '/remind every day at 9 x')).toContain('Tue 24 Nov 09:00 (UTC), in 22h, then every day.');
  await desk.pass(5 * 3_600_000);
  expect(desk.sent).toEqual(['⏰ drink', '⏰ drink']);
});

test('what cannot be read, or cannot be, is answered with what to write', async () => {
  using desk = await JobDesk.open();
  expect(await say(desk, '/remind')).toMatch(/\/remind 10m deploy check.*\/remind tomorrow 9:00/);
  expect(await say(desk, '/remind deploy check')).toMatch(/\/remind 10m deploy check.*\/remind tomorrow 9:00/);
  expect(await say(desk, '/remind 10m')).toMatch(/behind the time/);
  expect(await say(desk, '/remind today 8:00 x')).toMatch(/^That time is over: here it is Mon 23 Nov 11:00 \(UTC\)/);
  expect(await say(desk, '/remind every 5s x')).toMatch(/at least 10s/);
  expect(desk.scheduler.list('alice')).toEqual([]);
});

test('/reminders lists what the user has set, the next one first, and nothing of others', async () => {
  using desk = await JobDesk.open();
  expect(await say(desk, '/reminders')).toMatch(/^No reminders are set\..*\/remind 10m/);
  await say(desk, `/remind tomorrow 9:00 ${'long '.repeat(30)}`);
  await say(desk, '/remind every 10m x3 two\nlines');
  await say(desk, '/remind 1m secret', 'bob');
  const [first, second] = desk.scheduler.list('alice');
  expect((await say(desk, '/reminders')).split('\n')).toEqual([
    'Reminders (UTC):',
    `${first?.id} · Mon 23 Nov 11:10, in 10m · every 10m, 3 times left · two lines`,
    expect.stringMatching(new RegExp(`^${second?.id} · Tue 24 Nov 09:00, in 22h · long .{50,60}…$`)),
    `Cancel one: /reminders cancel ${first?.id}`,
  ]);
});

test('/reminders cancel takes one back, and only one of the user', async () => {
  using desk = await JobDesk.open();
  desk.scheduler.start();
  await say(desk, '/remind 10m deploy check');
  const id = String(desk.scheduler.list('alice')[0]?.id);
  expect(await say(desk, `/reminders cancel ${id}`, 'bob')).toBe(`There is no reminder ${id}. /reminders lists yours.`);
  expect(await say(desk, `/reminders cancel #${id.toUpperCase()}`)).toBe(`Reminder ${id} is cancelled: deploy check`);
  expect(await say(desk, `/reminders cancel ${id}`)).toMatch(/^There is no reminder/);
  expect(await say(desk, '/reminders delete it')).toMatch(/\/reminders cancel k3f9x2/);
  await desk.pass(20 * 60_000);
  expect(desk.sent).toEqual([]);
});

test('both are answered at once, also while a turn runs', async () => {
  using desk = await JobDesk.open();
  expect(remindCommand(desk.scheduler).kind).toBe('immediate');
  expect(remindersCommand(desk.scheduler).kind).toBe('immediate');
});
