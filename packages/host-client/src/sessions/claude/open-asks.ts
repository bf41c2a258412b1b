import type { AgentAsk, AgentDecision } from '../agent-runner.ts';
import type { CanUseTool, PermissionResult } from './asks.ts';
import { toAsk, toPermissionResult } from './asks.ts';

/** The questions of one process that wait for an answer, by Claude Code's id of the request. */
export class OpenAsks {
  readonly #requests = new Map<string, CanUseTool>();

  /** `lastText` is what the model wrote before. */
  open(requestId: string, request: CanUseTool, lastText: string): AgentAsk {
    this.#requests.set(requestId, request);
    return toAsk(request, lastText);
  }

  /** Undefined where it is not open any more. Throws AgentError for a decision that does not fit: then it stays open. */
  settle(requestId: string, decision: AgentDecision): PermissionResult | undefined {
    const request = this.#requests.get(requestId);
    if (request === undefined) return undefined;
    const result = toPermissionResult(request, decision);
    this.#requests.delete(requestId);
    return result;
  }

  /** Returns whether it was open. */
  withdraw(requestId: string): boolean {
    return this.#requests.delete(requestId);
  }
}
