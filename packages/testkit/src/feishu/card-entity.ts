import { randomInt } from 'node:crypto';
import type { Card, Tagged } from './card-rules.ts';
import { parseCard, taggedParts } from './card-rules.ts';
import { isRecord } from './content.ts';
import type { FeishuMessage } from './message.ts';
import { changeContent } from './message.ts';
import { RestError } from './rest-error.ts';

/** What every operation on a card carries. */
export type CardOperation = { readonly sequence: number; readonly uuid?: string };

export type CardRules = {
  readonly isKnownImage: (key: string) => boolean;
  /** How long a card may stream before the platform ends it. */
  readonly streamingLimitMs: () => number;
};

const lifetimeMs = 14 * 24 * 3_600_000;
const maxSequence = 2 ** 31 - 1;
const maxTextLength = 100_000;

/** A card made with CardKit, and changed by its id from then on. What is refused throws RestError and changes nothing. */
export class CardEntity {
  readonly id = `7${Array.from({ length: 18 }, () => randomInt(10)).join('')}`;
  readonly #rules: CardRules;
  readonly #createdAt = Date.now();
  readonly #uuids = new Set<string>();
  #card: Card;
  #sequence = 0;
  /** When the streaming mode was opened; undefined while it is off. */
  #streamingSince: number | undefined;
  #message: FeishuMessage | undefined;
  /** Presses that are not answered yet. */
  #presses = 0;

  constructor(json: string, rules: CardRules) {
    this.#rules = rules;
    this.#card = this.#parse(json);
    if (isStreaming(this.#card)) this.#streamingSince = this.#createdAt;
  }

  /** The card as it is now, as JSON. */
  get content(): string {
    return JSON.stringify(this.#card);
  }

  /** Of the newest operation; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  get isStreaming(): boolean {
    return this.#streamingSince !== undefined && !this.#isOverdue(this.#streamingSince);
  }

  /** The message that shows it; undefined until it is sent. */
  get messageId(): string | undefined {
    return this.#message?.id;
  }

  get isExpired(): boolean {
    return Date.now() - this.#createdAt > lifetimeMs;
  }

  /** From now on the message follows the card. */
  showIn(message: FeishuMessage): void {
    this.#message = message;
  }

  /** The whole text of an element, not what was added to it. */
  streamText(elementId: string, content: string, operation: CardOperation): void {
    this.#check(operation);
    if (this.#streamingSince === undefined) throw new RestError(300309, 'ErrMsg: streaming mode is closed; ');
    if (this.#isOverdue(this.#streamingSince)) {
      this.#streamingSince = undefined;
      this.#card = withConfig(this.#card, { streaming_mode: false });
      throw new RestError(200850, 'ErrMsg: card streaming timeout; ');
    }
    if (content === '' || content.length > maxTextLength) throw new RestError(300307, 'ErrMsg: content is invalid; ');
    const next = structuredClone(this.#card);
    const element = taggedParts(next).find((part) => part.element_id === elementId);
    if (element === undefined) throw new RestError(300313, `ErrMsg: not find elementID : ${elementId}; `);
    if (!holdsText(element)) throw new RestError(300310, 'ErrMsg: only text elements can be streamed; ');
    Object.assign(element, { content });
    // Whether the platform measures the whole card here too is not known: who stays within it is safe either way.
    this.#commit(this.#parse(JSON.stringify(next)), operation);
  }

  /** `settings` is JSON: `{"config":{…}}`. What it names is replaced, the rest stays. */
  configure(settings: string, operation: CardOperation): void {
    this.#check(operation);
    const parsed = parseSettings(settings);
    const config = isRecord(parsed.config) ? parsed.config : {};
    const next = this.#parse(JSON.stringify(withConfig(this.#card, config)));
    if (config.streaming_mode === true) this.#streamingSince = Date.now();
    this.#commit(next, operation);
  }

  replace(json: string, operation: CardOperation): void {
    this.#check(operation);
    this.#commit(this.#parse(json), operation);
  }

  /** By another way than CardKit, which knows of no sequence. */
  replaceUnnumbered(card: Card): void {
    this.#show(card);
  }

  /** While `answer` is awaited, a press is open, and the card can't be changed. */
  async whilePressed<T>(answer: () => Promise<T>): Promise<T> {
    this.#presses += 1;
    try {
      return await answer();
    } finally {
      this.#presses -= 1;
    }
  }

  #check({ sequence, uuid }: CardOperation): void {
    if (this.isExpired) throw new RestError(200750, 'ErrMsg: card is expired; ');
    if (this.#presses > 0) throw new RestError(200810, 'ErrMsg: card is in user interaction; ');
    if (uuid !== undefined && this.#uuids.has(uuid)) throw new RestError(200770, 'ErrMsg: uuid conflict; ');
    if (sequence <= this.#sequence || sequence > maxSequence) {
      throw new RestError(300317, 'ErrMsg: sequence number compare failed; ');
    }
  }

  #commit(card: Card, { sequence, uuid }: CardOperation): void {
    this.#sequence = sequence;
    if (uuid !== undefined) this.#uuids.add(uuid);
    this.#show(card);
  }

  #show(card: Card): void {
    this.#card = card;
    this.#streamingSince = isStreaming(card) ? (this.#streamingSince ?? Date.now()) : undefined;
    if (this.#message !== undefined) changeContent(this.#message, this.content);
  }

  #isOverdue(since: number): boolean {
    return Date.now() - since >= this.#rules.streamingLimitMs();
  }

  #parse(json: string): Card {
    const card = parseCard(json, 'cardkit', this.#rules.isKnownImage);
    if (card.schema !== '2.0') throw new RestError(200830, 'ErrMsg: only cards of schema V2 are supported; ');
    return card;
  }
}

export function isStreaming(card: unknown): boolean {
  return isRecord(card) && isRecord(card.config) && card.config.streaming_mode === true;
}

function holdsText({ tag }: Tagged): boolean {
  return tag === 'markdown' || tag === 'plain_text';
}

function withConfig(card: Card, config: Readonly<Record<string, unknown>>): Card {
  return { ...card, config: { ...(isRecord(card.config) ? card.config : {}), ...config } };
}

function parseSettings(settings: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(settings);
    if (isRecord(parsed)) return parsed;
  } catch {
    // Said below, for everything that is no JSON object.
  }
  throw new RestError(99992402, 'field validation failed: settings');
}
