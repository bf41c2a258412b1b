import { DAY_MS, MINUTE_MS } from '@phonework/shared/duration';
import type { TimeZone } from './time-zone.ts';

/** How a job goes on: after a fixed time, or at the same time of day whatever the clocks are changed by. */
export type Repeat =
  | { readonly kind: 'interval'; readonly ms: number }
  | { readonly kind: 'days'; readonly days: number; readonly minuteOfDay: number };

/** How long from one run to the next, in ms; an hour more or less where clocks change. */
export function intervalOf(repeat: Repeat): number {
  return repeat.kind === 'interval' ? repeat.ms : repeat.days * DAY_MS;
}

/** The runs of a repeating job around `now`. */
export type Runs = {
  /** How many were due by `now`, the one at `at` included. */
  readonly due: number;
  /** When the last of them was. */
  readonly last: number;
  /** The first one after `now`. */
  readonly next: number;
};

/** Counts the runs of a job that was due first at `at`, which is not after `now`. */
export function countRuns(repeat: Repeat, at: number, now: number, zone: TimeZone): Runs {
  const run = runsFrom(repeat, at, zone);
  // Begins close below the answer: a job that was forgotten for years costs no more than one of yesterday. Days are not
  // all of the same length, and the machine may have moved to another zone.
  let due = Math.max(1, Math.floor((now - at) / intervalOf(repeat)) - 2);
  while (run(due) <= now) due += 1;
  return { due, last: run(due - 1), next: run(due) };
}

/** The n-th run after the one at `at`. */
function runsFrom(repeat: Repeat, at: number, zone: TimeZone): (n: number) => number {
  if (repeat.kind === 'interval') return (n) => at + n * repeat.ms;
  const firstDay = Math.floor(zone.toWall(at) / DAY_MS);
  const minutes = repeat.minuteOfDay * MINUTE_MS;
  return (n) => (n === 0 ? at : zone.fromWall((firstDay + n * repeat.days) * DAY_MS + minutes));
}
