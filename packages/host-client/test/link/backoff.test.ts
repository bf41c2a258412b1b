import { expect, test } from 'vitest';
import { backoffMs } from '../../src/link/backoff.ts';

const timings = { minMs: 500, maxMs: 30_000 };
const longest = () => 1;

test('the window doubles with each failure, up to its end', () => {
  const windows = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => backoffMs(failures, timings, longest));
  expect(windows).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('years of failures do not overflow it', () => {
  for (const failures of [1024, 10_000_000]) expect(backoffMs(failures, timings, longest)).toBe(30_000);
});

test('before the first failure the window is the smallest', () => {
  expect(backoffMs(0, timings, longest)).toBe(500);
});

test('the wait is anywhere in the window, so that nodes do not come back all at once', () => {
  expect(backoffMs(3, timings, () => 0)).toBe(0);
  expect(backoffMs(3, timings, () => 0.25)).toBe(500);
  const waits = Array.from({ length: 200 }, () => backoffMs(10, timings));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...waits)).toBeLessThan(30_000);
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(10_000);
});
