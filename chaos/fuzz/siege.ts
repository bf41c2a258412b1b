import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RunDetails } from 'fast-check';
import { asyncProperty, check, stringify } from 'fast-check';
import type { OpenDoor } from './door.ts';
import { Hang, measured } from './measured.ts';
import { Mishaps } from './mishaps.ts';
import { residentMb } from './resident.ts';

/** After so many different ones the door is known to be broken. */
const MAX_FAILURES = 3;

/** What finding a smaller case may cost. */
const SHRINK_MS = 20_000;

const MAX_SHOWN_CHARS = 2000;

export type SiegeOptions = {
  readonly seed: number;
  readonly cases: number;
  /** Gets what is to be known of a failure: the seed, and the smallest case that was found. */
  readonly report: (line: string) => void;
};

export type SiegeReport = {
  readonly door: string;
  readonly cases: number;
  /** Cases after which something was not as it has to be: an error that nobody caught is one. */
  readonly crashes: number;
  /** Cases that kept the event loop busy for over 1 s, or did not end, twice. */
  readonly hangs: number;
  /** How long the slowest case kept the event loop busy; the first ones aside, on which programs load what they need. */
  readonly worstMs: number;
  /** Of the second half of the cases: the first one fills caches. */
  readonly rssGrowthMb: number;
};

/** Opens a door and puts `cases` cases through it. Rejects only when it can not be opened. */
export async function besiege<Case>(
  open: () => Promise<OpenDoor<Case>>,
  options: SiegeOptions & { readonly door: string },
): Promise<SiegeReport> {
  const door = await open();
  using mishaps = new Mishaps();
  try {
    return await new Siege(door, mishaps, options).run();
  } finally {
    await door.close?.();
  }
}

class Siege<Case> {
  readonly #door: OpenDoor<Case>;
  readonly #mishaps: Mishaps;
  readonly #options: SiegeOptions & { readonly door: string };
  #worstMs = 0;
  #crashes = 0;
  #hangs = 0;

  constructor(door: OpenDoor<Case>, mishaps: Mishaps, options: SiegeOptions & { readonly door: string }) {
    this.#door = door;
    this.#mishaps = mishaps;
    this.#options = options;
  }

  async run(): Promise<SiegeReport> {
    const { door, cases, seed } = this.#options;
    // The first cases load code: what they cost says nothing about the others.
    await this.#attack(seed, Math.min(cases, 20));
    this.#worstMs = 0;
    const half = Math.floor(cases / 2);
    const done = await this.#attackOften(seed, half);
    const before = residentMb();
    const all = done + (await this.#attackOften(seed + 1000, cases - half));
    await this.#farewell();
    return {
      door,
      cases: all,
      crashes: this.#crashes,
      hangs: this.#hangs,
      worstMs: Math.round(this.#worstMs),
      rssGrowthMb: Math.round(residentMb() - before),
    };
  }

  /** Goes on after failures, while there are few. Resolves to how many cases were tried. */
  async #attackOften(seed: number, cases: number): Promise<number> {
    let left = cases;
    for (let round = 0; left > 0 && this.#crashes + this.#hangs < MAX_FAILURES; round += 1) {
      left -= await this.#attack(seed + round, left);
    }
    return cases - left;
  }

  /** Up to the first case that fails. Resolves to how many were tried. */
  async #attack(seed: number, cases: number): Promise<number> {
    const shrinkBefore = { at: Number.POSITIVE_INFINITY };
    const property = asyncProperty(this.#door.cases, async (value) => {
      // Once there is no time left, each smaller case passes, and what was found so far is the smallest.
      if (performance.now() > shrinkBefore.at) return;
      try {
        await this.#meet(value);
      } catch (error) {
        shrinkBefore.at = Math.min(shrinkBefore.at, performance.now() + SHRINK_MS);
        throw error;
      }
    });
    const details = await check(property, { seed, numRuns: cases });
    if (details.failed) this.#tell(seed, details);
    return details.numRuns;
  }

  async #meet(value: Case): Promise<void> {
    try {
      const workMs = await measured(() => this.#door.meet(value));
      this.#worstMs = Math.max(this.#worstMs, workMs);
    } finally {
      // What a case leaves behind as a rejection that nobody handles is known a turn later. It is worse than a wrong
      // answer, and belongs to this case.
      await nextTurn();
      this.#mishaps.check();
    }
  }

  async #farewell(): Promise<void> {
    try {
      await this.#door.serves?.();
      this.#mishaps.check();
    } catch (error) {
      this.#crashes += 1;
      this.#options.report(`${this.#options.door}: a well-behaved peer is not served any more: ${String(error)}`);
    }
  }

  #tell(seed: number, details: RunDetails<[Case]>): void {
    const { door, report } = this.#options;
    const error = details.errorInstance;
    if (error instanceof Hang) this.#hangs += 1;
    else this.#crashes += 1;
    const found = stringify(details.counterexample?.[0]).slice(0, MAX_SHOWN_CHARS);
    report(`${door}: seed ${seed}, path ${details.counterexamplePath ?? ''}: ${reasonOf(error)}\n  ${found}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
