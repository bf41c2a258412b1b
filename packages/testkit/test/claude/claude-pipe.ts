import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { waitFor } from '../../src/wait.ts';

/** A line of the program, or of us, as far as tests look at it. */
export type ClaudeEvent = {
  readonly type: string;
  readonly subtype?: string;
  readonly state?: string;
  readonly session_id?: string;
  readonly request_id?: string;
  readonly request?: {
    readonly subtype: string;
    readonly tool_name: string;
    readonly input: Readonly<Record<string, unknown>>;
  };
  readonly response?: { readonly request_id: string; readonly subtype: string; readonly [field: string]: unknown };
  readonly event?: { readonly type: string; readonly delta?: { readonly type?: string; readonly text?: string } };
  readonly [field: string]: unknown;
};

const flags = [
  ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
  ...['--include-partial-messages', '--permission-prompt-tool', 'stdio'],
];

/** `claude`, the real one or the stand-in, over plain pipes. */
export class ClaudePipe {
  readonly events: ClaudeEvent[] = [];
  /** Lines of stdout that are no JSON. */
  readonly noise: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #stderr = '';
  #rest = '';

  constructor(options: {
    readonly command: string;
    readonly args: readonly string[];
    readonly home: string;
    readonly cwd: string;
    readonly environment: Readonly<Record<string, string>>;
  }) {
    this.#child = spawn(options.command, [...flags, ...options.args], {
      cwd: options.cwd,
      env: {
        PATH: process.env.PATH,
        HOME: options.home,
        CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
        ...options.environment,
      },
      stdio: 'pipe',
    });
    this.#closed = once(this.#child, 'close');
    // It may be gone while we write: what matters then is how it ended.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Returns the message's id. */
  say(text: string): string {
    const uuid = randomUUID();
    const message = { role: 'user', content: text };
    this.write(JSON.stringify({ type: 'user', message, parent_tool_use_id: null, session_id: '', uuid }));
    return uuid;
  }

  /** Says something, and resolves with the events up to the end of the turn. */
  async turn(text: string, act?: (from: number) => Promise<void>): Promise<readonly ClaudeEvent[]> {
    const from = this.events.length;
    this.say(text);
    await act?.(from);
    await this.next(isIdle, from);
    return this.events.slice(from);
  }

  /** Resolves with the answer. */
  async control(request: Readonly<Record<string, unknown>>): Promise<NonNullable<ClaudeEvent['response']>> {
    const id = randomUUID();
    this.write(JSON.stringify({ type: 'control_request', request_id: id, request }));
    const { response } = await this.next((event) => event.response?.request_id === id);
    if (response === undefined) throw new Error('unreachable: the event was found by its response');
    return response;
  }

  answer(ask: ClaudeEvent, response: Readonly<Record<string, unknown>>): void {
    const wrapped = { subtype: 'success', request_id: ask.request_id, response };
    this.write(JSON.stringify({ type: 'control_response', response: wrapped }));
  }

  allow(ask: ClaudeEvent, more: Readonly<Record<string, unknown>> = {}): void {
    this.answer(ask, { behavior: 'allow', updatedInput: { ...ask.request?.input, ...more } });
  }

  async nextAsk(from = 0): Promise<ClaudeEvent> {
    return await this.next((event) => event.request?.subtype === 'can_use_tool', from);
  }

  async next(look: (event: ClaudeEvent) => boolean, from = 0): Promise<ClaudeEvent> {
    try {
      return await waitFor(() => this.events.slice(from).find(look), { timeoutMs: 20_000, what: 'the event' });
    } catch (cause) {
      const seen = this.events.slice(from).map((event) => JSON.stringify(event).slice(0, 200));
      throw new Error(['the event did not come; these came:', ...seen, this.#stderr].join('\n'), { cause });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  async ended(): Promise<{ readonly code: unknown; readonly signal: unknown }> {
    const [code, signal] = await this.#closed;
    return { code, signal };
  }

  #read(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      // Both programs write objects; what is none is noise.
      if (line.startsWith('{')) this.events.push(JSON.parse(line) as ClaudeEvent);
      else this.noise.push(line);
    }
  }
}

export function isIdle(event: ClaudeEvent): boolean {
  return event.subtype === 'session_state_changed' && event.state === 'idle';
}

export function isText(event: ClaudeEvent): boolean {
  return event.event?.delta?.type === 'text_delta';
}
