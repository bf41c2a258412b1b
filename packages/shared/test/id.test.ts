import { expect, test } from 'vitest';
import { newId, newShortId } from '../src/id.ts';

test('an id for the wire never repeats', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
});

test('an id for people is six characters that a phone can type, all of them in use', () => {
  const ids = Array.from({ length: 2000 }, newShortId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{6}$/);
  expect(new Set(ids.join('')).size).toBe(36);
});
