import { randomInt, randomUUID } from 'node:crypto';

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

/** An id that never repeats: 36 characters, for frames, forwards and sends. */
export function newId(): string {
  return randomUUID();
}

/** An id that a person can type: 6 characters of `[0-9a-z]`, for tasks, sessions and jobs. */
export function newShortId(): string {
  return Array.from({ length: 6 }, () => digits[randomInt(digits.length)]).join('');
}
