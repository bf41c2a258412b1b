import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { visibleLine } from '../texts/visible.ts';
import { activityTexts as texts } from './activity-texts.ts';
import type { AgentEvent } from './agent-runner.ts';
import { TurnActivity } from './turn-activity.ts';
import { TurnText } from './turn-text.ts';

const maxStep = 100;

/** What is over in a moment needs no clock. */
const timedAfterMs = 3000;

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

  /**
   * What it does now, in at most 100 characters: undefined when the turn is over. A tool that takes a while is told with
   * its seconds; how long the turn takes is told beside it.
   */
  get step(): Text | undefined {
    return this.#step((stepMs, isTool) => isTool && stepMs > timedAfterMs);
  }

  /** The same for those who look once: always with its seconds. */
  get timedStep(): Text | undefined {
    return this.#step(() => true);
  }

  #step(isTimed: (stepMs: number, isTool: boolean) => boolean): Text | undefined {
    const { isRunning, isWaitingForUser, isWriting, retry, tools, stepMs } = this.activity;
    if (!isRunning) return undefined;
    if (isWaitingForUser) return texts.waitingForAnswer;
    if (retry !== undefined) return withNumbers(texts.retrying(retry.attempt, retry.maxAttempts, retry.reason), []);
    const tool = tools.at(-1);
    const others = tools.length - 1;
    return withNumbers(tool?.label ?? (isWriting ? texts.writing : texts.thinking), [
      ...(isTimed(stepMs, tool !== undefined) ? [formatDuration(stepMs)] : []),
      ...(others > 0 ? [texts.more(others)] : []),
    ]);
  }
}

/** The numbers stay whole: it is the name that gives way. */
function withNumbers(name: Said, numbers: readonly Said[]): Text {
  return bilingual((language) => {
    const end = numbers.map((number) => ` · ${inLanguage(number, language)}`).join('');
    return visibleLine(inLanguage(name, language), maxStep - end.length) + end;
  });
}
