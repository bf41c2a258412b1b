// Loaded into a program under test before its own code: see shifted-clock.ts.
import { readFileSync } from 'node:fs';

const file = process.env.TEST_CLOCK_FILE;
const TrueDate = Date;

/** A program may look at the clock a thousand times a second. */
const KEEP_MS = 5;

const read = { at: Number.NEGATIVE_INFINITY, shiftMs: 0 };

function shiftedNow(path: string): number {
  const at = performance.now();
  if (at - read.at > KEEP_MS) {
    read.at = at;
    read.shiftMs = Number(readFileSync(path, 'utf8'));
  }
  return TrueDate.now() + read.shiftMs;
}

if (file !== undefined) {
  const now = () => shiftedNow(file);
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
    apply: () => new TrueDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
}
