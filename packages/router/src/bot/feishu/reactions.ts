import * as z from 'zod';
import type { FeishuApi } from './api.ts';
import { FeishuError, isFixed } from './feishu-error.ts';

const route = '/im/v1/messages/:message_id/reactions';
/** Feishu's name of the sign that a message has arrived. */
const emoji = 'EYES';
const notYours = 231007;

const Added = z.object({ data: z.object({ reaction_id: z.string() }) });
const Listed = z.object({
  data: z.object({
    items: z.array(z.object({ reaction_id: z.string(), operator: z.object({ operator_id: z.string() }) })).optional(),
    has_more: z.boolean().optional(),
    page_token: z.string().optional(),
  }),
});

/**
 * The sign under a person's message that it has arrived. Made with what calls answers leave over; a message that is gone
 * needs none. All reject with FeishuError.
 */
export class Reactions {
  readonly #api: FeishuApi;
  readonly #appId: string;

  constructor(api: FeishuApi, { appId }: { readonly appId: string }) {
    this.#api = api;
    this.#appId = appId;
  }

  /** Resolves with the sign's id; empty where there is none to take off. */
  async add(messageId: string): Promise<string> {
    try {
      const answer = await this.#api.call({
        method: 'POST',
        route,
        ids: { message_id: messageId },
        data: { reaction_type: { emoji_type: emoji } },
        urgency: 'spare',
      });
      return Added.safeParse(answer).data?.data.reaction_id ?? '';
    } catch (error) {
      if (!isFixed(error)) throw error;
      return '';
    }
  }

  /** Takes off the sign with this id; without one, every such sign of the bot's. */
  async remove(messageId: string, reactionId: string | undefined): Promise<void> {
    try {
      const ids = reactionId === undefined ? await this.#own(messageId) : [reactionId];
      for (const id of ids) if (id !== '') await this.#delete(messageId, id);
    } catch (error) {
      if (!isFixed(error)) throw error;
    }
  }

  async #delete(messageId: string, reactionId: string): Promise<void> {
    try {
      await this.#api.call({
        method: 'DELETE',
        route: `${route}/:reaction_id`,
        ids: { message_id: messageId, reaction_id: reactionId },
        urgency: 'spare',
      });
    } catch (error) {
      // Gone already, or never the bot's.
      if (!(error instanceof FeishuError && error.apiCode === notYours)) throw error;
    }
  }

  async #own(messageId: string): Promise<readonly string[]> {
    const own: string[] = [];
    for (let pageToken: string | undefined = ''; pageToken !== undefined; ) {
      const params = { reaction_type: emoji, page_size: '50', ...(pageToken !== '' && { page_token: pageToken }) };
      const call = { method: 'GET', route, ids: { message_id: messageId }, params, urgency: 'spare' } as const;
      const answer = Listed.safeParse(await this.#api.call(call));
      if (!answer.success) throw new FeishuError('refused', 'Feishu did not say which signs there are.');
      const { items = [], has_more: hasMore = false, page_token: next } = answer.data.data;
      const mine = items.filter(({ operator }) => operator.operator_id === this.#appId);
      own.push(...mine.map(({ reaction_id: id }) => id));
      pageToken = hasMore ? next : undefined;
    }
    return own;
  }
}
