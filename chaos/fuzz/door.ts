import type { Arbitrary } from 'fast-check';
import type { SiegeOptions, SiegeReport } from './siege.ts';
import { besiege } from './siege.ts';

/** A place where bytes of others come in. */
export interface Door {
  readonly name: string;
  /** How many of all cases it gets, relative to the others: cheap ones get more. */
  readonly share: number;
  run(options: SiegeOptions): Promise<SiegeReport>;
}

/** A door with everything behind it running. */
export type OpenDoor<Case> = {
  readonly cases: Arbitrary<Case>;
  /** Puts the case through the door; throws when what comes of it is not as it has to be. */
  readonly meet: (value: Case) => Promise<void> | void;
  /** After all cases: throws when a well-behaved peer is not served. */
  readonly serves?: () => Promise<void>;
  readonly close?: () => Promise<void>;
};

export function defineDoor<Case>(definition: {
  readonly name: string;
  readonly share: number;
  readonly open: () => Promise<OpenDoor<Case>>;
}): Door {
  const { name, share, open } = definition;
  return { name, share, run: (options) => besiege(open, { ...options, door: name }) };
}

/** Something came of a case that must not. */
class DoorFault extends Error {
  override readonly name = 'DoorFault';
}

/** Throws DoorFault unless `holds`. */
export function expectThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new DoorFault(what);
}
