import { answerApart } from '../../src/apart.ts';

/** Doubles a number, after it kept its thread busy. */
answerApart(({ number, busyMs }: { readonly number: unknown; readonly busyMs: number }) => {
  if (typeof number !== 'number') throw new TypeError('not a number');
  const end = performance.now() + busyMs;
  while (performance.now() < end);
  return number * 2;
});
