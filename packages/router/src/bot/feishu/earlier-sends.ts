import { createHash } from 'node:crypto';
import { MINUTE_MS } from '@phonework/shared/duration';
import * as z from 'zod';
import type { EarlierAttempts, OutgoingFile, OutgoingMessage } from '../chat-channel.ts';
import { isRefused } from './feishu-error.ts';
import type { History, HistoryMessage } from './history.ts';
import { parseContent, readMessageText } from './message-text.ts';
import type { MessagePart } from './render.ts';

/** Feishu's clock and ours need not agree. */
const MARGIN_MS = MINUTE_MS;

/** What was sent after a chat was read is younger than Feishu's memory of uuids for so long. */
const READ_IS_GOOD_MS = 30 * MINUTE_MS;

/** Whether a chat may be read is asked again sooner: somebody may have granted the permission. */
const DENIAL_IS_GOOD_MS = MINUTE_MS;

/** Of how many chats it is kept what was read. */
const MAX_CHATS = 100;

/** A message of the bot's own in a chat. */
type OwnMessage = {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly createdAt: number;
  /** The outgoing message that it was found to be a part of. */
  claimedBy?: string;
};

/** What was read of a chat; `own` is absent where the app may not read it. */
type Reading = { readonly from: number; readonly goodUntil: number; readonly own?: ReadonlyMap<string, OwnMessage[]> };

type Sent = Pick<OutgoingMessage, 'chatId' | 'earlier' | 'id' | 'replyTo'>;

/**
 * What attempts to send a message have left in its chat, once they may be older than Feishu's memory of uuids. A message
 * of the bot's counts as a part when it answers the same message and says the same.
 */
export class EarlierSends {
  readonly #history: History;
  readonly #appId: string;
  readonly #uuidMs: number;
  /** By chat, the one that was read last at the end. */
  readonly #readings = new Map<string, Reading>();

  constructor(options: {
    readonly history: History;
    readonly appId: string;
    /** How long Feishu surely knows an uuid. */
    readonly uuidMs: number;
  }) {
    this.#history = options.history;
    this.#appId = options.appId;
    this.#uuidMs = options.uuidMs;
  }

  /** Rejects with FeishuError where that may go better a while later. */
  async of(message: Sent): Promise<EarlierParts> {
    const { chatId, earlier } = message;
    if (earlier === undefined || Date.now() - earlier.since < this.#uuidMs) return new EarlierParts(message, new Map());
    return new EarlierParts(message, (await this.#read(chatId, earlier.since - MARGIN_MS)).own);
  }

  async #read(chatId: string, from: number): Promise<Reading> {
    const known = this.#readings.get(chatId);
    if (known !== undefined && known.from <= from && performance.now() < known.goodUntil) return known;
    const readAt = performance.now();
    const own = await this.#ownMessages(chatId, from);
    const goodMs = own === undefined ? DENIAL_IS_GOOD_MS : READ_IS_GOOD_MS;
    const reading = { from, goodUntil: readAt + goodMs, ...(own && { own }) };
    this.#readings.delete(chatId);
    this.#readings.set(chatId, reading);
    const [oldest] = this.#readings.keys();
    if (this.#readings.size > MAX_CHATS && oldest !== undefined) this.#readings.delete(oldest);
    return reading;
  }

  /** By what they say. Undefined where that is not to be known. */
  async #ownMessages(chatId: string, from: number): Promise<ReadonlyMap<string, OwnMessage[]> | undefined> {
    // A user, whose chat is not known.
    if (chatId.startsWith('ou_')) return undefined;
    const own = new Map<string, OwnMessage[]>();
    try {
      for await (const message of this.#history.since(chatId, from)) {
        const saying = message.sender.id === this.#appId ? sayingOf(message) : undefined;
        if (saying === undefined) continue;
        const { message_id: id, parent_id: parentId, create_time: createdAt } = message;
        // The history begins with the newest.
        own.set(saying, [{ id, parentId, createdAt }, ...(own.get(saying) ?? [])]);
      }
    } catch (error) {
      if (!isRefused(error)) throw error;
      return undefined;
    }
    return own;
  }
}

/** What is in the chat of one message; each part counts once. */
export class EarlierParts {
  readonly #message: Sent;
  readonly #own: ReadonlyMap<string, readonly OwnMessage[]> | undefined;
  readonly #taken = new Set<string>();

  constructor(message: Sent, own: ReadonlyMap<string, readonly OwnMessage[]> | undefined) {
    this.#message = message;
    this.#own = own;
  }

  /** False where parts may be in the chat, and the app may not look. */
  get isKnown(): boolean {
    return this.#own !== undefined;
  }

  /** True where nothing can be found. */
  get isEmpty(): boolean {
    return (this.#own?.size ?? 0) === 0;
  }

  has(part: MessagePart): boolean {
    return this.#find(sayingOfPart(part)) !== undefined;
  }

  /** The id of the message that shows this part. */
  take(part: MessagePart): string | undefined {
    return this.#take(sayingOfPart(part));
  }

  /** The same for a file, which is told by its name, and an image, which has none. */
  takeFile({ name, imageType }: Pick<OutgoingFile, 'imageType' | 'name'>): string | undefined {
    return this.#take(fileSaying(name)) ?? (imageType === undefined ? undefined : this.#take(IMAGE));
  }

  #take(saying: string | undefined): string | undefined {
    const found = this.#find(saying);
    if (found === undefined) return undefined;
    found.claimedBy = this.#message.id;
    this.#taken.add(found.id);
    return found.id;
  }

  #find(saying: string | undefined): OwnMessage | undefined {
    const { replyTo, earlier } = this.#message;
    if (saying === undefined || earlier === undefined) return undefined;
    const candidates = (this.#own?.get(saying) ?? []).filter((own) => this.#mayBeOurs(own, earlier));
    // One without a parent was sent when the message that it answers was gone.
    return candidates.find(({ parentId }) => parentId === replyTo) ?? candidates.find(({ parentId }) => !parentId);
  }

  #mayBeOurs({ id, createdAt, claimedBy }: OwnMessage, { since, isOther }: EarlierAttempts): boolean {
    const isAnothers = claimedBy !== undefined && claimedBy !== this.#message.id;
    return createdAt >= since - MARGIN_MS && !isAnothers && !this.#taken.has(id) && !isOther(id);
  }
}

const FileContent = z.object({ file_name: z.string() });

const IMAGE = 'image';

/** Messages that say the same have the same one; undefined for those that say nothing. */
function sayingOf({ msg_type: type, body }: HistoryMessage): string | undefined {
  if (type === 'image') return IMAGE;
  const content = parseContent(body.content);
  if (type !== 'file') return textSaying(readMessageText(type, content));
  const file = FileContent.safeParse(content);
  return file.success ? fileSaying(file.data.file_name) : undefined;
}

function sayingOfPart({ messageType, content }: MessagePart): string | undefined {
  return textSaying(readMessageText(messageType, parseContent(content)));
}

function fileSaying(name: string): string {
  return `file ${name}`;
}

/** Goes by letters and digits alone, without where links lead: Feishu may hand a text out in another form than it got. */
function textSaying(text: string | null): string | undefined {
  if (text === null) return undefined;
  const shown = text.replaceAll('&#60;', '<').replace(/\]\([^()\s]{0,2000}\)/g, ']');
  const words = shown.replace(/[^\p{L}\p{N}]+/gu, '') || shown.replace(/\s+/g, '');
  return `text ${createHash('sha256').update(words).digest('hex')}`;
}
