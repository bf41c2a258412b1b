import { expect, test } from 'vitest';
import { runApart } from '../src/apart.ts';

const doubling = new URL('fakes/doubling-thread.ts', import.meta.url);

test('work in a thread of its own gives its result, and holds nobody up meanwhile', async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  const result = await runApart(doubling, { number: 21, busyMs: 100 }, AbortSignal.timeout(10_000));
  clearInterval(counting);
  expect(result).toBe(42);
  expect(turns).toBeGreaterThan(10);
});

test('work that is called off ends at once', async () => {
  const calling = runApart(doubling, { number: 1, busyMs: 60_000 }, AbortSignal.timeout(100));
  await expect(calling).rejects.toMatchObject({ name: 'ApartError', code: 'called_off' });
  const begun = runApart(doubling, { number: 1, busyMs: 0 }, AbortSignal.abort());
  await expect(begun).rejects.toMatchObject({ code: 'called_off' });
});

test('work that throws, or never answers, is told apart from a result', async () => {
  const broken = runApart(doubling, { number: 'no number', busyMs: 0 }, AbortSignal.timeout(10_000));
  await expect(broken).rejects.toMatchObject({ code: 'failed', cause: { message: 'not a number' } });
  const silent = new URL('data:text/javascript,');
  await expect(runApart(silent, {}, AbortSignal.timeout(10_000))).rejects.toMatchObject({ code: 'failed' });
});
