import { isRecord } from './content.ts';
import type { FeishuMessage } from './message.ts';
import { RestError } from './rest-error.ts';
import type { Platform } from './route.ts';

type WirePlatform = Pick<Platform, 'appId' | 'botName' | 'botOpenId' | 'settings' | 'uploads'>;

/** A message as the API answers with it. Throws RestError for a way to show cards that does not exist. */
export function toWire(
  platform: WirePlatform,
  message: FeishuMessage,
  cardContentType: string | null = null,
): Record<string, unknown> {
  const sender =
    message.sender === 'bot'
      ? { id: platform.appId, id_type: 'app_id', sender_type: 'app', tenant_key: 'tenant' }
      : { id: message.openId, id_type: 'open_id', sender_type: 'user', tenant_key: 'tenant' };
  return {
    message_id: message.id,
    ...(message.replyTo === undefined ? {} : { root_id: message.replyTo, parent_id: message.replyTo }),
    msg_type: message.messageType,
    create_time: String(message.createdAt),
    update_time: String(message.createdAt),
    deleted: message.state !== 'sent',
    updated: message.updates > 0,
    chat_id: message.chatId,
    sender,
    ...(message.mentionsBot && { mentions: [mentionOf(platform)] }),
    body: { content: contentOf(platform, message, cardContentType) },
  };
}

/** Unlike in an event, the id is no object. */
function mentionOf({ botName, botOpenId }: WirePlatform): Record<string, unknown> {
  return { key: '@_user_1', id: botOpenId, id_type: 'open_id', name: botName, tenant_key: 'tenant' };
}

/** The bot sends a file by its key alone, and it comes back with its name. */
function withFileName({ uploads }: WirePlatform, content: string): string {
  const file: unknown = JSON.parse(content);
  if (!isRecord(file) || 'file_name' in file) return content;
  const name = uploads.find(String(file.file_key))?.name;
  return name === undefined ? content : JSON.stringify({ ...file, file_name: name });
}

function contentOf(platform: WirePlatform, message: FeishuMessage, cardContentType: string | null): string {
  if (message.state !== 'sent') return 'This message was recalled';
  if (message.messageType === 'file') return withFileName(platform, message.content);
  if (message.messageType !== 'interactive') return message.content;
  const { cardsReadAs } = platform.settings;
  const isAskedFor = cardsReadAs !== 'always-text';
  if (isAskedFor && cardContentType === 'user_card_content') return message.content;
  if (isAskedFor && cardContentType === 'raw_card_content') return JSON.stringify({ json_card: message.content });
  if (isAskedFor && cardContentType !== null)
    throw new RestError(99992402, 'field validation failed: card_msg_content_type');
  const card: unknown = JSON.parse(message.content);
  const isNew = isRecord(card) && card.schema === '2.0';
  return JSON.stringify(isNew && cardsReadAs === 'placeholder' ? placeholder : simplifyCard(card));
}

/** What others have seen for cards that an old client could not draw. */
const placeholder = {
  title: null,
  elements: [
    [
      { tag: 'text', text: '请升级至最新版本客户端，以查看内容' },
      { tag: 'text', text: '' },
    ],
  ],
};

/** A card as a post of sorts: its title, and a paragraph for each line. */
function simplifyCard(card: unknown): Record<string, unknown> {
  if (!isRecord(card)) return { title: '', elements: [] };
  const title = isRecord(card.header) ? textOf(card.header.title) : '';
  const body = isRecord(card.body) ? card.body : card;
  return { title, elements: paragraphs(body.elements) };
}

type Paragraph = readonly Readonly<Record<string, unknown>>[];

function paragraphs(element: unknown): readonly Paragraph[] {
  if (Array.isArray(element)) return element.flatMap(paragraphs);
  if (!isRecord(element)) return [];
  switch (element.tag) {
    case 'markdown':
      return lines(String(element.content ?? ''));
    case 'div':
      return lines(textOf(element.text));
    case 'hr':
      return [[{ tag: 'hr' }]];
    case 'img':
      return [[{ tag: 'img', image_key: element.img_key }]];
    case 'button':
      return [[{ tag: 'button', text: textOf(element.text), type: element.type ?? 'default' }]];
    default:
      return [element.header, element.elements, element.columns, element.actions].flatMap(paragraphs);
  }
}

function textOf(text: unknown): string {
  return isRecord(text) ? String(text.content ?? '') : '';
}

function lines(markdown: string): readonly Paragraph[] {
  return markdown.split('\n').map((line) => {
    // Every third piece is a link's text, and the one after it where the link leads.
    const pieces = line.split(/(?<!!)\[([^\]\n]{1,300})\]\((https?:[^)\s]{1,1000})\)/);
    return pieces.flatMap((piece, index) => {
      if (index % 3 === 1) return [{ tag: 'a', text: piece, href: pieces[index + 1] ?? '' }];
      return index % 3 === 0 && piece !== '' ? [{ tag: 'text', text: piece }] : [];
    });
  });
}
