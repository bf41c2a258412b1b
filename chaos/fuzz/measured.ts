import { setTimeout as delay } from 'node:timers/promises';

/** Nothing that comes in may keep the event loop busy for longer. */
const WORK_MS = 1000;

/** What a case gets before it is given up: of those who wait, each has to be answered. */
const PATIENCE_MS = 10_000;

/** A case took longer than it may, each time. */
export class Hang extends Error {
  override readonly name = 'Hang';
}

/**
 * Runs a case and resolves to how long it kept this thread busy, in ms: on a machine that does other things as well, the
 * clock says little. One that took too long, or did not end, is run once more, since the machine may have stood still;
 * throws Hang when it was no better then.
 */
export async function measured(run: () => Promise<void> | void): Promise<number> {
  const first = await worked(run);
  if (first <= WORK_MS) return first;
  const second = await worked(run);
  if (second <= WORK_MS) return second;
  const least = Math.min(first, second);
  throw new Hang(least === NEVER ? 'it does not end' : `it works for ${Math.round(least)} ms`);
}

const NEVER = Number.POSITIVE_INFINITY;

async function worked(run: () => Promise<void> | void): Promise<number> {
  const before = process.threadCpuUsage();
  const running = run();
  if (running !== undefined && !(await endsWithin(PATIENCE_MS, running))) return NEVER;
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** Rejects as it does. */
async function endsWithin(ms: number, running: Promise<void>): Promise<boolean> {
  const done = new AbortController();
  const timedOut = delay(ms, false, { signal: done.signal }).catch(() => false);
  try {
    return await Promise.race([running.then(() => true), timedOut]);
  } finally {
    done.abort();
    // One that was given up may still fail.
    running.catch(() => {});
  }
}
