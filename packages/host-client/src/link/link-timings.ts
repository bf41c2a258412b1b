import type { BackoffTimings } from './backoff.ts';

/** Durations of the link, in ms. */
export type LinkTimings = BackoffTimings & {
  /** After a refusal that only a person can mend. */
  readonly refusedMs: number;
  /** For the handshake, and then for the answer to `register`. */
  readonly handshakeMs: number;
  /** After a heartbeat of silence the router is asked for a sign of life: so long for its answer. */
  readonly silenceMs: number;
};

export const defaultTimings: LinkTimings = {
  minMs: 500,
  maxMs: 30_000,
  refusedMs: 30_000,
  handshakeMs: 10_000,
  silenceMs: 10_000,
};
