import type { TurnView } from '../../chat-channel.ts';
import type { CallOptions } from '../api.ts';
import { FeishuError } from '../feishu-error.ts';
import type { CardOpener } from './card-opener.ts';
import type { ShownCard } from './shown-card.ts';
import { toTurnFace } from './turn-card.ts';

/** Durations in ms. */
export type LiveTimings = {
  /** A turn that is over within it is not shown while it runs. */
  readonly openAfterMs: number;
  /** Between two changes of a card, and of one that is patched. */
  readonly gapMs: number;
  readonly patchGapMs: number;
  /** How often the time goes on where nothing else does: in the first minute, and later. */
  readonly tickMs: number;
  readonly slowTickMs: number;
  /** A turn of which nothing was heard for so long is left as it is shown. */
  readonly forgetAfterMs: number;
  /** For one call. */
  readonly callTimeoutMs: number;
};

const MINUTE_MS = 60_000;
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;

/** Shows one turn while it runs: one change at a time, and always the newest state. */
export class LiveCard {
  readonly #opener: CardOpener;
  readonly #timings: LiveTimings;
  readonly #minGapMs: () => number;
  readonly #onForgotten: () => void;
  #view: TurnView;
  #card: ShownCard | undefined;
  #heardAt = performance.now();
  #notBefore: number;
  /** What the status line was made of, and when its time is to go on. */
  #status: { readonly step: string | undefined; readonly now: number } | undefined;
  #tickAt = 0;
  #isNew = true;
  /** Feishu takes no card for it. */
  #isHopeless = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isClosed = false;

  constructor(
    view: TurnView,
    options: {
      readonly opener: CardOpener;
      readonly timings: LiveTimings;
      /** What all cards together leave to each, ms. */
      readonly minGapMs: () => number;
      readonly onForgotten: () => void;
    },
  ) {
    this.#view = view;
    this.#opener = options.opener;
    this.#timings = options.timings;
    this.#minGapMs = options.minGapMs;
    this.#onForgotten = options.onForgotten;
    const { openAfterMs } = options.timings;
    // By the clock of whoever began the turn.
    const leftMs = Math.min(openAfterMs, Math.max(0, view.startedAt + openAfterMs - Date.now()));
    this.#notBefore = performance.now() + leftMs;
    this.#wake();
  }

  show(view: TurnView): void {
    this.#view = view;
    this.#heardAt = performance.now();
    this.#isNew = true;
    this.#wake();
  }

  /** Nothing more is shown. Resolves with the card, if there is one, when the change under way is done. */
  async close(): Promise<ShownCard | undefined> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#underWay;
    return this.#card;
  }

  #wake(): void {
    if (this.#isClosed || this.#underWay !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#change(), Math.max(0, this.#nextAt() - performance.now()));
  }

  #nextAt(): number {
    if (this.#isHopeless) return this.#heardAt + this.#timings.forgetAfterMs;
    return this.#isNew ? this.#notBefore : Math.max(this.#notBefore, this.#tickAt);
  }

  #change(): void {
    if (this.#isClosed) return;
    if (performance.now() - this.#heardAt >= this.#timings.forgetAfterMs) {
      this.#onForgotten();
      return;
    }
    this.#isNew = false;
    this.#underWay = this.#showNow().finally(() => {
      this.#underWay = undefined;
      this.#wake();
    });
  }

  /** Never rejects. */
  async #showNow(): Promise<void> {
    const options: CallOptions = { urgency: 'spare', timeoutMs: this.#timings.callTimeoutMs };
    const face = toTurnFace(this.#view, this.#statusTime());
    try {
      this.#card ??= await this.#opener.open(this.#view, face, options);
      this.#isHopeless = this.#card === undefined;
      await this.#card?.show(face, options);
      this.#failures = 0;
      this.#notBefore = performance.now() + this.#gapMs();
    } catch (error) {
      this.#failures += 1;
      this.#isNew = true;
      this.#notBefore = performance.now() + this.#retryMs(error);
    }
  }

  /** Each change of the status line is a call of its own: a word more of the text does not make its time go on. */
  #statusTime(): number {
    const { step, startedAt } = this.#view;
    if (this.#status === undefined || this.#status.step !== step || performance.now() >= this.#tickAt) {
      const now = Date.now();
      this.#status = { step, now };
      const { tickMs, slowTickMs } = this.#timings;
      this.#tickAt = performance.now() + (now - startedAt < MINUTE_MS ? tickMs : slowTickMs);
    }
    return this.#status.now;
  }

  #gapMs(): number {
    const { gapMs, patchGapMs } = this.#timings;
    return Math.max(this.#card?.isPatched ? patchGapMs : gapMs, this.#minGapMs());
  }

  #retryMs(error: unknown): number {
    const { code, retryAfterMs } = error instanceof FeishuError ? error : {};
    if (code === 'rate_limited') {
      const waitMs = Math.max(this.#gapMs(), retryAfterMs ?? MIN_RETRY_MS);
      return Math.min(waitMs, this.#timings.forgetAfterMs);
    }
    return Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** (this.#failures - 1));
  }
}
