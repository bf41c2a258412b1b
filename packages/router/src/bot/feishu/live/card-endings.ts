import type { Logger } from '@phonework/shared/log';
import type { CallOptions } from '../api.ts';
import { FeishuError, isRefused } from '../feishu-error.ts';
import type { CardRow, CardRows } from './card-rows.ts';
import { endedCard } from './turn-card.ts';

/** Durations in ms. */
export type EndingTimings = {
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly callTimeoutMs: number;
};

const AT_ONCE = 20;

/** However long Feishu asks to wait. */
const MAX_ASKED_MS = 3_600_000;

/** Puts another card in the place of a row's. Rejects with FeishuError. */
type Replace = (row: CardRow, card: string, options: CallOptions) => Promise<void>;

/**
 * Makes the cards of turns whose answer is another message say so: in its own time, over restarts, and with what calls
 * answers leave over. A card that Feishu does not let be changed stays as it is.
 */
export class CardEndings {
  readonly #rows: CardRows;
  readonly #replace: Replace;
  readonly #logger: Logger;
  readonly #timings: EndingTimings;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isAwake = false;
  #isStopped = false;

  constructor(options: {
    readonly rows: CardRows;
    readonly replace: Replace;
    readonly logger: Logger;
    readonly timings: EndingTimings;
  }) {
    this.#rows = options.rows;
    this.#replace = options.replace;
    this.#logger = options.logger;
    this.#timings = options.timings;
  }

  /** There may be something to do: at the start, and after each row that was ended. */
  wake(): void {
    this.#isAwake = true;
    if (this.#isStopped || this.#underWay !== undefined) return;
    clearTimeout(this.#timer);
    this.#underWay = this.#work().finally(() => {
      this.#underWay = undefined;
      if (this.#isAwake) this.wake();
    });
  }

  /** Resolves when the change under way is done. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    this.#isAwake = false;
    try {
      for (let rows = this.#rows.ended(AT_ONCE); rows.length > 0; rows = this.#rows.ended(AT_ONCE)) {
        for (const row of rows) {
          if (this.#isStopped) return;
          await this.#end(row);
        }
        this.#failures = 0;
      }
    } catch (error) {
      if (this.#isStopped) return;
      this.#failures += 1;
      this.#timer = setTimeout(() => this.wake(), this.#retryMs(error));
    }
  }

  /** Rejects where it is to be tried again. */
  async #end(row: CardRow): Promise<void> {
    const { viewId, tookMs = 0, language, messageId, cardId } = row;
    try {
      if (messageId !== undefined || cardId !== undefined) {
        const { callTimeoutMs: timeoutMs } = this.#timings;
        await this.#replace(row, endedCard({ tookMs, language }), { urgency: 'spare', timeoutMs });
      }
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#logger.debug({ err: error }, 'Feishu lets the card of a turn stay as it is');
    }
    await this.#rows.remove(viewId);
  }

  #retryMs(error: unknown): number {
    const { retryMinMs, retryMaxMs } = this.#timings;
    const asked = error instanceof FeishuError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(Math.min(asked, MAX_ASKED_MS), Math.min(retryMaxMs, retryMinMs * 2 ** (this.#failures - 1)));
  }
}
