import { expect, test, vi } from 'vitest';
import { faults } from '../src/faults.ts';
import { runFault } from '../src/run-fault.ts';

/** Any number will do; this one makes a failure come again. */
const SEED = 7;

/** Much of a fault is waiting: two at a time keep two cores busy. */
vi.setConfig({ maxConcurrency: 2 });

/** The whole bench in small: `pnpm chaos` does the same with many more messages, and every fault. */
const short = faults.flatMap((fault) => {
  const { title, shortMessages } = fault;
  return shortMessages === undefined ? [] : [{ fault, title, messages: shortMessages }];
});

test.concurrent.each(short)(
  'nothing is lost, doubled or out of order: $title',
  // More than the bench's own limits, which say what they waited for.
  { timeout: 240_000 },
  async ({ fault, messages }) => {
    const { complaints, error, sent } = await runFault(fault, { seed: SEED, messages });
    expect(error).toBeUndefined();
    expect(complaints).toEqual([]);
    expect(sent).toBeGreaterThan(0);
  },
);
