import { setTimeout as delay } from 'node:timers/promises';
import { isDoneWithin } from '@phonework/shared/done-within';
import * as z from 'zod';
import type { MessageEdit } from '../chat-channel.ts';
import { toTextCard } from './card.ts';
import { isFixed } from './feishu-error.ts';
import type { LiveCards } from './live/live-cards.ts';

/** `card.action.trigger` of any button. */
const Press = z.object({ context: z.object({ open_message_id: z.string() }) });

/** Feishu does not wait longer for the answer to a press. */
const PRESS_MS = 3000;

/** Other texts in the place of messages with buttons, and when that may be. */
export class MessageEdits {
  readonly #live: LiveCards;
  readonly #settleMs: number;
  readonly #stopping = new AbortController();
  /** Of messages with a fresh press. */
  readonly #settling = new Map<string, Promise<void>>();

  constructor(options: {
    readonly live: LiveCards;
    /** Feishu undoes a change that comes sooner after the answer to a press. */
    readonly settleMs: number;
  }) {
    this.#live = options.live;
    this.#settleMs = options.settleMs;
  }

  /** Resolves as `answer` does. */
  async duringPress<T>(press: unknown, answer: () => Promise<T>): Promise<T> {
    const messageId = Press.safeParse(press).data?.context.open_message_id;
    const answering = answer();
    if (messageId === undefined) return await answering;
    const settling = this.#settle(answering).finally(() => {
      if (this.#settling.get(messageId) === settling) this.#settling.delete(messageId);
    });
    this.#settling.set(messageId, settling);
    return await answering;
  }

  /** Rejects with FeishuError. What can't be changed any more is left as it is. */
  async edit({ shownId, text }: MessageEdit): Promise<void> {
    for (let settling = this.#settling.get(shownId); settling !== undefined; settling = this.#settling.get(shownId)) {
      await settling;
    }
    try {
      await this.#live.replace(shownId, JSON.stringify(toTextCard(text)));
    } catch (error) {
      if (!isFixed(error)) throw error;
    }
  }

  /** Nothing waits any longer. Stopping twice is fine. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Never rejects. */
  async #settle(answering: Promise<unknown>): Promise<void> {
    try {
      await isDoneWithin(answering, PRESS_MS);
      await delay(this.#settleMs, undefined, { signal: this.#stopping.signal });
    } catch {
      // The press was not answered, or the channel stops: there is nothing to wait for.
    }
  }
}
