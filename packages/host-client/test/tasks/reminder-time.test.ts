import { describe, expect, test } from 'vitest';
import { parseReminderTime } from '../../src/tasks/reminder-time.ts';
import { TimeZone } from '../../src/tasks/time-zone.ts';

/** `Tue 24 09:00 «rest»`, in the zone; behind it how it repeats. */
function read(text: string, { now = '2026-11-23T14:39', timeZone = 'Asia/Shanghai' } = {}): string | undefined {
  const zone = new TimeZone(timeZone);
  const reading = parseReminderTime(text, { zone, now: zone.fromWall(Date.parse(`${now}Z`)) });
  if (reading === undefined) return undefined;
  const { at, repeat, maxRuns } = reading.value;
  const time = new Date(zone.toWall(at)).toISOString().replace('T', ' ').replace(':00.000Z', '');
  const every = repeat?.kind === 'days' ? ` every ${repeat.days}d@${repeat.minuteOfDay}` : ` every ${repeat?.ms}ms`;
  return `${time}${repeat === undefined ? '' : every}${maxRuns === undefined ? '' : ` x${maxRuns}`} «${reading.rest}»`;
}

// It is Monday, 23 November 2026, 14:39.
describe('a span', () => {
  test.each([
    ['10m deploy check', '2026-11-23 14:49 «deploy check»'],
    ['1h30m x', '2026-11-23 16:09 «x»'],
    ['1h30 x', '2026-11-23 16:09 «x»'],
    ['1 h 30 min x', '2026-11-23 16:09 «x»'],
    ['90s x', '2026-11-23 14:40:30.000Z «x»'],
    ['2d x', '2026-11-25 14:39 «x»'],
    ['in 2 hours x', '2026-11-23 16:39 «x»'],
    ['in two and a half hours x', '2026-11-23 17:09 «x»'],
    ['half an hour x', '2026-11-23 15:09 «x»'],
    ['an hour x', '2026-11-23 15:39 «x»'],
    ['in 3 days at 9am x', '2026-11-26 09:00 «x»'],
    ['10分钟 吃饭', '2026-11-23 14:49 «吃饭»'],
    ['10m检查部署', '2026-11-23 14:49 «检查部署»'],
    ['半小时 x', '2026-11-23 15:09 «x»'],
    ['一个半小时后提醒我开会', '2026-11-23 16:09 «开会»'],
    ['十五分钟后 x', '2026-11-23 14:54 «x»'],
    ['三天后下午3点 x', '2026-11-26 15:00 «x»'],
    ['me in 10 minutes to check', '2026-11-23 14:49 «check»'],
    ['10m 5 min plank', '2026-11-23 14:49 «5 min plank»'],
    ['10m 9点的会', '2026-11-23 14:49 «9点的会»'],
    ['10m\nline one\n  line two', '2026-11-23 14:49 «line one\n  line two»'],
    ['10m', '2026-11-23 14:49 «»'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

describe('a day and a time of day', () => {
  test.each([
    ['tomorrow 9:00 stand-up', '2026-11-24 09:00 «stand-up»'],
    ['tomorrow at 9 x', '2026-11-24 09:00 «x»'],
    ['9am tomorrow x', '2026-11-24 09:00 «x»'],
    ['tomorrow x', '2026-11-24 09:00 «x»'],
    ['tomorrow morning at 8 x', '2026-11-24 08:00 «x»'],
    ['tomorrow 9am eat lunch', '2026-11-24 09:00 «eat lunch»'],
    ['tomorrow 9:00 night shift', '2026-11-24 09:00 «night shift»'],
    ['day after tomorrow 15:00 x', '2026-11-25 15:00 «x»'],
    ['at 18:30 x', '2026-11-23 18:30 «x»'],
    ['at 9:00 get up', '2026-11-24 09:00 «get up»'],
    ['tonight at 8 x', '2026-11-23 20:00 «x»'],
    ['at 8 tonight x', '2026-11-23 20:00 «x»'],
    ['tonight at 12 x', '2026-11-24 00:00 «x»'],
    ['noon x', '2026-11-24 12:00 «x»'],
    ['12am x', '2026-11-24 00:00 «x»'],
    ['fri 9am x', '2026-11-27 09:00 «x»'],
    ['monday 9am x', '2026-11-30 09:00 «x»'],
    ['mon 15:00 x', '2026-11-23 15:00 «x»'],
    ['next fri at 10 x', '2026-12-04 10:00 «x»'],
    ['on Dec 1 at 9 x', '2026-12-01 09:00 «x»'],
    ['1 Dec 2027 9:00 x', '2027-12-01 09:00 «x»'],
    ['Nov 22 9:00 x', '2027-11-22 09:00 «x»'],
    ['Feb 29 9:00 x', '2028-02-29 09:00 «x»'],
    ['2026-12-01 09:00 x', '2026-12-01 09:00 «x»'],
    ['2026-12-01T09:00:00+01:00 x', '2026-12-01 16:00 «x»'],
    ['today 8:00 x', '2026-11-23 08:00 «x»'],
    ['last friday 9am x', '2026-11-20 09:00 «x»'],
    ['明天9点 x', '2026-11-24 09:00 «x»'],
    ['明天九点半站会', '2026-11-24 09:30 «站会»'],
    ['明天 9：00 x', '2026-11-24 09:00 «x»'],
    ['后天下午3点半 x', '2026-11-25 15:30 «x»'],
    ['今晚8点 x', '2026-11-23 20:00 «x»'],
    ['明早8点 x', '2026-11-24 08:00 «x»'],
    ['周五 9:00 x', '2026-11-27 09:00 «x»'],
    ['下周一早上9点 x', '2026-11-30 09:00 «x»'],
    ['本周日晚上7点 x', '2026-11-29 19:00 «x»'],
    ['12月1号上午10点半 x', '2026-12-01 10:30 «x»'],
    ['31号9点 x', '2026-12-31 09:00 «x»'],
    ['十点一刻 x', '2026-11-24 10:15 «x»'],
    ['9点钟 x', '2026-11-24 09:00 «x»'],
    ['中午1点 x', '2026-11-24 13:00 «x»'],
    ['晚上12点 x', '2026-11-24 00:00 «x»'],
    ['凌晨2点 x', '2026-11-24 02:00 «x»'],
    ['昨天9点 x', '2026-11-22 09:00 «x»'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('one at night belongs to the night that has begun, or to the one that comes', () => {
    expect(read('夜里2点 x', { now: '2026-11-23T00:30' })).toBe('2026-11-23 02:00 «x»');
    expect(read('夜里2点 x', { now: '2026-11-23T03:00' })).toBe('2026-11-24 02:00 «x»');
  });
});

describe('a repetition', () => {
  test.each([
    ['every 1h check', '2026-11-23 15:39 every 3600000ms «check»'],
    ['every hour x', '2026-11-23 15:39 every 3600000ms «x»'],
    ['every 5 minutes x3 stretch', '2026-11-23 14:44 every 300000ms x3 «stretch»'],
    ['every day at 9 x', '2026-11-24 09:00 every 1d@540 «x»'],
    ['every day at 15:00 x', '2026-11-23 15:00 every 1d@900 «x»'],
    ['daily at 9 x', '2026-11-24 09:00 every 1d@540 «x»'],
    ['every day x', '2026-11-24 14:39 every 1d@879 «x»'],
    ['every morning x', '2026-11-24 09:00 every 1d@540 «x»'],
    ['every 2 days at 9 x', '2026-11-24 09:00 every 2d@540 «x»'],
    ['every monday 9:00 x5 x', '2026-11-30 09:00 every 7d@540 x5 «x»'],
    ['每天9点 x', '2026-11-24 09:00 every 1d@540 «x»'],
    ['每日9点 x', '2026-11-24 09:00 every 1d@540 «x»'],
    ['每小时 x', '2026-11-23 15:39 every 3600000ms «x»'],
    ['每隔2小时 x', '2026-11-23 16:39 every 7200000ms «x»'],
    ['每30分钟 5次 喝水', '2026-11-23 15:09 every 1800000ms x5 «喝水»'],
    ['每晚8点 x', '2026-11-23 20:00 every 1d@1200 «x»'],
    ['每周一9点 x', '2026-11-30 09:00 every 7d@540 «x»'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

test.each([
  ['', 'nothing'],
  ['deploy check', 'no time'],
  ['10 push-ups', 'a number without a unit'],
  ['10mm screws', 'a unit that goes on'],
  ['as soon as possible', 'words that begin like a time'],
  ["tomorrow's agenda", 'a day that is part of another word'],
  ['tomorrow 25:00 x', 'an hour that does not exist'],
  ['tomorrow 9 x', 'a number that may be an hour'],
  ['2027-02-30 9:00 x', 'a date that does not exist'],
  ['13pm x', 'an hour that the afternoon has not'],
  ['mon and thu 9:00 x', 'several days'],
  ['周一、周三9点 x', 'several days, in Chinese'],
  ['every weekday 9:00 x', 'days that are not all alike'],
  ['every month x', 'months'],
  ['每个月1号9点 x', 'months, in Chinese'],
  ['每天两次 x', 'several times a day'],
  ['every tomorrow x', 'a repetition of a single day'],
])('%j is not understood, rather than misunderstood: %s', (text) => {
  expect(read(text)).toBeUndefined();
});

test('hours are hours, and days are days, when clocks change', () => {
  // In Berlin clocks go from 2:00 to 3:00 on 28 March 2027, and from 3:00 back to 2:00 on 25 October 2026.
  const spring = { now: '2027-03-27T21:00', timeZone: 'Europe/Berlin' };
  expect(read('12h x', spring)).toBe('2027-03-28 10:00 «x»');
  expect(read('tomorrow 9:00 x', spring)).toBe('2027-03-28 09:00 «x»');
  expect(read('tomorrow 2:30 x', spring)).toBe('2027-03-28 03:30 «x»');
  const autumn = { now: '2026-10-24T21:00', timeZone: 'Europe/Berlin' };
  expect(read('12h x', autumn)).toBe('2026-10-25 08:00 «x»');
  expect(read('明天9点 x', autumn)).toBe('2026-10-25 09:00 «x»');
  expect(read('every day x', autumn)).toBe('2026-10-25 21:00 every 1d@1260 «x»');
});

test('nothing that can be sent takes noticeable time', () => {
  const long = 500_000;
  const hostile = [
    ...['1h', '1 h ', ' ', '每', '下', '一', '9:', 'in ', 'and ', '9点', 'x5 ', '-', 'tomorrow ', ', '],
    ...['999999999w', 'every 1h', '9点\t', '周一，', '1'],
  ].flatMap((piece) => [piece.repeat(long / piece.length), `tomorrow${piece.repeat(long / piece.length)}`]);
  for (const text of [...hostile, ...hostile.map((each) => `every 1h${each}`), `tomorrow 9:00${' '.repeat(long)}x`]) {
    // The best of three: the others may have waited for a busy machine.
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      read(text);
      return performance.now() - start;
    });
    expect([text.slice(0, 20), Math.min(...times) < 20]).toEqual([text.slice(0, 20), true]);
  }
});
