import * as z from 'zod';
import type { CallOptions, FeishuApi, FeishuCall } from '../api.ts';
import { FeishuError } from '../feishu-error.ts';

const CreateAnswer = z.object({ data: z.object({ card_id: z.string().min(1) }) });

/** How a change is made: `sequence` is higher than that of every change of the card before. */
export type CardChange = { readonly sequence: number } & CallOptions;

/** Cards that live beside the messages which show them, and change by an id of their own. All reject with FeishuError. */
export class CardKit {
  readonly #api: FeishuApi;

  constructor(api: FeishuApi) {
    this.#api = api;
  }

  /** Resolves with the id of a card that no message shows yet. `card` is JSON of schema 2.0. */
  async create(card: string, options: CallOptions): Promise<string> {
    const data = { type: 'card_json', data: card };
    const answer = await this.#api.call({ method: 'POST', route: '/cardkit/v1/cards', data, ...options });
    const created = CreateAnswer.safeParse(answer);
    if (!created.success) throw new FeishuError('refused', 'Feishu did not say which card it made.');
    return created.data.data.card_id;
  }

  /** Another text, whole, for an element; only while the card streams. */
  async setText(cardId: string, elementId: string, content: string, change: CardChange): Promise<void> {
    await this.#change(cardId, change, {
      method: 'PUT',
      route: '/cardkit/v1/cards/:card_id/elements/:element_id/content',
      ids: { element_id: elementId },
      data: { content },
    });
  }

  /** Lets the card stream again: Feishu ends that after 10 minutes. */
  async openStream(cardId: string, change: CardChange): Promise<void> {
    const settings = JSON.stringify({ config: { streaming_mode: true } });
    await this.#change(cardId, change, {
      method: 'PATCH',
      route: '/cardkit/v1/cards/:card_id/settings',
      data: { settings },
    });
  }

  /** Another card in its place. */
  async replace(cardId: string, card: string, change: CardChange): Promise<void> {
    await this.#change(cardId, change, {
      method: 'PUT',
      route: '/cardkit/v1/cards/:card_id',
      data: { card: { type: 'card_json', data: card } },
    });
  }

  async #change(cardId: string, { sequence, ...options }: CardChange, call: FeishuCall): Promise<void> {
    await this.#api.call({
      ...call,
      ...options,
      ids: { ...call.ids, card_id: cardId },
      data: { ...call.data, sequence },
      of: { kind: 'card', id: cardId },
    });
  }
}
