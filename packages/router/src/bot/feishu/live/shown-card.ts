import type { CallOptions, FeishuApi } from '../api.ts';
import { FeishuError, isRefused } from '../feishu-error.ts';
import type { CardChange, CardKit } from './card-kit.ts';
import type { CardRow, CardRows } from './card-rows.ts';
import type { TurnFace } from './turn-card.ts';
import { elementIds, turnCard } from './turn-card.ts';

/** `stream`: element by element; `whole`: the card in one; `patch`: the message; `none`: Feishu takes no change any more. */
type Way = 'stream' | 'whole' | 'patch' | 'none';

/** Feishu has ended the streaming of the card. */
const streamOver = new Set<number | undefined>([200850, 300309]);
const wrongSequence = 300317;
const maxJumps = 3;
const firstJump = 60_000;

/** A card in a chat, and every way to change it. */
export class ShownCard {
  readonly #api: FeishuApi;
  readonly #kit: CardKit;
  readonly #rows: CardRows;
  readonly #row: CardRow;
  #cardId: string | undefined;
  #way: Way;
  #sequence = 0;
  /** What it is known to show. */
  #shown: Partial<TurnFace>;

  constructor(
    row: CardRow,
    shown: TurnFace | undefined,
    { api, kit, rows }: { readonly api: FeishuApi; readonly kit: CardKit; readonly rows: CardRows },
  ) {
    this.#row = row;
    this.#shown = shown ?? {};
    this.#api = api;
    this.#kit = kit;
    this.#rows = rows;
    this.#cardId = row.cardId;
    this.#way = row.cardId === undefined ? 'patch' : 'stream';
  }

  get messageId(): string | undefined {
    return this.#row.messageId;
  }

  /** Whether changes go through the message, of which Feishu takes fewer. */
  get isPatched(): boolean {
    return this.#way === 'patch';
  }

  /** Shows how far the turn is. Rejects with FeishuError where that may go better a while later, and only there. */
  async show(face: TurnFace, options: CallOptions): Promise<void> {
    if (this.#shown.status === face.status && this.#shown.text === face.text) return;
    if (this.#way === 'stream') await this.#stream(face, options);
    // Each way leads to the next one where Feishu refuses it.
    if (this.#way === 'whole') await this.#showWhole(face, options);
    if (this.#way === 'patch') await this.#patch(face, options);
    this.#shown = face;
  }

  /** Another card in its place: one attempt. Rejects with FeishuError. */
  async replace(card: string, options: CallOptions): Promise<void> {
    const cardId = this.#cardId;
    if (cardId !== undefined) {
      await this.#numbered(options, (change) => this.#kit.replace(cardId, card, change));
      return;
    }
    if (this.#row.messageId === undefined) throw new FeishuError('refused', 'No message shows the card.');
    await this.#api.patchMessage(this.#row.messageId, card, options);
  }

  async #stream(face: TurnFace, options: CallOptions): Promise<void> {
    try {
      await this.#streamTexts(face, options);
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#way = streamOver.has(error.apiCode) ? await this.#reopen(face, options) : 'patch';
    }
  }

  /** The way to go on with, once Feishu has ended the streaming. */
  async #reopen(face: TurnFace, options: CallOptions): Promise<Way> {
    const cardId = this.#cardId;
    if (cardId === undefined) return 'patch';
    try {
      await this.#numbered(options, (change) => this.#kit.openStream(cardId, change));
      await this.#streamTexts(face, options);
      return 'stream';
    } catch (error) {
      if (!isRefused(error)) throw error;
      return 'whole';
    }
  }

  async #streamTexts(face: TurnFace, options: CallOptions): Promise<void> {
    const cardId = this.#cardId;
    if (cardId === undefined) return;
    for (const part of ['status', 'text'] as const) {
      const content = face[part];
      if (this.#shown[part] === content) continue;
      await this.#numbered(options, (change) => this.#kit.setText(cardId, elementIds[part], content, change));
      this.#shown = { ...this.#shown, [part]: content };
    }
  }

  async #showWhole(face: TurnFace, options: CallOptions): Promise<void> {
    try {
      await this.replace(turnCard(face, this.#row, { isStreaming: false }), options);
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#way = 'patch';
    }
  }

  async #patch(face: TurnFace, options: CallOptions): Promise<void> {
    const { messageId, viewId } = this.#row;
    try {
      if (messageId === undefined) throw new FeishuError('refused', 'No message shows the card.');
      await this.#api.patchMessage(messageId, turnCard(face, this.#row, { isStreaming: false }), options);
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#way = 'none';
      return;
    }
    if (this.#cardId === undefined) return;
    this.#cardId = undefined;
    await this.#rows.leftCardKit(viewId);
  }

  /**
   * Changes a card of CardKit. The numbers go up with the time since the card was opened, so that they do over restarts
   * too; where they do not, since the clock was set back, they leap.
   */
  async #numbered(options: CallOptions, change: (change: CardChange) => Promise<void>): Promise<void> {
    for (let jumps = 0; ; jumps += 1) {
      this.#sequence = Math.max(this.#sequence + 1, Date.now() - this.#row.openedAt);
      try {
        await change({ sequence: this.#sequence, ...options });
        return;
      } catch (error) {
        const isBehind = error instanceof FeishuError && error.apiCode === wrongSequence;
        if (!isBehind || jumps >= maxJumps) throw error;
        this.#sequence += firstJump * 10 ** jumps;
      }
    }
  }
}
