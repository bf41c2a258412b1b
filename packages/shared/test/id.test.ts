import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { newId, newShortId } from '../src/id.ts';

test('an id for the wire never repeats', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
});

test('ids for the wire sort by when they were made', async () => {
  const first = newId();
  await waitFor(() => newId().slice(0, 13) > first.slice(0, 13));
  const second = newId();
  expect([second, first].sort()).toEqual([first, second]);
  expect(Number.parseInt(second.replaceAll('-', '').slice(0, 12), 16)).toBeCloseTo(Date.now(), -4);
});

test('an id for people is six characters that a phone can type, all of them in use', () => {
  const ids = Array.from({ length: 2000 }, newShortId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{6}$/);
  expect(new Set(ids.join('')).size).toBe(36);
});
