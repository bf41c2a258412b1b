import { randomUUID } from 'node:crypto';
import type { Mode } from './flags.ts';
import { isMode } from './flags.ts';
import type { PermissionAnswer } from './input-line.ts';
import { Interruption } from './interruption.ts';
import type { Json } from './json.ts';
import { isJson, textOf } from './json.ts';
import type { Output } from './output.ts';
import type { PermissionRules } from './permission-rules.ts';
import type { ToolUse } from './tool-use.ts';

/** What came of asking. `source` is the CLI's word for who decided. */
export type Verdict =
  | { readonly allowed: true; readonly input: Json; readonly source: 'user_temporary' | 'config' }
  | { readonly allowed: false; readonly message: string; readonly source: 'user_reject' | 'config' };

type Pending = {
  readonly requestId: string;
  readonly settle: (answer: PermissionAnswer) => void;
  isWithdrawn: boolean;
};

/** Asks for permissions on stdout, one at a time, and knows when there is no need to. */
export class Permissions {
  #mode: Mode;
  readonly #output: Output;
  readonly #rules: PermissionRules;
  readonly #hasHost: boolean;
  readonly #onWaiting: (isWaiting: boolean) => void;
  #pending: Pending | undefined;
  #isClosed = false;

  constructor(options: {
    readonly mode: Mode;
    readonly output: Output;
    readonly rules: PermissionRules;
    readonly hasHost: boolean;
    readonly onWaiting: (isWaiting: boolean) => void;
  }) {
    this.#mode = options.mode;
    this.#output = options.output;
    this.#rules = options.rules;
    this.#hasHost = options.hasHost;
    this.#onWaiting = options.onWaiting;
  }

  get mode(): Mode {
    return this.#mode;
  }

  setMode(mode: Mode): void {
    this.#mode = mode;
    this.#output.system('status', { status: null, permissionMode: mode });
  }

  /** Rejects with Interruption when `signal` fires, or when the answer says so. */
  async judge(use: ToolUse, signal: AbortSignal): Promise<Verdict> {
    if (signal.aborted) throw new Interruption();
    if (!this.#mustAsk(use)) return { allowed: true, input: use.input, source: 'config' };
    if (!this.#hasHost) {
      const message = `Claude requested permissions to use ${use.name}, but you haven't granted it yet.`;
      return { allowed: false, message, source: 'config' };
    }
    if (this.#isClosed) return closedStream;
    return this.#toVerdict(use, await this.#ask(use, signal));
  }

  /** For a request that is not open it does nothing, as the real program. */
  answer(requestId: string, answer: PermissionAnswer): void {
    if (this.#pending?.requestId === requestId) this.#pending.settle(answer);
  }

  /** Says that nobody needs to answer any more. */
  withdraw(): void {
    if (this.#pending === undefined || this.#pending.isWithdrawn) return;
    this.#pending.isWithdrawn = true;
    this.#output.control({ type: 'control_cancel_request', request_id: this.#pending.requestId });
  }

  /** Whoever could have answered has closed stdin. */
  close(): void {
    this.#isClosed = true;
    this.#pending?.settle({ error: CLOSED });
  }

  #mustAsk(use: ToolUse): boolean {
    if (use.isHarmless === true) return false;
    if (use.interacts === true) return true;
    if (this.#mode === 'bypassPermissions') return false;
    if (this.#mode === 'acceptEdits' && (use.name === 'Write' || use.name === 'Edit')) return false;
    return !this.#rules.allow(use);
  }

  async #ask(use: ToolUse, signal: AbortSignal): Promise<PermissionAnswer> {
    const requestId = randomUUID();
    this.#output.state('requires_action');
    this.#output.control({ type: 'control_request', request_id: requestId, request: toRequest(use) });
    this.#onWaiting(true);
    try {
      return await new Promise((resolve, reject) => {
        this.#pending = { requestId, settle: resolve, isWithdrawn: false };
        const stop = () => {
          this.withdraw();
          reject(new Interruption());
        };
        signal.addEventListener('abort', stop, { once: true });
      });
    } finally {
      this.#pending = undefined;
      this.#onWaiting(false);
      this.#output.state('running');
    }
  }

  #toVerdict(use: ToolUse, { answer, error }: PermissionAnswer): Verdict {
    if (error !== undefined) {
      const reason = error === CLOSED ? error : `Error: ${error}`;
      return { allowed: false, message: `Tool permission request failed: ${reason}`, source: 'config' };
    }
    if (answer?.behavior === 'allow') {
      this.#apply(answer.updatedPermissions);
      const input = isJson(answer.updatedInput) ? answer.updatedInput : use.input;
      return { allowed: true, input, source: 'user_temporary' };
    }
    if (answer?.behavior !== 'deny' || typeof answer.message !== 'string') {
      const message = 'The canUseTool callback returned an invalid permission result.';
      return { allowed: false, message, source: 'config' };
    }
    if (answer.interrupt === true) throw new Interruption();
    return { allowed: false, message: answer.message, source: 'user_reject' };
  }

  #apply(updates: unknown): void {
    for (const update of Array.isArray(updates) ? updates : []) {
      if (!isJson(update)) continue;
      if (update.type === 'setMode' && isMode(update.mode)) this.setMode(update.mode);
      if (update.type === 'addRules' && Array.isArray(update.rules)) {
        this.#rules.add(update.rules.filter(isJson), textOf(update.destination));
      }
    }
  }
}

const CLOSED = 'AbortError: Tool permission stream closed before response received';

const closedStream: Verdict = {
  allowed: false,
  message: `Tool permission request failed: ${CLOSED}`,
  source: 'config',
};

function toRequest(use: ToolUse): Json {
  return {
    subtype: 'can_use_tool',
    tool_name: use.name,
    display_name: use.name,
    input: use.input,
    ...(use.description === undefined ? {} : { description: use.description }),
    ...(use.suggestions === undefined ? {} : { permission_suggestions: use.suggestions }),
    tool_use_id: use.id,
    ...(use.interacts === true ? { requires_user_interaction: true } : {}),
  };
}
