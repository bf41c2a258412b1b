import { formatDuration } from '@phonework/shared/duration';
import type { Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { visibleLine } from '../texts/visible.ts';
import { activityTexts as texts } from './activity-texts.ts';
import type { TurnActivity } from './turn-activity.ts';

/** From then on the step says that nothing comes. */
const noticedAfterMs = 60_000;

const minuteMs = 60_000;

/** After so much silence the user gets a message of its own, and then again after each `repeatMs`. */
const messagesAfterMs = [2 * minuteMs, 5 * minuteMs, 15 * minuteMs, 30 * minuteMs] as const;
const repeatMs = 30 * minuteMs;

/** How long a tool's name may be in a sentence. */
const maxName = 50;

/** Explains the silence of a turn: who it is that does not say anything, and for how long. It never ends anything. */
export class SilenceWatch {
  readonly #activity: TurnActivity;
  readonly #onSilence: (text: Text) => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the silence began that was spoken of, and how long it was then. */
  #said = { since: 0, afterMs: 0 };

  /** `onSilence` takes what the user should be sent as a message. */
  constructor(options: { readonly activity: TurnActivity; readonly onSilence: (text: Text) => void }) {
    this.#activity = options.activity;
    this.#onSilence = options.onSilence;
    this.#arm();
  }

  /** What to show instead of the turn's step; undefined while there is nothing to explain. */
  get step(): Text | undefined {
    return this.#isExplained && this.#activity.silentMs >= noticedAfterMs ? this.#explain(texts.toolSilent) : undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The user who is asked knows who does not say anything. */
  get #isExplained(): boolean {
    return this.#activity.isRunning && !this.#activity.isWaitingForUser;
  }

  /** The length of this silence that is worth the next message. */
  get #nextMs(): number {
    const saidMs = this.#said.since === this.#activity.silentSince ? this.#said.afterMs : 0;
    const next = messagesAfterMs.find((afterMs) => afterMs > saidMs);
    return next ?? (Math.floor(saidMs / repeatMs) + 1) * repeatMs;
  }

  /** Looks now and then instead of at each event: then an event costs nothing here. */
  #arm(): void {
    this.#timer = setTimeout(() => this.#look(), Math.min(minuteMs, this.#nextMs - this.#activity.silentMs));
  }

  #look(): void {
    const { silentMs, silentSince } = this.#activity;
    if (silentMs >= this.#nextMs) {
      this.#said = { since: silentSince, afterMs: silentMs };
      if (this.#isExplained) this.#onSilence(this.#explain(texts.toolSilentMessage));
    }
    this.#arm();
  }

  #explain(toolSilent: (tool: string, duration: string) => Text): Text {
    const { tools, finishedTool, retry, silentMs, stepMs } = this.#activity;
    const silent = formatDuration(silentMs);
    const tool = tools.at(-1);
    if (retry !== undefined) {
      const reason = bilingual((language) => visibleLine(inLanguage(retry.reason, language), maxName));
      return texts.modelSilentRetrying(retry.attempt, retry.maxAttempts, reason, silent);
    }
    if (tool !== undefined) return toolSilent(visibleLine(tool.label, maxName), formatDuration(stepMs));
    if (finishedTool === undefined) return texts.modelSilent(silent);
    return texts.modelSilentAfter(visibleLine(finishedTool, maxName), silent);
  }
}
