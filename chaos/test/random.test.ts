import { expect, test } from 'vitest';
import { Random } from '../src/random.ts';

test('the same seed draws the same, and another one does not', () => {
  expect(drawn(new Random(7))).toEqual(drawn(new Random(7)));
  expect(drawn(new Random(7))).not.toEqual(drawn(new Random(8)));
});

test('a fork draws apart from the others and from where it came from', () => {
  const first = new Random(7);
  const second = new Random(7);
  const fork = first.fork('traffic');
  drawn(fork);
  expect(drawn(first)).toEqual(drawn(second));
  expect(drawn(new Random(7).fork('fault'))).not.toEqual(drawn(new Random(7).fork('traffic')));
});

test('numbers between two bounds reach both, and several of them are different and in order', () => {
  const random = new Random(1);
  const many = Array.from({ length: 200 }, () => random.between(1, 3));
  expect(new Set(many)).toEqual(new Set([1, 2, 3]));
  expect(random.someBetween(5, 1, 5)).toEqual([1, 2, 3, 4, 5]);
  expect(random.someBetween(9, 1, 5)).toHaveLength(5);
});

function drawn(random: Random): number[] {
  return Array.from({ length: 20 }, () => random.next());
}
