import { randomBytes } from 'node:crypto';
import type { PlatformEvent } from './event-sockets.ts';
import type { FeishuMessage } from './message.ts';

export type Bot = { readonly appId: string; readonly openId: string; readonly name: string };

/** The event that tells the bot of a user's message. */
export function messageEvent(
  bot: Bot,
  message: FeishuMessage,
  { chatType }: { readonly chatType: 'p2p' | 'group' },
): PlatformEvent {
  const mention = {
    key: '@_user_1',
    id: { open_id: bot.openId, union_id: 'on_bot', user_id: '' },
    mentioned_type: 'bot',
    name: bot.name,
    tenant_key: 'tenant',
  };
  return platformEvent(bot, 'im.message.receive_v1', {
    sender: { sender_id: userId(message.openId), sender_type: 'user', tenant_key: 'tenant' },
    message: {
      message_id: message.id,
      ...(message.replyTo === undefined ? {} : { root_id: message.replyTo, parent_id: message.replyTo }),
      chat_id: message.chatId,
      chat_type: chatType,
      message_type: message.messageType,
      content: message.content,
      create_time: String(message.createdAt),
      update_time: String(message.createdAt),
      ...(message.mentionsBot ? { mentions: [mention] } : {}),
    },
  });
}

/** A user as events name one; `user_id` would need another permission. */
export function userId(openId: string | undefined): Readonly<Record<string, unknown>> {
  return { open_id: openId, union_id: `on_${openId}`, user_id: null };
}

/** Any event, with a header of its own. */
export function platformEvent(bot: Bot, eventType: string, event: PlatformEvent['event']): PlatformEvent {
  return {
    schema: '2.0',
    header: {
      event_id: randomBytes(16).toString('hex'),
      token: '',
      create_time: String(Date.now()),
      event_type: eventType,
      tenant_key: 'tenant',
      app_id: bot.appId,
    },
    event,
  };
}
