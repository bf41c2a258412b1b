import { getActiveResourcesInfo } from 'node:process';
import { expect, test } from 'vitest';
import { isDoneWithin } from '../src/done-within.ts';

test('work that ends in time is done, and leaves no timer behind', async () => {
  const timers = () => getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  expect(await isDoneWithin(Promise.resolve('anything'), 60_000)).toBe(true);
  expect(timers()).toBe(before);
});

test('work that takes longer is not done', async () => {
  expect(await isDoneWithin(new Promise(() => {}), 5)).toBe(false);
});

test('work that fails in time fails', async () => {
  await expect(isDoneWithin(Promise.reject(new Error('broken')), 60_000)).rejects.toThrow('broken');
});
