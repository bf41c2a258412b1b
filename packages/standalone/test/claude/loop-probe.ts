import { appendFileSync } from 'node:fs';

/**
 * Loaded into a program before everything else (`--import`): notes each time that its event loop was busy for so long
 * that a timer had to wait, into the file that LOOP_PROBE names: when, and for how many ms. It counts the processor's time and not the clock's, so
 * that what else the machine does at the same time is not held against the program.
 */
const file = process.env.LOOP_PROBE;
const everyMs = 2;
/** Shorter ones are of no interest. */
const notedMs = 10;

let before = process.threadCpuUsage();
setInterval(() => {
  const { user, system } = process.threadCpuUsage(before);
  const busyMs = (user + system) / 1000;
  if (file !== undefined && busyMs > notedMs) appendFileSync(file, `${Date.now()} ${busyMs}\n`);
  before = process.threadCpuUsage();
}, everyMs).unref();
