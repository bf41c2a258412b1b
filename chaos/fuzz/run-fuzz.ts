import type { Door } from './door.ts';
import { doors } from './doors.ts';
import type { SiegeReport } from './siege.ts';

export type { SiegeReport } from './siege.ts';

export type FuzzOptions = {
  /** The same seed makes the same cases. */
  readonly seed: number;
  /** All doors together. */
  readonly cases: number;
  /** Names of doors; absent: all. */
  readonly only?: readonly string[];
  /** Gets a line for each door, and for each failure what repeats it. */
  readonly report: (line: string) => void;
};

/** Puts strange things through all doors, one door after the other. Rejects when a door can not be opened. */
export async function runFuzz({ seed, cases, only, report }: FuzzOptions): Promise<readonly SiegeReport[]> {
  const chosen = doors.filter(({ name }) => only === undefined || only.includes(name));
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const reports: SiegeReport[] = [];
  for (const door of chosen) reports.push(await runDoor(door, { seed, cases: casesOf(door, cases / shares), report }));
  return reports;
}

function casesOf({ share }: Door, perShare: number): number {
  return Math.ceil(share * perShare);
}

async function runDoor(door: Door, options: Parameters<Door['run']>[0]): Promise<SiegeReport> {
  const started = performance.now();
  const result = await door.run(options);
  const { cases, crashes, hangs, worstMs, rssGrowthMb } = result;
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  options.report(
    `${door.name}: ${cases} cases in ${seconds} s, ${crashes} crashes, ${hangs} hangs, worst ${worstMs} ms, RSS ${rssGrowthMb < 0 ? '' : '+'}${rssGrowthMb} MB`,
  );
  return result;
}
