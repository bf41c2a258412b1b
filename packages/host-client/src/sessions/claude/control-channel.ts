import { newId } from '@phonework/shared/id';
import { AgentError } from '../agent-runner.ts';
import type { ControlResponse } from './cli-messages.ts';

/** What came of a request to Claude Code; `silent` when no answer came in time, or can come any more. */
export type ControlAnswer =
  | { readonly kind: 'done'; readonly response: unknown }
  | { readonly kind: 'refused'; readonly code: string | undefined; readonly reason: string }
  | { readonly kind: 'silent' };

export type ControlChannelOptions = {
  /** Rejects with AgentError when nobody is there to read. */
  readonly write: (frame: unknown) => Promise<void>;
  /** Longest wait for an answer. */
  readonly answerMs: number;
};

type Pending = {
  readonly resolve: (answer: ControlAnswer) => void;
  readonly timer: NodeJS.Timeout;
};

/** Our requests to one process, besides the conversation itself; each gets its answer, or is told that there is none. */
export class ControlChannel {
  readonly #options: ControlChannelOptions;
  readonly #pending = new Map<string, Pending>();
  #isClosed = false;

  constructor(options: ControlChannelOptions) {
    this.#options = options;
  }

  async request(subtype: string, fields: object = {}, answerMs = this.#options.answerMs): Promise<ControlAnswer> {
    if (this.#isClosed) return { kind: 'silent' };
    const requestId = newId();
    const { promise, resolve } = Promise.withResolvers<ControlAnswer>();
    const timer = setTimeout(() => this.#settle(requestId, { kind: 'silent' }), answerMs);
    this.#pending.set(requestId, { resolve, timer });
    try {
      await this.#options.write({ type: 'control_request', request_id: requestId, request: { subtype, ...fields } });
    } catch (error) {
      this.#settle(requestId, { kind: 'silent' });
      if (!(error instanceof AgentError)) throw error;
    }
    return await promise;
  }

  take({ response }: ControlResponse): void {
    const { request_id: requestId, subtype, error = '', error_code: code } = response;
    this.#settle(
      requestId,
      subtype === 'success' ? { kind: 'done', response: response.response } : { kind: 'refused', code, reason: error },
    );
  }

  /** Nobody will answer any more. Twice is fine. */
  close(): void {
    this.#isClosed = true;
    for (const requestId of [...this.#pending.keys()]) this.#settle(requestId, { kind: 'silent' });
  }

  #settle(requestId: string, answer: ControlAnswer): void {
    const pending = this.#pending.get(requestId);
    if (pending === undefined) return;
    this.#pending.delete(requestId);
    clearTimeout(pending.timer);
    pending.resolve(answer);
  }
}
