import type { Logger } from '@phonework/shared/log';
import type { TurnView } from '../../chat-channel.ts';
import type { CallOptions, FeishuApi } from '../api.ts';
import { isRefused } from '../feishu-error.ts';
import { partUuid } from '../render.ts';
import type { CardKit } from './card-kit.ts';
import type { CardRow, CardRows } from './card-rows.ts';
import { ShownCard } from './shown-card.ts';
import type { TurnFace } from './turn-card.ts';
import { turnCard } from './turn-card.ts';

/** Feishu knows a message by its uuid for an hour: within this time another attempt makes no second one. */
const UUID_MS = 50 * 60_000;

/** Whether CardKit refused a card for what is in it, and not the app that may not make any. */
function isAboutContent(code = 0): boolean {
  return code === 230099 || (code >= 200_000 && code < 202_000) || (code >= 300_000 && code < 302_000);
}

/** Brings the cards of turns into their chats, each once. */
export class CardOpener {
  readonly #api: FeishuApi;
  readonly #kit: CardKit;
  readonly #rows: CardRows;
  readonly #logger: Logger;
  readonly #kitRetryMs: number;
  #kitOffUntil = Number.NEGATIVE_INFINITY;

  constructor(options: {
    readonly api: FeishuApi;
    readonly kit: CardKit;
    readonly rows: CardRows;
    readonly logger: Logger;
    /** How long a CardKit that was refused to the app is left alone. */
    readonly kitRetryMs: number;
  }) {
    this.#api = options.api;
    this.#kit = options.kit;
    this.#rows = options.rows;
    this.#logger = options.logger;
    this.#kitRetryMs = options.kitRetryMs;
  }

  /**
   * The card of a turn, sent where it is not in the chat yet; undefined where there is to be none. Rejects with
   * FeishuError where that may go better a while later.
   */
  async open(view: TurnView, face: TurnFace, options: CallOptions): Promise<ShownCard | undefined> {
    const known = this.#rows.find(view.id);
    if (known === undefined) {
      const row = await this.#prepare(view, face, options);
      const sent = await this.send(row, face, options);
      return sent && this.cardOf(sent, face);
    }
    if (known.state !== 'open') return undefined;
    const sent = known.messageId === undefined ? await this.send(known, face, options) : known;
    return sent && this.cardOf(sent);
  }

  /**
   * Sends a card of which it is not known whether it is in the chat, and resolves with its row as it is then; undefined
   * where it can't be sent, or where that might show it twice. Rejects with FeishuError where that may go better a while
   * later.
   */
  async send(row: CardRow, face: TurnFace, options: CallOptions): Promise<CardRow | undefined> {
    if (Date.now() - row.openedAt > UUID_MS) return undefined;
    const { viewId, cardId } = row;
    const content =
      cardId === undefined
        ? turnCard(face, row, { isStreaming: false })
        : JSON.stringify({ type: 'card', data: { card_id: cardId } });
    const part = { messageType: 'interactive', content, uuid: partUuid(`live-${viewId}`, 1) } as const;
    try {
      const messageId = await this.#api.sendPart(part, row, options);
      await this.#rows.sent(viewId, messageId);
      return { ...row, messageId };
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#logger.debug({ err: error }, 'Feishu refused the card of a turn');
    }
    if (cardId === undefined) {
      await this.#rows.remove(viewId);
      return undefined;
    }
    await this.#rows.leftCardKit(viewId);
    return await this.send({ ...row, cardId: undefined }, face, options);
  }

  /** `shown` is what it is known to show. */
  cardOf(row: CardRow, shown?: TurnFace): ShownCard {
    return new ShownCard(row, shown, { api: this.#api, kit: this.#kit, rows: this.#rows });
  }

  /** Notes the card before it is sent: whoever comes after a crash knows that it may be in the chat. */
  async #prepare(view: TurnView, face: TurnFace, options: CallOptions): Promise<CardRow> {
    const { id: viewId, chatId, replyTo, language } = view;
    const cardId = await this.#createInKit(view, face, options);
    const row = { viewId, chatId, replyTo, language, cardId, openedAt: Date.now() };
    await this.#rows.add(row);
    return { ...row, messageId: undefined, state: 'open', isOvertaken: false, tookMs: undefined };
  }

  /** Undefined where the message has to carry the card itself. */
  async #createInKit(view: TurnView, face: TurnFace, options: CallOptions): Promise<string | undefined> {
    if (performance.now() < this.#kitOffUntil) return undefined;
    const { id: viewId, language } = view;
    try {
      return await this.#kit.create(turnCard(face, { viewId, language }, { isStreaming: true }), options);
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (!isAboutContent(error.apiCode)) {
        this.#kitOffUntil = performance.now() + this.#kitRetryMs;
        const message =
          'Feishu has no streaming cards for this app (permission cardkit:card:write), turns are shown slower';
        this.#logger.warn({ code: error.apiCode }, message);
      }
      return undefined;
    }
  }
}
