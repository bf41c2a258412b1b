export type BackoffTimings = {
  /** The window of the first attempt, doubled with each failure. */
  readonly minMs: number;
  readonly maxMs: number;
};

/** How long to wait before the next attempt after `failures` in a row: full jitter over a window that doubles. */
export function backoffMs(
  failures: number,
  { minMs, maxMs }: BackoffTimings,
  random: () => number = Math.random,
): number {
  return random() * Math.min(maxMs, minMs * 2 ** Math.max(0, failures - 1));
}
