import { constants } from 'node:os';
import type { ProcessEnd } from './line-process.ts';

/**
 * From the status that a shell gives of a program: over 128 it stands for the signal `status - 128`. A program that
 * takes a signal and then exits with such a status by itself is counted as ended by the signal too.
 */
export function toProcessEnd(status: number): ProcessEnd {
  const found = Object.entries(constants.signals).find(([, number]) => number === status - 128);
  // The keys of this object are the names of signals; `entries` forgets it.
  return found === undefined ? { code: status } : { code: null, signal: found[0] as NodeJS.Signals };
}
