import { createHash } from 'node:crypto';
import type { Language } from '@phonework/shared/language';
import type { OutgoingMessage } from '../chat-channel.ts';
import type { Card } from './card.ts';
import { MAX_CARD_BYTES, roomInCard, toCard } from './card.ts';
import { feishuTexts } from './feishu-texts.ts';
import { toFileName } from './file-name.ts';
import type { Layout } from './layout.ts';
import { layOut, layOutAll, layOutBeginning } from './layout.ts';
import { MAX_TABLES } from './markdown/elements.ts';
import { endOfPiece, travelBytes } from './markdown/measure.ts';
import type { Pages } from './markdown/pages.ts';
import { isPlain } from './markdown/plain.ts';
import { breakMentions, neutralise, showControls } from './neutralise.ts';

/** One Feishu message. `uuid` is the same for the same part of the same message, and makes a repeat harmless. */
export type MessagePart = {
  readonly messageType: 'text' | 'post' | 'interactive' | 'image' | 'file';
  readonly content: string;
  readonly uuid: string;
};

export type TextFile = { readonly name: string; readonly text: string };

export type RenderedMessage = {
  /** In order, one at least; the buttons are under the last. */
  readonly parts: readonly MessagePart[];
  /** To be sent after them, where they are only the beginning: the whole text. */
  readonly file?: TextFile;
};

/** What of a message is rendered. */
export type MessageContent = Pick<OutgoingMessage, 'actions' | 'id' | 'text'> & {
  readonly language?: Language | undefined;
};

const defaultLanguage: Language = 'en';

const maxUuidLength = 50;

/**
 * Feishu takes 150 KB; the rest is for the JSON around the text. The text is measured as it travels, a JSON string
 * inside a JSON string.
 */
const MAX_TEXT_BYTES = 140_000;

/**
 * A message of any length as Feishu messages: text where it is short and plain, else cards. Pure: the same message gives
 * the same parts, also after a restart.
 */
export function renderMessage(message: MessageContent): RenderedMessage {
  const { id, actions = [] } = message;
  const text = showControls(message.text);
  if (actions.length === 0 && isPlain(text)) {
    return { parts: [{ ...toTextPart(withoutEdges(text)), uuid: partUuid(id, 1) }] };
  }
  const { pages, isCut } = toCardPages(text, message);
  const parts = pages.map((page, index): MessagePart => {
    const card = toCard(page, id, index === pages.length - 1 ? actions : []);
    return { messageType: 'interactive', content: JSON.stringify(card), uuid: partUuid(id, index + 1) };
  });
  return { parts, ...(isCut && { file: { name: toFileName(text), text } }) };
}

/** The message as one card, also where it would be a text otherwise; undefined where it does not fit. Pure, too. */
export function renderCard(message: MessageContent): Card | undefined {
  const { pages, isCut } = toCardPages(showControls(message.text), message);
  const [page] = pages;
  if (isCut || page === undefined || pages.length > 1) return undefined;
  return toCard(page, message.id, message.actions ?? []);
}

/**
 * The same where Feishu refuses its cards: posts, with the buttons as a numbered list. A file that `renderMessage` asks
 * for is to follow here too.
 */
export function fallbackParts(message: MessageContent): readonly MessagePart[] {
  const { language = defaultLanguage } = message;
  const list = numberedActions(message, (label) => label.replace(/[\\`*_[\]<~]/g, '\\$&'));
  const maxBytes = MAX_CARD_BYTES - travelBytes(toPost(list));
  const layout: Layout = { format: 'post', language, maxBytes, maxTables: 0 };
  const text = showControls(message.text);
  const isFile = renderMessage(message).file !== undefined;
  const pages = isFile ? layOutBeginning(text, layout) : layOutAll(text, layout).pages;
  return withBelow(pages, list).map((page, index) => ({
    messageType: 'post',
    content: toPost(page),
    uuid: partUuid(message.id, index + 1, 'p'),
  }));
}

/** The same as texts that say all of what was written, marks included: Feishu takes these if it takes anything. */
export function plainParts(message: MessageContent): readonly MessagePart[] {
  const list = numberedActions(message, (label) => label);
  const pieces = splitText(neutralise(message.text), MAX_TEXT_BYTES - travelBytes(list));
  return withBelow(pieces, list).map((piece, index) => ({
    ...toTextPart(piece),
    uuid: partUuid(message.id, index + 1, 't'),
  }));
}

/** One for each part, and the same each time; `form` tells apart what may stand for the same part. */
export function partUuid(id: string, number: number, form = ''): string {
  const uuid = `${id}-${number}${form}`;
  if (uuid.length <= maxUuidLength) return uuid;
  return createHash('sha256').update(uuid).digest('hex').slice(0, maxUuidLength);
}

/** Shown as it is, and without mentions. */
function toTextPart(text: string): Omit<MessagePart, 'uuid'> {
  return { messageType: 'text', content: JSON.stringify({ text: breakMentions(text) }) };
}

/** Without blank lines around it. Feishu refuses an empty text, and whoever waits for an answer should see one. */
function withoutEdges(text: string): string {
  return text.replace(/^\n+/, '').trimEnd() || '…';
}

function toCardPages(text: string, { id, actions = [], language = defaultLanguage }: MessageContent): Pages {
  return layOut(text, { format: 'card', language, maxBytes: roomInCard(id, actions), maxTables: MAX_TABLES });
}

/** What stands for buttons, below a text; empty where there are none. */
function numberedActions(
  { actions = [], language = defaultLanguage }: MessageContent,
  write: (label: string) => string,
): string {
  if (actions.length === 0) return '';
  const lines = actions.map(({ label }, index) => `${index + 1}. ${write(neutralise(label))}`);
  return `\n\n${lines.join('\n')}\n\n${feishuTexts.answerByTyping[language]}`;
}

function withBelow(pages: readonly string[], below: string): readonly string[] {
  return [...pages.slice(0, -1), `${pages.at(-1) ?? '…'}${below}`];
}

function toPost(content: string): string {
  return JSON.stringify({ zh_cn: { title: '', content: [[{ tag: 'md', text: content }]] } });
}

/** Pieces of at most `maxBytes` each, one at least. */
function splitText(text: string, maxBytes: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = endOfPiece(text, start, maxBytes);
    const piece = text.slice(start, end);
    if (piece.trim() !== '') pieces.push(withoutEdges(piece));
    start = end;
  }
  return pieces;
}
