/**
 * Loaded into a process before its program (`--import`): each millisecond it looks how long the event loop has computed
 * since the last look, and how late it is; at SIGUSR2 it writes what it has seen since the last time into the file that
 * the environment names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const INTERVAL_MS = 1;
const file = process.env.PHONEWORK_BENCH_PAUSES;

if (isMainThread && file !== undefined) watch(file);

function watch(reportFile: string): void {
  const delay = monitorEventLoopDelay({ resolution: INTERVAL_MS });
  delay.enable();
  let computed = computedMs();
  let longestMs = 0;
  setInterval(() => {
    const now = computedMs();
    longestMs = Math.max(longestMs, now - computed);
    computed = now;
  }, INTERVAL_MS).unref();
  process.on('SIGUSR2', () => {
    const lateP99Ms = Math.max(0, delay.percentile(99) / 1e6 - INTERVAL_MS);
    writeFileSync(`${reportFile}.new`, JSON.stringify({ longestMs, lateP99Ms }));
    renameSync(`${reportFile}.new`, reportFile);
    delay.reset();
    longestMs = 0;
  });
}

/** Of the processor, on this thread: what other processes take from it is not counted. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
