import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WrongBearers } from '../../src/nodes/wrong-bearers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Notes `count` wrong bearers; how many of them were told to wait. */
function refused(wrong: WrongBearers, count: number, address = '192.0.2.1'): number {
  return Array.from({ length: count }, () => wrong.note(address)).filter((waitMs) => waitMs > 0).length;
}

test('the twenty-first within a minute has to wait, for a minute', () => {
  const wrong = new WrongBearers();
  expect(refused(wrong, 20)).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(wrong.note('192.0.2.1')).toBe(59_000);
  vi.advanceTimersByTime(58_999);
  expect(refused(wrong, 1)).toBe(1);
  vi.advanceTimersByTime(1);
  expect(refused(wrong, 20)).toBe(0);
  expect(refused(wrong, 5)).toBe(5);
});

test('any minute counts, and not one by the clock', () => {
  const wrong = new WrongBearers();
  expect(refused(wrong, 1)).toBe(0);
  vi.advanceTimersByTime(50_000);
  expect(refused(wrong, 15)).toBe(0);
  vi.advanceTimersByTime(15_000);
  expect(refused(wrong, 10)).toBe(5);
});

test('a node with a wrong secret that tries every few seconds is never told to wait', () => {
  const wrong = new WrongBearers();
  for (let time = 0; time < 500; time += 1) {
    expect(refused(wrong, 1)).toBe(0);
    vi.advanceTimersByTime(3200);
  }
});

test('each address counts for itself; of IPv6 each network of 64 bits', () => {
  const wrong = new WrongBearers();
  refused(wrong, 20, '192.0.2.1');
  expect(refused(wrong, 1, '192.0.2.2')).toBe(0);
  expect(refused(wrong, 1, '::ffff:192.0.2.3')).toBe(0);
  refused(wrong, 20, '2001:db8:0:1::7');
  for (const near of ['2001:db8:0:1::8', '2001:db8:0:1:ffff:1:2:3']) expect(refused(wrong, 1, near)).toBe(1);
  for (const far of ['2001:db8:0:2::7', '2001:db8::7', '::1', '::']) expect(refused(wrong, 1, far)).toBe(0);
});

test('only so many addresses are remembered: the one that was quiet for longest is forgotten', () => {
  const wrong = new WrongBearers();
  refused(wrong, 20, '192.0.2.1');
  refused(wrong, 20, '192.0.2.2');
  for (let number = 0; number < 9998; number += 1) wrong.note(`10.0.${number >> 8}.${number & 255}`);
  expect(refused(wrong, 1, '192.0.2.1')).toBe(1);
  wrong.note('10.1.0.0');
  expect(refused(wrong, 1, '192.0.2.1')).toBe(1);
  expect(refused(wrong, 1, '192.0.2.2')).toBe(0);
});
