import { randomBytes } from 'node:crypto';
import { waitFor } from '../wait.ts';
import type { CardEntities } from './card-entities.ts';
import { isStreaming } from './card-entity.ts';
import type { Chats } from './chats.ts';
import { findButton, isRecord } from './content.ts';
import type { EventSockets, PlatformEvent } from './event-sockets.ts';
import type { FeishuMessage } from './message.ts';
import type { Bot } from './message-event.ts';
import { messageEvent, platformEvent, userId } from './message-event.ts';
import { p2pChatOf } from './message-routes.ts';
import type { Reactions } from './reactions.ts';
import type { Upload, Uploads } from './uploads.ts';

/** Who says what to the bot, and where. */
export type UserMessage = {
  readonly openId: string;
  /** The user's p2p chat with the bot when absent. */
  readonly chatId?: string;
  readonly chatType?: 'p2p' | 'group';
  readonly messageId?: string;
  /** Puts a mention of the bot before the text. */
  readonly mentionsBot?: boolean;
  /** The message that this one answers. */
  readonly parentId?: string;
  /** ms since the epoch. */
  readonly sentAt?: number;
};

/** Feishu's names for messages that are files; `media` is a video. */
export type SentKind = 'image' | 'file' | 'audio' | 'media';

const answerTimeoutMs = 3_000;

/** What people do in their chats with the bot, each with the event that tells it of that. */
export class Users {
  readonly #bot: Bot;
  readonly #chats: Chats;
  readonly #cards: CardEntities;
  readonly #reactions: Reactions;
  readonly #uploads: Uploads;
  readonly #sockets: EventSockets;
  /** By the id of the message, or of the event itself where it is of none. */
  readonly #events = new Map<string, PlatformEvent>();

  constructor(options: {
    readonly bot: Bot;
    readonly chats: Chats;
    readonly cards: CardEntities;
    readonly reactions: Reactions;
    readonly uploads: Uploads;
    readonly sockets: EventSockets;
  }) {
    this.#bot = options.bot;
    this.#chats = options.chats;
    this.#cards = options.cards;
    this.#reactions = options.reactions;
    this.#uploads = options.uploads;
    this.#sockets = options.sockets;
  }

  send(messageType: string, content: unknown, message: UserMessage): string {
    const chatId = message.chatId ?? p2pChatOf(message.openId);
    const added = this.#chats.add({
      chatId,
      sender: 'user',
      openId: message.openId,
      messageType,
      content: JSON.stringify(content),
      ...(message.messageId === undefined ? {} : { id: message.messageId }),
      ...(message.parentId === undefined ? {} : { replyTo: message.parentId }),
      ...(message.mentionsBot && { mentionsBot: true }),
      ...(message.sentAt === undefined ? {} : { createdAt: message.sentAt }),
    });
    const chatType = message.chatType ?? (message.chatId === undefined ? 'p2p' : 'group');
    const event = messageEvent(this.#bot, added, { chatType });
    this.#events.set(added.id, event);
    this.#sockets.deliver(event);
    return added.id;
  }

  sendFile(message: UserMessage & { readonly kind: SentKind; readonly name: string; readonly bytes: Buffer }): string {
    const { kind, name, bytes } = message;
    const isImage = kind === 'image';
    const key = `${isImage ? 'img_v3_' : 'file_v3_'}${randomBytes(8).toString('hex')}`;
    const content = isImage ? { image_key: key } : { file_key: key, file_name: name };
    const messageId = this.send(kind, content, message);
    const upload: Upload = { key, kind: isImage ? 'image' : 'file', name, bytes, messageId };
    this.#uploads.add(upload);
    return messageId;
  }

  recall(messageId: string): string {
    const message = this.#chats.get(messageId);
    message.state = 'recalled';
    return this.deliver('im.message.recalled_v1', {
      message_id: message.id,
      chat_id: message.chatId,
      recall_time: String(Date.now()),
      recall_type: 'message_owner',
    });
  }

  openChat(openId: string): string {
    const chatId = p2pChatOf(openId);
    const last = this.#chats.in(chatId).at(-1);
    return this.deliver('im.chat.access_event.bot_p2p_chat_entered_v1', {
      chat_id: chatId,
      operator_id: userId(openId),
      ...(last === undefined ? {} : { last_message_id: last.id, last_message_create_time: String(last.createdAt) }),
    });
  }

  menu(openId: string, eventKey: string): string {
    return this.deliver('application.bot.menu_v6', {
      operator: { operator_name: openId, operator_id: userId(openId) },
      event_key: eventKey,
      timestamp: Math.floor(Date.now() / 1000),
    });
  }

  react(openId: string, messageId: string, emoji: string): string {
    const message = this.#chats.get(messageId);
    const reaction = this.#reactions.add(message, emoji, { operator_id: openId, operator_type: 'user' });
    this.deliver('im.message.reaction.created_v1', {
      message_id: message.id,
      reaction_type: { emoji_type: emoji },
      operator_type: 'user',
      user_id: userId(openId),
      action_time: String(reaction.at),
    });
    return reaction.id;
  }

  async press(openId: string, message: FeishuMessage, actionId: string): Promise<unknown> {
    const value = findButton(JSON.parse(message.content), actionId);
    if (value === undefined) throw new Error(`there is no button ${actionId} in ${message.content}`);
    const entity = message.cardId === undefined ? undefined : this.#cards.get(message.cardId);
    const ask = () => this.#awaitAnswer(openId, message, value);
    const answer = await (entity === undefined ? ask() : entity.whilePressed(ask));
    const card = isRecord(answer) && isRecord(answer.card) ? answer.card.data : undefined;
    // While a card streams, the answer to a press can't change it.
    const streams = entity?.isStreaming ?? isStreaming(JSON.parse(message.content));
    if (card !== undefined && !streams) this.#chats.replaceByPress(message, JSON.stringify(card));
    return answer;
  }

  /** Sends an event and keeps it for a repeat. Returns its id. */
  deliver(eventType: string, event: PlatformEvent['event']): string {
    const sent = platformEvent(this.#bot, eventType, event);
    this.#events.set(sent.header.event_id, sent);
    this.#sockets.deliver(sent);
    return sent.header.event_id;
  }

  eventOf(id: string): PlatformEvent {
    const event = this.#events.get(id);
    if (event === undefined) throw new Error(`no event of ${id}`);
    return event;
  }

  async #awaitAnswer(openId: string, message: FeishuMessage, value: unknown): Promise<unknown> {
    const id = this.deliver('card.action.trigger', {
      operator: { open_id: openId, tenant_key: 'tenant' },
      token: `c-${randomBytes(8).toString('hex')}`,
      host: 'im_message',
      action: { value, tag: 'button' },
      context: { open_message_id: message.id, open_chat_id: message.chatId },
    });
    const delivery = await waitFor(
      () => this.#sockets.deliveries.find(({ eventId, ackCode }) => eventId === id && ackCode !== undefined),
      { timeoutMs: answerTimeoutMs, what: 'the answer to a press' },
    );
    return delivery.answer;
  }
}
