import { randomBytes } from 'node:crypto';
import type { CardEntities } from './card-entities.ts';
import type { CardEntity } from './card-entity.ts';
import type { Card } from './card-rules.ts';
import { parseCard } from './card-rules.ts';
import { isRecord, readableText } from './content.ts';
import type { FeishuMessage } from './message.ts';
import { changeContent } from './message.ts';
import { RestError } from './rest-error.ts';

export type NewMessage = Pick<FeishuMessage, 'chatId' | 'sender' | 'messageType' | 'content'> &
  Partial<Pick<FeishuMessage, 'id' | 'openId' | 'replyTo' | 'mentionsBot' | 'uuid' | 'cardId' | 'createdAt'>>;

const editableMs = 14 * 24 * 3_600_000;
const maxTextBytes = 150 * 1024;
const maxRichBytes = 30 * 1024;

/** All messages of all chats, in the order in which they came to be. */
export class Chats {
  readonly #cards: CardEntities;
  readonly #isKnownImage: (key: string) => boolean;
  readonly #uuidWindowMs: () => number;
  readonly #messages = new Map<string, FeishuMessage>();
  readonly #byUuid = new Map<string, FeishuMessage>();
  #sentCount = 0;

  constructor(options: {
    readonly cards: CardEntities;
    readonly isKnownImage: (key: string) => boolean;
    readonly uuidWindowMs: () => number;
  }) {
    this.#cards = options.cards;
    this.#isKnownImage = options.isKnownImage;
    this.#uuidWindowMs = options.uuidWindowMs;
  }

  get all(): readonly FeishuMessage[] {
    return [...this.#messages.values()];
  }

  /** How many messages are the bot's: cheap, however many there are. */
  get sentCount(): number {
    return this.#sentCount;
  }

  in(chatId: string): readonly FeishuMessage[] {
    return this.all.filter((message) => message.chatId === chatId);
  }

  /** The bot's way in: a `uuid` whose time has not passed gives the first message again. Throws RestError. */
  send(message: NewMessage): FeishuMessage {
    if (message.uuid !== undefined && message.uuid.length > 50) throw new RestError(99992402, 'uuid: max len is 50');
    const repeated = message.uuid === undefined ? undefined : this.#byUuid.get(message.uuid);
    if (repeated !== undefined && Date.now() - repeated.createdAt < this.#uuidWindowMs()) return repeated;
    const entity = this.#check(message);
    const sent = this.add(entity === undefined ? message : { ...message, content: entity.content, cardId: entity.id });
    entity?.showIn(sent);
    if (sent.uuid !== undefined) this.#byUuid.set(sent.uuid, sent);
    return sent;
  }

  add(message: NewMessage): FeishuMessage {
    const added: FeishuMessage = {
      id: `om_${randomBytes(12).toString('hex')}`,
      createdAt: Date.now(),
      ...message,
      text: readableText(message.messageType, message.content),
      state: 'sent',
      updates: 0,
      reactions: new Map(),
    };
    this.#messages.set(added.id, added);
    if (added.sender === 'bot') this.#sentCount += 1;
    return added;
  }

  /** Whatever became of it; undefined where there never was one. */
  find(id: string): FeishuMessage | undefined {
    return this.#messages.get(id);
  }

  /** A message that can be answered or changed. Throws RestError for the others. */
  get(id: string): FeishuMessage {
    const message = this.find(id);
    if (message === undefined) throw new RestError(231003, 'The message is not found.');
    if (message.state === 'recalled') throw new RestError(230011, 'The message was recalled.');
    if (message.state === 'deleted') throw new RestError(230110, 'The message has been deleted.');
    return message;
  }

  /** Only cards can be changed in place, and only those that were and stay the same for all who see them. */
  patch(id: string, content: string): FeishuMessage {
    const message = this.get(id);
    if (message.sender !== 'bot') throw new RestError(230071, 'The operator is not the sender of the message.');
    if (message.messageType !== 'interactive') throw new RestError(230054, 'This operation is not supported.');
    if (Date.now() - message.createdAt > editableMs) {
      throw new RestError(230031, 'Message can only be modified within 14 days after sending.');
    }
    const card = parseCard(content, 'message', this.#isKnownImage);
    if (!isShared(card) || !isShared(JSON.parse(message.content))) {
      throw new RestError(
        230099,
        'Failed to create card content, ext=ErrCode: 300302; ErrMsg: update_multi is false; ',
      );
    }
    this.#replaceCard(message, card, content);
    return message;
  }

  /** What the answer to a press does. Throws RestError for a card that breaks the rules. */
  replaceByPress(message: FeishuMessage, content: string): void {
    const card = parseCard(content, 'message', this.#isKnownImage);
    if (isSchema2(JSON.parse(message.content)) && !isSchema2(card)) {
      throw new RestError(200830, 'A card of schema V2 can only be replaced by one.');
    }
    this.#replaceCard(message, card, content);
  }

  #replaceCard(message: FeishuMessage, card: Card, content: string): void {
    if (message.cardId === undefined) changeContent(message, content);
    else this.#cards.get(message.cardId).replaceUnnumbered(card);
  }

  /** The card made with CardKit that is to be sent, if it is one. */
  #check({ messageType, content }: NewMessage): CardEntity | undefined {
    const limit = messageType === 'text' ? maxTextBytes : maxRichBytes;
    if (Buffer.byteLength(content) > limit)
      throw new RestError(230025, 'The length of the message content is too long.');
    const parsed = parseJson(content);
    if (messageType === 'text' && readableText(messageType, content).trim() === '') {
      throw new RestError(230001, 'Your request contains an invalid request parameter, ext=text content is empty.');
    }
    if (messageType !== 'interactive') return undefined;
    const entity = this.#cards.namedBy(parsed);
    if (entity === undefined && !isTemplate(parsed)) parseCard(content, 'message', this.#isKnownImage);
    return entity;
  }
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new RestError(230001, 'Your request contains an invalid request parameter, ext=content is not JSON.');
  }
}

/** A card that was made in the card builder, of which only the name is sent. */
function isTemplate(content: unknown): boolean {
  return isRecord(content) && content.type === 'template';
}

function isShared(card: unknown): boolean {
  return isRecord(card) && isRecord(card.config) && card.config.update_multi === true;
}

function isSchema2(card: unknown): boolean {
  return isRecord(card) && card.schema === '2.0';
}
