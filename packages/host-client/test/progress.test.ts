import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from '../src/progress.ts';

let sent: [text: string, step: string | undefined][];
let progress: Progress;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  progress = new Progress((text, step) => sent.push([text, step]), 250);
});
afterEach(() => {
  vi.useRealTimers();
});

test('the newest state is sent once in an interval, and those it replaced are not', () => {
  progress.show('a');
  progress.show('a b', 'run_shell');
  vi.advanceTimersByTime(249);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([['a b', 'run_shell']]);
  progress.show('a b c');
  vi.advanceTimersByTime(250);
  expect(sent.slice(1)).toEqual([['a b c', undefined]]);
});

test('a thousand states in ten seconds are at most forty messages', () => {
  for (let count = 0; count < 1000; count += 1) {
    progress.show(String(count));
    vi.advanceTimersByTime(10);
  }
  expect(sent.length).toBeGreaterThan(30);
  expect(sent.length).toBeLessThanOrEqual(40);
});

test('nothing is sent, and no timer is left, while nothing changes', () => {
  progress.show('a');
  vi.advanceTimersByTime(10_000);
  expect(sent).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing is sent after the end: neither what waited, nor what comes late', () => {
  progress.show('waiting');
  progress.close();
  progress.close();
  progress.show('late');
  vi.advanceTimersByTime(10_000);
  expect(sent).toEqual([]);
  const unused = new Progress((text, step) => sent.push([text, step]), 250);
  unused.close();
  unused.show('late');
  expect(vi.getTimerCount()).toBe(0);
});
