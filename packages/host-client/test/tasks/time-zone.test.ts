import { expect, test } from 'vitest';
import { TimeZone } from '../../src/tasks/time-zone.ts';

const wall = (text: string): number => Date.parse(`${text}Z`);

test('a zone tells what its clocks show, to the millisecond', () => {
  const shanghai = new TimeZone('Asia/Shanghai');
  expect(shanghai.toWall(Date.parse('2026-11-23T16:39:01.234Z'))).toBe(wall('2026-11-24T00:39:01.234'));
  expect(shanghai.fromWall(wall('2026-11-24T00:39:01.234'))).toBe(Date.parse('2026-11-23T16:39:01.234Z'));
  expect(new TimeZone('Asia/Kathmandu').toWall(Date.parse('1969-12-31T23:59:59.999Z'))).toBe(
    wall('1970-01-01T05:29:59.999'),
  );
});

test('a time that clocks show twice is the first one', () => {
  const berlin = new TimeZone('Europe/Berlin');
  expect(berlin.fromWall(wall('2026-10-25T02:30'))).toBe(Date.parse('2026-10-25T00:30Z'));
  expect(berlin.fromWall(wall('2026-10-25T03:00'))).toBe(Date.parse('2026-10-25T02:00Z'));
});

test('a time that clocks skip is as far behind the skip', () => {
  const berlin = new TimeZone('Europe/Berlin');
  expect(berlin.fromWall(wall('2027-03-28T02:30'))).toBe(Date.parse('2027-03-28T01:30Z'));
  expect(berlin.toWall(Date.parse('2027-03-28T01:30Z'))).toBe(wall('2027-03-28T03:30'));
});

test('every hour of years is found again, in zones that change their clocks and that do not', () => {
  for (const name of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai', 'UTC']) {
    const zone = new TimeZone(name);
    let twice = 0;
    for (let at = Date.parse('2026-01-01T00:00Z'); at < Date.parse('2028-01-01T00:00Z'); at += 3_600_000) {
      const found = zone.fromWall(zone.toWall(at));
      if (found !== at) twice += 1;
      expect([0, 1_800_000, 3_600_000]).toContain(at - found);
    }
    expect(twice).toBeLessThanOrEqual(2);
  }
});

test('a zone that does not exist is refused', () => {
  expect(() => new TimeZone('Mars/Olympus')).toThrow(RangeError);
});
