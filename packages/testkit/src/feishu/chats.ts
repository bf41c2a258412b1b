import { randomBytes } from 'node:crypto';
import { readableText } from './content.ts';
import { RestError } from './rest-error.ts';

/** A message that exists, from a user or from the bot. */
export type FeishuMessage = {
  readonly id: string;
  readonly chatId: string;
  readonly sender: 'user' | 'bot';
  /** The user's open_id; absent for the bot. */
  readonly openId?: string;
  readonly messageType: string;
  /** JSON, as the API carries it. */
  content: string;
  /** `content` as a person would read it. */
  text: string;
  readonly replyTo?: string;
  readonly uuid?: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  state: 'sent' | 'recalled' | 'deleted';
  /** How often it was changed in place. */
  updates: number;
  readonly reactions: Map<string, string>;
};

export type NewMessage = Pick<FeishuMessage, 'chatId' | 'sender' | 'messageType' | 'content'> &
  Partial<Pick<FeishuMessage, 'id' | 'openId' | 'replyTo' | 'uuid' | 'createdAt'>>;

const uuidWindowMs = 3_600_000;
const maxTextBytes = 150 * 1024;
const maxRichBytes = 30 * 1024;

/** All messages of all chats, in the order in which they came to be. */
export class Chats {
  readonly #messages = new Map<string, FeishuMessage>();
  readonly #byUuid = new Map<string, FeishuMessage>();
  #sentCount = 0;

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

  /** The bot's way in: a `uuid` whose hour has not passed gives the first message again. Throws RestError. */
  send(message: NewMessage): FeishuMessage {
    if (message.uuid !== undefined && message.uuid.length > 50) throw new RestError(99992402, 'uuid: max len is 50');
    const repeated = message.uuid === undefined ? undefined : this.#byUuid.get(message.uuid);
    if (repeated !== undefined && Date.now() - repeated.createdAt < uuidWindowMs) return repeated;
    checkContent(message.messageType, message.content);
    const sent = this.add(message);
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

  /** A message that can be answered or changed. Throws RestError for the others. */
  get(id: string): FeishuMessage {
    const message = this.#messages.get(id);
    if (message === undefined) throw new RestError(231003, 'The message is not found.');
    if (message.state === 'recalled') throw new RestError(230011, 'The message was recalled.');
    if (message.state === 'deleted') throw new RestError(230110, 'The message has been deleted.');
    return message;
  }

  /** Only cards can be changed in place. */
  patch(id: string, content: string): FeishuMessage {
    const message = this.get(id);
    if (message.sender !== 'bot') throw new RestError(230071, 'The operator is not the sender of the message.');
    if (message.messageType !== 'interactive') throw new RestError(230054, 'This operation is not supported.');
    checkContent(message.messageType, content);
    message.content = content;
    message.text = readableText(message.messageType, content);
    message.updates += 1;
    return message;
  }
}

function checkContent(messageType: string, content: string): void {
  const limit = messageType === 'text' ? maxTextBytes : maxRichBytes;
  if (Buffer.byteLength(content) > limit) throw new RestError(230025, 'The length of the message content is too long.');
  try {
    JSON.parse(content);
  } catch {
    throw new RestError(230001, 'Your request contains an invalid request parameter, ext=content is not JSON.');
  }
  if (messageType === 'text' && readableText(messageType, content).trim() === '') {
    throw new RestError(230001, 'Your request contains an invalid request parameter, ext=text content is empty.');
  }
}
