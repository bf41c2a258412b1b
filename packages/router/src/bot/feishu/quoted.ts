import * as z from 'zod';
import type { IncomingAttachment } from '../chat-channel.ts';
import type { FeishuApi } from './api.ts';
import { readAttachments } from './attachments.ts';
import { parseContent, readMessageText } from './message-text.ts';

/** A message as Feishu hands it out. */
const Quoted = z.object({
  msg_type: z.string(),
  sender: z.object({ sender_type: z.string() }),
  body: z.object({ content: z.string() }),
  mentions: z.array(z.object({ key: z.string(), name: z.string().default('') })).default([]),
});
type Quoted = z.infer<typeof Quoted>;

const Answer = z.object({ data: z.object({ items: z.array(Quoted).min(1) }) });

/** Earlier messages, looked up. All methods reject with FeishuError. */
export class QuotedMessages {
  readonly #api: FeishuApi;
  /** By message, so that two questions about one need one call. */
  readonly #asking = new Map<string, Promise<Quoted | undefined>>();

  constructor(api: FeishuApi) {
    this.#api = api;
  }

  /** Undefined for a message without words, and for one that was taken back. */
  async textOf(messageId: string, signal: AbortSignal): Promise<string | undefined> {
    const message = await this.#get(messageId, signal);
    return message === undefined ? undefined : (readText(message) ?? undefined);
  }

  /** The files that came with a person's message. */
  async attachmentsOf(messageId: string, signal: AbortSignal): Promise<readonly IncomingAttachment[]> {
    const message = await this.#get(messageId, signal);
    if (message?.sender.sender_type !== 'user') return [];
    return readAttachments(message.msg_type, parseContent(message.body.content));
  }

  async #get(messageId: string, signal: AbortSignal): Promise<Quoted | undefined> {
    const known = this.#asking.get(messageId);
    if (known !== undefined) return await known;
    const asking = this.#ask(messageId, signal).finally(() => this.#asking.delete(messageId));
    this.#asking.set(messageId, asking);
    return await asking;
  }

  async #ask(messageId: string, signal: AbortSignal): Promise<Quoted | undefined> {
    const answer = await this.#api.call({
      method: 'GET',
      route: '/im/v1/messages/:message_id',
      ids: { message_id: messageId },
      // Otherwise a card comes as a line that asks to upgrade the client.
      params: { card_msg_content_type: 'user_card_content' },
      signal,
    });
    // Of one that was taken back, the content is no JSON.
    return Answer.safeParse(answer).data?.data.items[0];
  }
}

/** Null where there is nothing to read. */
function readText({ msg_type, body, mentions }: Quoted): string | null {
  const text = readMessageText(msg_type, parseContent(body.content));
  return msg_type === 'interactive' ? text : withNames(text, mentions);
}

function withNames(text: string | null, mentions: Quoted['mentions']): string | null {
  if (text === null) return null;
  const names = new Map(mentions.map(({ key, name }) => [key, name]));
  return text
    .replace(/@_user_\d+|@_all\b/g, (key) => (key === '@_all' ? '@all' : `@${names.get(key) ?? key.slice(1)}`))
    .trim();
}
