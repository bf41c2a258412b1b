import { isRecord } from './content.ts';
import { countTables, imageTargets } from './markdown-lines.ts';
import { RestError } from './rest-error.ts';

export type Card = Readonly<Record<string, unknown>>;

/** The way a card comes in: by a message, or by CardKit. They word the same refusal in two ways. */
export type CardDoor = 'message' | 'cardkit';

const maxBytes = 30 * 1024;
const maxTagged = 200;
const maxTables = 3;

/** Everything that schema 2.0 has a `tag` for. */
const knownTags = new Set(
  [
    'column_set column form interactive_container collapsible_panel repeat',
    'div markdown img img_combination person person_list chart table audio hr',
    'input overflow select_static multi_select_static select_person multi_select_person select_img',
    'date_picker picker_time picker_datetime checker button',
    'plain_text lark_md text_tag standard_icon custom_icon local_datetime',
  ].flatMap((line) => line.split(' ')),
);

/** What these hold is the app's own, or another language. */
const opaqueKeys = new Set(['value', 'behaviors', 'chart_spec']);

/** What is wrong with a card, in the platform's words. */
class CardFault extends Error {
  override readonly name = 'CardFault';
  readonly code: number;
  /** What CardKit says instead, where that differs. */
  readonly cardkitCode: number;
  constructor(code: number, message: string, cardkitCode = code) {
    super(message);
    this.code = code;
    this.cardkitCode = cardkitCode;
  }
}

/** Throws RestError when the card breaks a rule of the platform. */
export function parseCard(content: string, door: CardDoor, isKnownImage: (key: string) => boolean): Card {
  try {
    if (Buffer.byteLength(content) > maxBytes) throw new RestError(...tooLong[door]);
    return checkedCard(content, isKnownImage);
  } catch (error) {
    if (!(error instanceof CardFault)) throw error;
    if (door === 'cardkit') throw new RestError(error.cardkitCode, `ErrMsg: ${error.message}; `);
    throw new RestError(
      230099,
      `Failed to create card content, ext=ErrCode: ${error.code}; ErrMsg: ${error.message}; `,
    );
  }
}

const tooLong: Readonly<Record<CardDoor, readonly [number, string]>> = {
  message: [230025, 'The length of the message content reaches its limit.'],
  cardkit: [200860, 'ErrMsg: card content exceeds the limit; '],
};

/** A part of a card that has a `tag`. */
export type Tagged = Readonly<Record<string, unknown>> & { readonly tag: string };

/** All of them, at any depth, in no particular order. */
export function taggedParts(card: unknown): readonly Tagged[] {
  const found: Tagged[] = [];
  const waiting: unknown[] = [card];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) waiting.push(...value);
    if (!isRecord(value)) continue;
    if (isTagged(value)) found.push(value);
    for (const [key, inner] of Object.entries(value)) if (!opaqueKeys.has(key)) waiting.push(inner);
  }
  return found;
}

function isTagged(value: Record<string, unknown>): value is Tagged {
  return typeof value.tag === 'string';
}

function checkedCard(content: string, isKnownImage: (key: string) => boolean): Card {
  const card = parseJson(content);
  const parts = taggedParts(card);
  if (parts.length > maxTagged) throw new CardFault(11310, 'element exceeds the limit', 300305);
  if (card.schema === '2.0') checkSchema2(card, parts);
  let tables = 0;
  for (const part of parts) {
    if (part.tag === 'table') tables += 1;
    for (const key of imageKeys(part)) {
      if (!isKnownImage(key)) {
        throw new CardFault(200570, `card contains invalid image keys; ErrorValue: image key ${key}`);
      }
    }
    if (part.tag === 'markdown' && typeof part.content === 'string') tables += countTables(part.content);
  }
  if (tables > maxTables) throw new CardFault(11310, 'card table number over limit; ErrorValue: table');
  return card;
}

function parseJson(content: string): Card {
  let card: unknown;
  try {
    card = JSON.parse(content);
  } catch {
    card = undefined;
  }
  if (!isRecord(card)) throw new CardFault(200621, 'parse card json err');
  return card;
}

function checkSchema2(card: Card, parts: readonly Tagged[]): void {
  const unknown = parts.find(({ tag }) => !knownTags.has(tag));
  if (unknown !== undefined) {
    throw new CardFault(
      200861,
      `cards of schema V2 no longer support this capability; ErrorValue: unsupported tag ${unknown.tag}`,
    );
  }
  if (!isRecord(card.body) || !Array.isArray(card.body.elements)) {
    throw new CardFault(200621, 'parse card json err, body.elements is missing');
  }
  if (isRecord(card.config) && card.config.update_multi === false) {
    throw new CardFault(300302, 'update_multi can not be false');
  }
  const ids = new Set<string>();
  for (const { element_id: id } of parts) {
    if (id === undefined) continue;
    if (typeof id !== 'string' || !/^[a-zA-Z]\w{0,19}$/.test(id)) {
      throw new CardFault(200621, `parse card json err, invalid element_id ${String(id)}`);
    }
    if (ids.has(id)) throw new CardFault(300301, `Duplicate element_id in card component; ErrorValue: ${id}`);
    ids.add(id);
  }
}

function imageKeys(part: Tagged): readonly string[] {
  if (part.tag === 'img') return typeof part.img_key === 'string' ? [part.img_key] : [];
  const isMarkdown = part.tag === 'markdown' || part.tag === 'lark_md';
  return isMarkdown && typeof part.content === 'string' ? imageTargets(part.content) : [];
}
