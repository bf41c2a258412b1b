import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { SpacedLines } from '../../../src/sessions/claude/spaced-lines.ts';

const long = 'x'.repeat(1_000_000);

test('short lines are handed on at once', () => {
  const { lines, got } = open();
  lines.push('a');
  lines.push('b');
  expect(got).toEqual(['a', 'b']);
});

test('a long line waits, what comes after it waits behind it', async () => {
  const { lines, got } = open();
  for (const line of ['a', long, 'b', 'c', long, 'd']) lines.push(line);
  expect(got).toEqual(['a']);
  await waitFor(() => got.includes('d'));
  expect(got).toEqual(['a', long, 'b', 'c', long, 'd']);
  lines.push('e');
  expect(got.at(-1)).toBe('e');
});

test('what waits can be had at once, and comes only once', async () => {
  const { lines, got } = open();
  for (const line of [long, 'b', long]) lines.push(line);
  lines.flush();
  expect(got).toEqual([long, 'b', long]);
  lines.push('c');
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  expect(got).toEqual([long, 'b', long, 'c']);
});

function open(): { readonly lines: SpacedLines; readonly got: string[] } {
  const got: string[] = [];
  return { got, lines: new SpacedLines((line) => got.push(line)) };
}
