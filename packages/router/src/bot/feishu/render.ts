import { createHash } from 'node:crypto';
import type { OutgoingMessage } from '../chat-channel.ts';
import { MAX_CARD_TEXT_BYTES, toCard } from './card.ts';
import { neutralise } from './neutralise.ts';

/** One Feishu message. `uuid` is the same for the same part of the same message, and makes a repeat harmless. */
export type MessagePart = {
  readonly messageType: 'text' | 'interactive' | 'image' | 'file';
  readonly content: string;
  readonly uuid: string;
};

/**
 * Feishu takes 150 KB; the rest is for the JSON around the text. The text is measured as it travels, a JSON string
 * inside a JSON string: a line break then takes three bytes and a quote four.
 */
const maxPartBytes = 140_000;
const maxUuidLength = 50;

/** A message of any length as Feishu messages, in order; its buttons are under the last. Pure: the same message gives the same parts. */
export function renderMessage({
  id,
  text,
  actions = [],
}: Pick<OutgoingMessage, 'actions' | 'id' | 'text'>): readonly MessagePart[] {
  const texts = splitText(neutralise(text), maxPartBytes);
  const isCard = actions.length > 0;
  // A text that a card can't hold goes before it.
  const cardText = isCard && Buffer.byteLength(texts.at(-1) ?? '') <= MAX_CARD_TEXT_BYTES ? texts.pop() : undefined;
  const parts: Omit<MessagePart, 'uuid'>[] = texts.map((part) => ({
    messageType: 'text',
    content: JSON.stringify({ text: part }),
  }));
  if (isCard) {
    const card = toCard(cardText ?? '⬆️', id, actions);
    parts.push({ messageType: 'interactive', content: JSON.stringify(card) });
  }
  return parts.map((part, index) => ({ ...part, uuid: partUuid(id, index + 1) }));
}

/** One for each part, and the same each time. */
export function partUuid(id: string, number: number): string {
  const uuid = `${id}-${number}`;
  if (uuid.length <= maxUuidLength) return uuid;
  return createHash('sha256').update(uuid).digest('hex').slice(0, maxUuidLength);
}

/** Pieces of at most `maxBytes` each, cut where a paragraph, a line or a word ends if one ends in the second half. */
function splitText(text: string, maxBytes: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = endOfPiece(text, start, maxBytes);
    const piece = text.slice(start, end).replace(/^\n+/, '').trimEnd();
    if (piece !== '') pieces.push(piece);
    start = end;
  }
  // Feishu refuses an empty text, and whoever waits for an answer should see one.
  return pieces.length === 0 ? ['…'] : pieces;
}

function endOfPiece(text: string, start: number, maxBytes: number): number {
  let bytes = 0;
  const ends = { paragraph: 0, line: 0, word: 0 };
  for (let index = start; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes += encodedBytes(unit);
    if (bytes > maxBytes) {
      const half = start + (index - start) / 2;
      return [ends.paragraph, ends.line, ends.word].find((end) => end > half) ?? index;
    }
    if (unit === newline) {
      if (text.charCodeAt(index - 1) === newline) ends.paragraph = index + 1;
      ends.line = index + 1;
    } else if (unit === space) ends.word = index + 1;
  }
  return text.length;
}

const newline = 0x0a;
const space = 0x20;

/** What one UTF-16 unit takes in a JSON string inside a JSON string. A pair counts with its first unit, so no cut parts it. */
function encodedBytes(unit: number): number {
  if (unit === newline || unit === 0x09) return 3;
  if (unit === 0x22 || unit === 0x5c) return 4;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit >= 0xd800 && unit < 0xdc00) return 4;
  return unit >= 0xdc00 && unit < 0xe000 ? 0 : 3;
}
