import type { Language, Said, Text } from '@phonework/shared/language';
import type { Progress } from '../progress.ts';
import { showProgress } from '../progress.ts';
import type { AgentEvent, AgentResult } from './agent-runner.ts';
import { SilenceWatch } from './silence.ts';
import { TurnView } from './turn-view.ts';

const PROGRESS_INTERVAL_MS = 300;
/** How often it is shown anew how long a tool takes, or the silence. */
const TICK_MS = 5000;

/** Why a turn was ended before its time. `taken-back`: its user did that with the message, and expects no answer. */
export type StopReason = 'user' | 'limit' | 'taken-back';

/** How a turn came to its end. */
export type TurnEnd =
  | { readonly kind: 'answered'; readonly result: AgentResult }
  | { readonly kind: 'stopped'; readonly by: StopReason; readonly said: string }
  | { readonly kind: 'failed'; readonly message: Said; readonly said: string }
  /** The node shuts down: the next start sees to it. */
  | { readonly kind: 'left' };

export type RunningTurnOptions = {
  /** The session's folder. */
  readonly folder: string;
  /** Of its user. */
  readonly language: () => Language;
  readonly show: (text: string, step: string | undefined) => void;
  /** Told when silence lasts so long that the user has to know. */
  readonly onSilence: (text: Text) => void;
  readonly onTooLong: () => void;
  readonly timeoutMs: number;
};

/** What one turn has shown so far, and how long it has been at it. */
export class RunningTurn {
  readonly startedAt = performance.now();
  /** Aborted once it is to end. */
  readonly stopping = new AbortController();
  readonly ended: Promise<TurnEnd>;
  readonly #end: (end: TurnEnd) => void;
  readonly #view: TurnView;
  readonly #silence: SilenceWatch;
  readonly #progress: Progress;
  readonly #options: RunningTurnOptions;
  readonly #tick: NodeJS.Timeout;
  #limit: NodeJS.Timeout | undefined;
  #leftMs: number;
  #limitSetAt = 0;
  #stoppedBy: StopReason | undefined;

  constructor(options: RunningTurnOptions) {
    this.#options = options;
    this.#view = new TurnView({ folder: options.folder });
    this.#silence = new SilenceWatch({ activity: this.#view.activity, onSilence: options.onSilence });
    this.#progress = showProgress(options.show, { intervalMs: PROGRESS_INTERVAL_MS });
    this.#tick = setInterval(() => this.#show(), TICK_MS);
    this.#leftMs = options.timeoutMs;
    this.#startClock();
    const { promise, resolve } = Promise.withResolvers<TurnEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#show();
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** What it does now. */
  get step(): Text | undefined {
    return this.#silence.step ?? this.#view.step;
  }

  /** The same with the time that this takes, for those who look once. */
  get timedStep(): Text | undefined {
    return this.#silence.step ?? this.#view.timedStep;
  }

  get isWaitingForUser(): boolean {
    return this.#view.activity.isWaitingForUser;
  }

  get stoppedBy(): StopReason | undefined {
    return this.#stoppedBy;
  }

  /** Takes what happens; a `turn-ended` is its end. */
  take(event: AgentEvent): void {
    const wasWaiting = this.isWaitingForUser;
    this.#view.take(event);
    this.#setClock(wasWaiting);
    if (event.kind === 'turn-ended') this.#finish(event.result);
    this.#show();
  }

  /** The user has answered. */
  answered(requestId: string): void {
    const wasWaiting = this.isWaitingForUser;
    this.#view.activity.answered(requestId);
    this.#setClock(wasWaiting);
    this.#show();
  }

  /** It is to end; whoever runs it makes it end. Only the first reason counts. */
  stop(by: StopReason): void {
    this.#stoppedBy ??= by;
    this.stopping.abort();
  }

  fail(message: Said): void {
    const said = this.#view.text;
    const by = this.#stoppedBy;
    this.#end(by === undefined ? { kind: 'failed', message, said } : { kind: 'stopped', by, said });
  }

  leave(): void {
    this.#end({ kind: 'left' });
    this.stopping.abort();
  }

  /** Nothing is shown after this. */
  close(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#limit);
    this.#silence.close();
    this.#progress.close();
  }

  #finish(result: AgentResult): void {
    const by = this.#stoppedBy;
    if (by !== undefined && (result.isInterrupted || result.failure !== undefined)) {
      this.#end({ kind: 'stopped', by, said: this.#view.text });
    } else this.#end({ kind: 'answered', result });
  }

  #show(): void {
    this.#progress.show(this.#view.text, this.step?.[this.#options.language()]);
  }

  /** The time in which the user is asked is not the agent's. */
  #setClock(wasWaiting: boolean): void {
    if (wasWaiting === this.isWaitingForUser) return;
    if (wasWaiting) this.#startClock();
    else {
      clearTimeout(this.#limit);
      this.#leftMs -= performance.now() - this.#limitSetAt;
    }
  }

  #startClock(): void {
    this.#limitSetAt = performance.now();
    this.#limit = setTimeout(() => this.#options.onTooLong(), Math.min(Math.max(0, this.#leftMs), 2 ** 31 - 1));
  }
}
