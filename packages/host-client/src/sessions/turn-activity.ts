import type { Said } from '@phonework/shared/language';
import type { AgentEvent } from './agent-runner.ts';
import type { ToolUse } from './tool-label.ts';
import { toolLabel } from './tool-label.ts';

/** A tool that runs. Times are of the clock that the activity was made with, in ms. */
export type OpenTool = { readonly label: string; readonly startedAt: number };

type Retry = { readonly attempt: number; readonly maxAttempts: number; readonly reason: Said };

const maxLabel = 100;

/** What goes on in a turn, as its events tell it. */
export class TurnActivity {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #tools = new Map<string, OpenTool>();
  readonly #asks = new Map<string, string | undefined>();
  #startedAt: number;
  #since: number;
  #lastEventAt: number;
  #isRunning = true;
  #isWriting = false;
  #retry: Retry | undefined;
  #finishedTool: string | undefined;

  /** Begins with the turn. `now` is a clock that a change of the date does not move. */
  constructor(folder: string, now: () => number = () => performance.now()) {
    this.#folder = folder;
    this.#now = now;
    this.#startedAt = now();
    this.#since = this.#startedAt;
    this.#lastEventAt = this.#startedAt;
  }

  /** What comes from the agent. */
  take(event: AgentEvent): void {
    // A line that means nothing is no sign of life.
    if (event.kind === 'noise') return;
    this.#lastEventAt = this.#now();
    if (event.kind === 'text') {
      if (!this.#isWriting) this.#turnTo({ isWriting: true });
      return;
    }
    this.#takeStep(event);
  }

  /** The user has answered: what waited for it goes on from here. */
  answered(requestId: string): void {
    const waited = this.#asks.get(requestId);
    if (!this.#asks.delete(requestId)) return;
    this.#lastEventAt = this.#now();
    this.#since = this.#lastEventAt;
    // A tool is said to start before its permission is asked for.
    for (const [id, tool] of this.#tools) {
      if (tool.label === waited) this.#tools.set(id, { ...tool, startedAt: this.#lastEventAt });
    }
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isWaitingForUser(): boolean {
    return this.#asks.size > 0;
  }

  /** Those that run now, oldest first. */
  get tools(): readonly OpenTool[] {
    return [...this.#tools.values()];
  }

  /** Whether the model writes text right now. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Set while the model's service is asked again. */
  get retry(): Retry | undefined {
    return this.#retry;
  }

  /** The tool after whose end nothing has come yet. */
  get finishedTool(): string | undefined {
    return this.#finishedTool;
  }

  /** How long the turn takes so far. */
  get elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  /** How long the newest thing takes so far. */
  get stepMs(): number {
    const newest = this.tools.at(-1);
    return this.#now() - (newest?.startedAt ?? this.#since);
  }

  /** When the last thing came, on the clock that the activity was made with. */
  get silentSince(): number {
    return this.#lastEventAt;
  }

  /** How long nothing has come. */
  get silentMs(): number {
    return this.#now() - this.#lastEventAt;
  }

  #takeStep(event: Exclude<AgentEvent, { kind: 'text' | 'noise' }>): void {
    switch (event.kind) {
      case 'turn-started':
        this.#begin();
        break;
      case 'turn-ended':
        this.#isRunning = false;
        this.#forget();
        break;
      case 'tool-ended':
        this.#endTool(event.toolUseId);
        break;
      case 'ask-withdrawn':
        this.answered(event.requestId);
        break;
      case 'retry':
        this.#turnTo({ retry: event });
        break;
      case 'tool-started':
        this.#tools.set(event.toolUseId, { label: this.#label(event), startedAt: this.#lastEventAt });
        this.#turnTo({});
        break;
      case 'asks':
        this.#asks.set(event.requestId, this.#labelOfAsk(event.ask));
        this.#turnTo({});
        break;
      case 'message':
      case 'compacted':
      case 'conversation-changed':
        this.#turnTo({});
        break;
    }
  }

  #begin(): void {
    // The first one says what is known already; a later one is a turn that nobody asked for.
    if (!this.#isRunning) this.#startedAt = this.#lastEventAt;
    this.#isRunning = true;
    this.#forget();
    this.#turnTo({});
  }

  #forget(): void {
    this.#tools.clear();
    this.#asks.clear();
  }

  #endTool(id: string): void {
    const ended = this.#tools.get(id);
    this.#tools.delete(id);
    this.#turnTo({ ...(ended && { finishedTool: ended.label }) });
  }

  #turnTo(step: { readonly isWriting?: boolean; readonly retry?: Retry; readonly finishedTool?: string }): void {
    this.#since = this.#lastEventAt;
    this.#isWriting = step.isWriting ?? false;
    this.#retry = step.retry;
    this.#finishedTool = step.finishedTool;
  }

  #label(tool: ToolUse): string {
    return toolLabel(tool, this.#folder, maxLabel);
  }

  #labelOfAsk(ask: Extract<AgentEvent, { kind: 'asks' }>['ask']): string | undefined {
    return ask.kind === 'permission' ? this.#label({ name: ask.tool, input: ask.input }) : undefined;
  }
}
