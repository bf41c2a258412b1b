import { setTimeout as delay } from 'node:timers/promises';

/** Whether `work` resolves within `ms`; `work` itself goes on either way. Rejects when `work` does so within that time. */
export async function isDoneWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(ms, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
