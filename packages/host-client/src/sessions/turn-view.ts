import { formatDuration } from '@phonework/shared/duration';
import { visibleLine } from '../texts/visible.ts';
import type { AgentEvent } from './agent-runner.ts';
import { sessionTexts as texts } from './session-texts.ts';
import { TurnActivity } from './turn-activity.ts';
import { TurnText } from './turn-text.ts';

const maxStep = 100;

/** A turn as it is shown while it runs. */
export class TurnView {
  /** For those who look at the same turn in another way. */
  readonly activity: TurnActivity;
  readonly #text = new TurnText();

  /** Paths are told from `folder`; `now` is as for TurnActivity. */
  constructor({ folder, now }: { readonly folder: string; readonly now?: () => number }) {
    this.activity = new TurnActivity(folder, now);
  }

  take(event: AgentEvent): void {
    this.activity.take(event);
    if (event.kind === 'text') this.#text.write(event.delta);
    else if (event.kind === 'message') this.#text.complete(event.text);
    else if (event.kind === 'turn-started') this.#text.clear();
  }

  /** What Claude said so far in this turn, or the end of it. */
  get text(): string {
    return this.#text.end;
  }

  /** What it does now, in at most 100 characters: undefined when the turn is over. Counts its seconds when asked for. */
  get step(): string | undefined {
    const activity = this.activity;
    if (!activity.isRunning) return undefined;
    const { elapsedMs, stepMs } = activity;
    const isWhole = elapsedMs - stepMs < 1000;
    const total = isWhole ? [] : [texts.inAll(formatDuration(elapsedMs))];
    const own = formatDuration(stepMs);
    const retry = activity.retry;
    const tool = activity.tools.at(-1);
    if (activity.isWaitingForUser) return join(texts.waitingForAnswer, total);
    if (retry !== undefined) return join(texts.retrying(retry.attempt, retry.maxAttempts, retry.reason), total);
    if (tool === undefined) return join(activity.isWriting ? texts.writing : texts.thinking, [own, ...total]);
    const others = activity.tools.length - 1;
    return join(tool.label, [own, ...(others > 0 ? [texts.more(others)] : []), ...total]);
  }
}

/** The numbers stay whole: it is the name that gives way. */
function join(name: string, numbers: readonly string[]): string {
  const end = numbers.map((number) => ` · ${number}`).join('');
  return visibleLine(name, maxStep - end.length) + end;
}
