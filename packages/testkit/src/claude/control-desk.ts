import { isMode, modes } from './flags.ts';
import type { Json } from './json.ts';
import { textOf } from './json.ts';
import type { Output } from './output.ts';
import type { Permissions } from './permissions.ts';

const DEFAULT_MODEL = 'claude-opus-5-5';

class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers the requests with which a host steers the program. */
export class ControlDesk {
  #model: string;
  readonly #output: Output;
  readonly #permissions: Permissions;
  readonly #mayBypass: boolean;
  readonly #interrupt: () => readonly string[];

  constructor(options: {
    readonly output: Output;
    readonly permissions: Permissions;
    readonly mayBypass: boolean;
    readonly model: string | undefined;
    /** Returns the messages that still wait. */
    readonly interrupt: () => readonly string[];
  }) {
    this.#output = options.output;
    this.#permissions = options.permissions;
    this.#mayBypass = options.mayBypass;
    this.#model = fullName(options.model);
    this.#interrupt = options.interrupt;
  }

  get model(): string {
    return this.#model;
  }

  serve(requestId: string, request: Json): void {
    try {
      this.#answer({ subtype: 'success', request_id: requestId, response: this.#perform(request) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#answer({ subtype: 'error', request_id: requestId, error: error.message, error_code: error.code });
    }
    if (request.subtype === 'set_permission_mode' && isMode(request.mode) && this.#mayTake(request.mode)) {
      this.#permissions.setMode(request.mode);
    }
  }

  #answer(response: Json): void {
    this.#output.control({ type: 'control_response', response });
  }

  #perform(request: Json): Json {
    switch (request.subtype) {
      case 'initialize':
        return { commands: [], models: [], account: {}, pid: process.pid, output_style: 'default' };
      case 'interrupt':
        return { still_queued: this.#interrupt() };
      case 'set_permission_mode':
        return { mode: this.#checkMode(request.mode) };
      case 'set_model':
        return { model: this.#setModel(request.model) };
      case 'get_context_usage':
        return { categories: [], totalTokens: 2177, maxTokens: 1_000_000, rawMaxTokens: 1_000_000, percentage: 0 };
      default:
        throw new Refusal('unsupported_request', `Unsupported control request subtype: ${textOf(request.subtype)}`);
    }
  }

  #checkMode(mode: unknown): string {
    if (!isMode(mode)) {
      throw new Refusal('invalid_mode', `Cannot set permission mode: must be one of ${modes.join(', ')}`);
    }
    if (this.#mayTake(mode)) return mode;
    const reason = 'the session was not launched with --dangerously-skip-permissions';
    throw new Refusal('bypass_not_launched', `Cannot set permission mode to bypassPermissions because ${reason}`);
  }

  #mayTake(mode: string): boolean {
    return mode !== 'bypassPermissions' || this.#mayBypass;
  }

  #setModel(model: unknown): string {
    const name = fullName(typeof model === 'string' ? model : undefined);
    if (!name.startsWith('claude-')) throw new Refusal('check_rejected', 'API error: 404 · model not changed');
    this.#model = name;
    return name;
  }
}

function fullName(model: string | undefined): string {
  if (model === undefined || model === 'default') return DEFAULT_MODEL;
  return /^(opus|sonnet|haiku)$/.test(model) ? `claude-${model}-5-5` : model;
}
