import { randomInt, randomUUID } from 'node:crypto';

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

/**
 * An id that never repeats: 36 characters, for frames, forwards and sends. A UUID of version 7: it begins with the time, so that rows that are
 * made together lie together in their tables, and a commit of many of them syncs few pages.
 */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** An id that a person can type: 6 characters of `[0-9a-z]`, for tasks, sessions and jobs. */
export function newShortId(): string {
  return Array.from({ length: 6 }, () => digits[randomInt(digits.length)]).join('');
}
