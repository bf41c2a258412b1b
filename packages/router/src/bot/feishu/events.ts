import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { IncomingMessage } from '../chat-channel.ts';
import { readAttachments } from './attachments.ts';
import { readPost } from './post.ts';

const Mention = z.object({
  key: z.string(),
  name: z.string().default(''),
  id: z.object({ open_id: z.string().optional() }).optional().catch(undefined),
});

/** `im.message.receive_v1` with its header and its event side by side, as the SDK hands it on. */
export const MessageEvent = z.object({
  app_id: z.string(),
  sender: z.object({
    sender_id: z.object({ open_id: z.string().min(1) }),
    sender_type: z.string(),
  }),
  message: z.object({
    message_id: z.string().min(1),
    parent_id: z.string().optional(),
    chat_id: z.string().min(1),
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    /** ms since the epoch, as a string. */
    create_time: z.coerce.number(),
    mentions: z.array(Mention).default([]),
  }),
});
export type MessageEvent = z.infer<typeof MessageEvent>;
type Mention = z.infer<typeof Mention>;

/** `im.message.recalled_v1`, in the same way. */
export const RecallEvent = z.object({
  app_id: z.string(),
  message_id: z.string().min(1),
  chat_id: z.string().min(1),
});

/** `im.chat.access_event.bot_p2p_chat_entered_v1`, in the same way. */
export const VisitEvent = z.object({
  app_id: z.string(),
  chat_id: z.string().min(1),
  operator_id: z.object({ open_id: z.string().min(1) }),
});

/**
 * What is done with each type of event. The event is acknowledged when its handler resolves, and comes again when it
 * rejects; but for presses, which never come again, and whose answer, due within 3 s, is what it resolves with.
 */
export type EventHandlers = Readonly<Record<string, (event: unknown) => Promise<unknown>>>;

/** What the bot can know about itself. The open_id is learned after the start. */
export type BotIdentity = { readonly appId: string; readonly openId?: string };

const EventBody = z.object({
  header: z.looseObject({ event_type: z.string() }),
  event: z.looseObject({}),
});

/** Header and event of a webhook's body side by side; null when it is no event of schema 2.0. */
export function flattenEvent(body: unknown): { readonly event_type: string } | null {
  const parsed = EventBody.safeParse(body);
  return parsed.success ? { ...parsed.data.event, ...parsed.data.header } : null;
}

/** Null for what is not for this bot: messages of apps and bots, and events of another app. */
export function toIncomingMessage(event: MessageEvent, bot: BotIdentity): IncomingMessage | null {
  const { sender, message } = event;
  if (event.app_id !== bot.appId || sender.sender_type !== 'user') return null;
  const isPrivate = message.chat_type === 'p2p';
  const mentioned = message.mentions.some((mention) => isBot(mention, bot));
  const content = parseJson(message.content);
  const attachments = readAttachments(message.message_type, content);
  const text = readText(message, content, bot);
  return {
    id: message.message_id,
    fingerprint: fingerprintOf(event),
    channel: 'feishu',
    chatId: message.chat_id,
    chatType: isPrivate ? 'p2p' : 'group',
    userId: sender.sender_id.open_id,
    text: text ?? '',
    addressed: isPrivate || mentioned,
    ...(text === null && attachments.length === 0 ? { unreadable: message.message_type } : {}),
    ...(attachments.length > 0 && { attachments }),
    ...(message.parent_id ? { quotedId: message.parent_id } : {}),
    sentAt: message.create_time,
  };
}

/** After a broken connection Feishu may bring a message under a new id; these stay what they were. */
function fingerprintOf({ sender, message }: MessageEvent): string {
  const key = [message.chat_id, sender.sender_id.open_id, message.create_time, message.content];
  return createHash('sha256').update(JSON.stringify(key)).digest('hex');
}

const TextContent = z.object({ text: z.string() });

/** Null when the message has no text that the bot can read. */
function readText(message: MessageEvent['message'], content: unknown, bot: BotIdentity): string | null {
  if (message.message_type === 'text') {
    const parsed = TextContent.safeParse(content);
    return parsed.success ? replaceMentions(parsed.data.text, message.mentions, bot).trim() : null;
  }
  if (message.message_type === 'post') {
    const text = readPost(content);
    return text === null ? null : replaceMentions(text, message.mentions, bot).trim();
  }
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Unreadable content is told to the user like a kind of message that can't be read.
    return undefined;
  }
}

/** `@_user_1` stands for the first mention, and so on; what no mention belongs to is the user's own text. */
function replaceMentions(text: string, mentions: readonly Mention[], bot: BotIdentity): string {
  return text.replace(/@_user_\d+( ?)|@_all\b/g, (found, gap: string | undefined) => {
    if (found === '@_all') return '@all';
    const mention = mentions.find(({ key }) => key === found.trimEnd());
    if (mention === undefined) return found;
    return isBot(mention, bot) ? '' : `@${mention.name}${gap ?? ''}`;
  });
}

function isBot(mention: Mention, bot: BotIdentity): boolean {
  return bot.openId !== undefined && mention.id?.open_id === bot.openId;
}
