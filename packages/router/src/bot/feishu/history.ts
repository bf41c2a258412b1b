import { setImmediate as otherWork } from 'node:timers/promises';
import * as z from 'zod';
import type { FeishuApi } from './api.ts';
import { FeishuError } from './feishu-error.ts';
import type { Urgency } from './pace.ts';

/** A message as the history of a chat has it. */
const HistoryMessage = z.object({
  message_id: z.string().min(1),
  parent_id: z.string().optional(),
  msg_type: z.string(),
  /** ms since the epoch, as a string. */
  create_time: z.coerce.number(),
  deleted: z.boolean().default(false),
  sender: z.object({ id: z.string().default(''), sender_type: z.string() }),
  body: z.object({ content: z.string() }),
  mentions: z
    .array(z.object({ key: z.string(), name: z.string().default(''), id: z.string().default('') }))
    .default([]),
});
export type HistoryMessage = z.infer<typeof HistoryMessage>;

const Page = z.object({
  data: z.object({
    items: z.array(z.unknown()).optional(),
    has_more: z.boolean().default(false),
    page_token: z.string().default(''),
  }),
});

/** So few that reading a page holds up nothing else, also where each message is as long as Feishu lets it be. */
const PAGE_SIZE = 20;

/** A chat with more messages than these is not read to its beginning. */
const MAX_PAGES = 250;

/** What was said in the chats. */
export class History {
  readonly #api: FeishuApi;

  constructor(api: FeishuApi) {
    this.#api = api;
  }

  /**
   * What was said since then (ms since the epoch), newest first, without what was taken back. Throws FeishuError, which
   * is `refused` where the app may not read that chat.
   */
  async *since(
    chatId: string,
    since: number,
    { urgency, signal }: { readonly urgency?: Urgency; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<HistoryMessage> {
    let pageToken = '';
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await this.#api.call({
        method: 'GET',
        route: '/im/v1/messages',
        params: {
          container_id_type: 'chat',
          container_id: chatId,
          start_time: String(Math.max(0, Math.floor(since / 1000))),
          sort_type: 'ByCreateTimeDesc',
          page_size: String(PAGE_SIZE),
          // Otherwise a card comes as a line that asks to upgrade the client.
          card_msg_content_type: 'user_card_content',
          ...(pageToken !== '' && { page_token: pageToken }),
        },
        ...(urgency && { urgency }),
        ...(signal && { signal }),
      });
      const parsed = Page.safeParse(answer);
      if (!parsed.success)
        throw new FeishuError('unreachable', 'Feishu gave the history of a chat in an unknown form.');
      const { items = [], has_more: hasMore, page_token: next } = parsed.data.data;
      for (const item of items) {
        const message = HistoryMessage.safeParse(item);
        if (message.success && !message.data.deleted) yield message.data;
        await otherWork();
      }
      if (!hasMore || next === '') return;
      pageToken = next;
    }
  }
}
