import type { Said } from '@phonework/shared/language';
import type { ToolOutcome } from './settle-turn.ts';

/** Who in this process waits for turns to come out: tool calls of the mailboy's. */
export class TurnWaiters {
  readonly #waiters = new Map<string, (outcome: ToolOutcome) => void>();

  /** `resolve` is told when the turn has come out, or goes on in the background. */
  add(turnId: string, resolve: (outcome: ToolOutcome) => void): void {
    this.#waiters.set(turnId, resolve);
  }

  /** Tells whoever waits for the turn. */
  resolve(turnId: string, outcome: ToolOutcome): void {
    this.#waiters.get(turnId)?.(outcome);
    this.#waiters.delete(turnId);
  }

  /** None of the others will come out here. */
  fail(message: Said): void {
    for (const turnId of this.#waiters.keys()) this.resolve(turnId, { kind: 'failed', message });
  }
}
