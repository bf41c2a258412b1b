import type { FrameObserver } from '../nodes/connection.ts';
import { Count } from './count.ts';
import type { ModelOutcome } from './counted-model.ts';
import { Latencies } from './latencies.ts';

type SendOutcome = 'accepted' | 'rate_limited' | 'unavailable' | 'refused';

/** From a command that is answered at once to a message that waited a day for its node. */
const latencyBoundsMs = [
  25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000,
];

/** What has happened in this process, as the rooms report it. No label ever names a user, a chat or a node. */
export class Tally {
  readonly frames = new Count<{
    readonly direction: Parameters<FrameObserver>[0];
    readonly type: Parameters<FrameObserver>[1];
  }>();
  readonly sends = new Count<{ readonly channel: string; readonly outcome: SendOutcome }>();
  readonly modelCalls = new Count<{ readonly outcome: ModelOutcome }>();
  /** From a message's forward until its answer is stored. */
  readonly forwards = new Latencies(latencyBoundsMs);
}
