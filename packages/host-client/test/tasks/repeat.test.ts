import { expect, test } from 'vitest';
import { countRuns } from '../../src/tasks/repeat.ts';
import { TimeZone } from '../../src/tasks/time-zone.ts';

const berlin = new TimeZone('Europe/Berlin');

test('runs are counted up to now, and the next one is after it', () => {
  const hourly = { kind: 'interval', ms: 3_600_000 } as const;
  expect(countRuns(hourly, 0, 0, berlin)).toEqual({ due: 1, last: 0, next: 3_600_000 });
  expect(countRuns(hourly, 0, 3_599_999, berlin)).toEqual({ due: 1, last: 0, next: 3_600_000 });
  expect(countRuns(hourly, 0, 3_600_000, berlin)).toEqual({ due: 2, last: 3_600_000, next: 7_200_000 });
});

test('billions of missed runs are counted at once', () => {
  const start = performance.now();
  expect(countRuns({ kind: 'interval', ms: 1 }, 0, 3e9, berlin)).toEqual({ due: 3e9 + 1, last: 3e9, next: 3e9 + 1 });
  expect(performance.now() - start).toBeLessThan(500);
});

test('each day of years has its one run, also a time that its clocks skip or show twice', () => {
  for (const minuteOfDay of [0, 150, 540, 1439]) {
    const daily = { kind: 'days', days: 1, minuteOfDay } as const;
    let at = berlin.fromWall(Date.parse('2026-01-01T00:00Z') + minuteOfDay * 60_000);
    for (let day = 0; day < 800; day += 1) {
      const { due, last, next } = countRuns(daily, at, at, berlin);
      expect({ due, last }).toEqual({ due: 1, last: at });
      const days = Math.floor(berlin.toWall(next) / 86_400_000) - Math.floor(berlin.toWall(at) / 86_400_000);
      expect(days).toBe(1);
      at = next;
    }
  }
});
