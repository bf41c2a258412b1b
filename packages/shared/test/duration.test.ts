import { expect, test } from 'vitest';
import { formatDuration } from '../src/duration.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

test.each([
  [0, '0s'],
  [-5, '0s'],
  [999, '0s'],
  [42 * second, '42s'],
  [minute - 1, '59s'],
  [minute, '1m'],
  [3 * minute + 12 * second, '3m 12s'],
  [9 * minute + 59 * second, '9m 59s'],
  [10 * minute + 30 * second, '10m'],
  [47 * minute + 59 * second, '47m'],
  [hour, '1h'],
  [3 * hour + 59 * minute, '3h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [400 * 24 * hour, '400d'],
])('%i ms reads as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
