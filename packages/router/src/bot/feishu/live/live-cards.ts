import { isDoneWithin } from '@phonework/shared/done-within';
import type { Language } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { EndedTurn, TurnView } from '../../chat-channel.ts';
import type { FeishuApi } from '../api.ts';
import { isRefused } from '../feishu-error.ts';
import type { EndingTimings } from './card-endings.ts';
import { CardEndings } from './card-endings.ts';
import { CardKit } from './card-kit.ts';
import { CardOpener } from './card-opener.ts';
import type { CardRow } from './card-rows.ts';
import { CardRows } from './card-rows.ts';
import type { LiveTimings } from './live-card.ts';
import { LiveCard } from './live-card.ts';
import type { ShownCard } from './shown-card.ts';

/** Durations in ms. */
export type CardTimings = LiveTimings &
  EndingTimings & {
    /** How long a CardKit that was refused to the app is left alone. */
    readonly kitRetryMs: number;
    /** An answer that could not take its place for so long is sent as a message. */
    readonly completeWithinMs: number;
    /** What a stop waits for calls under way. */
    readonly stopGraceMs: number;
  };

export const cardTimings: CardTimings = {
  openAfterMs: 700,
  gapMs: 300,
  patchGapMs: 1200,
  tickMs: 3000,
  slowTickMs: 10_000,
  forgetAfterMs: 5 * 60_000,
  callTimeoutMs: 5000,
  retryMinMs: 1000,
  retryMaxMs: 60_000,
  kitRetryMs: 3_600_000,
  completeWithinMs: 15_000,
  stopGraceMs: 1000,
};

/** Of Feishu's 1000 calls a minute each card in use gets as many as the others. */
const SHARE_MS = 80;

/** Turns that are over, of which a late word must not make a new card. */
const MAX_OVER = 2000;

/** A turn's card that nothing is shown in any more. */
export type HaltedCard = { readonly row: CardRow; readonly card: ShownCard | undefined };

/** The cards that show turns while they run, and what becomes of them. */
export class LiveCards {
  readonly #api: FeishuApi;
  readonly #rows: CardRows;
  readonly #opener: CardOpener;
  readonly #endings: CardEndings;
  readonly #logger: Logger;
  readonly #timings: CardTimings;
  readonly #live = new Map<string, LiveCard>();
  readonly #over = new Set<string>();
  /** Turns whose answer waits for its place, and since when. */
  readonly #waiting = new Map<string, number>();
  #isStopped = false;

  constructor(options: {
    readonly api: FeishuApi;
    readonly store: Store;
    readonly logger: Logger;
    readonly timings: CardTimings;
  }) {
    const { api, store, logger, timings } = options;
    this.#api = api;
    this.#logger = logger;
    this.#timings = timings;
    this.#rows = new CardRows(store);
    const { kitRetryMs } = timings;
    this.#opener = new CardOpener({ api, kit: new CardKit(api), rows: this.#rows, logger, kitRetryMs });
    this.#endings = new CardEndings({
      rows: this.#rows,
      replace: (row, card, call) => this.#opener.cardOf(row).replace(card, call),
      logger,
      timings,
    });
  }

  /** Goes on with what an earlier process left behind. */
  start(): void {
    this.#endings.wake();
  }

  /** Never throws. */
  show(view: TurnView): void {
    if (this.#isStopped || this.#over.has(view.id)) return;
    const live = this.#live.get(view.id);
    if (live === undefined) this.#live.set(view.id, this.#begin(view));
    else live.show(view);
  }

  /** The turn is over: nothing more is shown of it. Undefined where it has no card. Rejects with StoreError. */
  async halt(viewId: string): Promise<HaltedCard | undefined> {
    this.#noteOver(viewId);
    const live = this.#live.get(viewId);
    this.#live.delete(viewId);
    const card = await live?.close();
    const row = this.#rows.find(viewId);
    return row && { row, card };
  }

  /**
   * Puts the answer's card, as JSON, in the place of the turn's. Resolves with the id of the message that shows it;
   * undefined where it has to be a message of its own. Doing it again is fine. Rejects where it is to be tried again.
   */
  async complete({ row, card }: HaltedCard, content: string): Promise<string | undefined> {
    if (row.state === 'completed') return row.messageId;
    if (row.state === 'ended') return undefined;
    const { viewId } = row;
    try {
      const shown = card ?? (await this.#cardOf(row));
      if (shown?.messageId === undefined) return undefined;
      await shown.replace(content, { urgency: 'answer' });
      await this.#rows.completed(viewId);
      this.#waiting.delete(viewId);
      return shown.messageId;
    } catch (error) {
      // Whatever became of it: once the card's turn is ended, its place is taken by the word that the answer is below.
      if (!isRefused(error) && !this.#hasWaited(viewId)) throw error;
      this.#waiting.delete(viewId);
      this.#logger.info({ err: error }, 'Feishu does not let a card become the answer, sending it as a message');
      return undefined;
    }
  }

  /** The answer is a message of its own. The card says so once the endings are woken. Rejects with StoreError. */
  async leave({ row }: HaltedCard, turn: EndedTurn, language: Language): Promise<void> {
    if (row.state === 'open') await this.#rows.end(row.viewId, { tookMs: turn.tookMs, language });
  }

  /** Something was said below the cards of a chat: over restarts too, where what was said is not said again. */
  overtake(chatId: string): void {
    this.#rows.overtakeLater(chatId);
  }

  /** Never blocks, never fails. */
  wakeEndings(): void {
    this.#endings.wake();
  }

  /** Puts another card, as JSON, in the place of the one that a message shows. Rejects with FeishuError. */
  async replace(messageId: string, content: string): Promise<void> {
    const row = this.#rows.shownBy(messageId);
    if (row === undefined) await this.#api.patchMessage(messageId, content);
    else await this.#opener.cardOf(row).replace(content, { urgency: 'answer' });
  }

  /** Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const closing = [...this.#live.values()].map((live) => live.close());
    this.#live.clear();
    await isDoneWithin(Promise.all([...closing, this.#endings.stop()]), this.#timings.stopGraceMs);
  }

  /** Undefined where it may not be in the chat, and can't be brought there without a risk of showing it twice. */
  async #cardOf(row: CardRow): Promise<ShownCard | undefined> {
    const face = { status: '⏳', text: '…' };
    const sent = row.messageId === undefined ? await this.#opener.send(row, face, { urgency: 'answer' }) : row;
    return sent && this.#opener.cardOf(sent);
  }

  #begin(view: TurnView): LiveCard {
    const { id } = view;
    return new LiveCard(view, {
      opener: this.#opener,
      timings: this.#timings,
      minGapMs: () => this.#live.size * SHARE_MS,
      onForgotten: () => this.#live.delete(id),
    });
  }

  /** Whether its answer has waited for its place for long; the wait begins with the first time that this is asked. */
  #hasWaited(viewId: string): boolean {
    const now = performance.now();
    const since = this.#waiting.get(viewId) ?? now;
    this.#waiting.set(viewId, since);
    return now - since > this.#timings.completeWithinMs;
  }

  #noteOver(viewId: string): void {
    this.#over.add(viewId);
    const [oldest] = this.#over;
    if (this.#over.size > MAX_OVER && oldest !== undefined) this.#over.delete(oldest);
  }
}
