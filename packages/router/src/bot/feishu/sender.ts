import type { Logger } from '@phonework/shared/log';
import type { EndedTurn, OutgoingFile, OutgoingMessage } from '../chat-channel.ts';
import type { FeishuApi } from './api.ts';
import type { EarlierParts, EarlierSends } from './earlier-sends.ts';
import { isFormRefused, isRefused, isSensitive } from './feishu-error.ts';
import { feishuTexts } from './feishu-texts.ts';
import { hasSimplerForm } from './instead.ts';
import type { HaltedCard, LiveCards } from './live/live-cards.ts';
import { answerCard } from './live/turn-card.ts';
import type { FeishuMedia } from './media.ts';
import type { MessagePart, TextFile } from './render.ts';
import { partUuid } from './render.ts';
import { apart } from './render-apart.ts';

/** Of how many chats it is remembered when the bot last said something. */
const MAX_CHATS = 5000;

/** How many parts that Feishu refused are remembered. */
const MAX_REFUSED = 1000;

/** What the bot says, so that it arrives: in the form that Feishu takes, once, in order. Rejects with FeishuError or StoreError. */
export class FeishuSender {
  readonly #api: FeishuApi;
  readonly #media: FeishuMedia;
  readonly #live: LiveCards;
  readonly #earlier: EarlierSends;
  readonly #logger: Logger;
  /** By their uuid: another attempt to send the message does not begin with them again. */
  readonly #refused = new Set<string>();
  /** When a message last came to a chat, ms since the epoch. */
  readonly #lastSaidAt = new Map<string, number>();

  constructor(options: {
    readonly api: FeishuApi;
    readonly media: FeishuMedia;
    readonly live: LiveCards;
    readonly earlier: EarlierSends;
    readonly logger: Logger;
  }) {
    this.#api = options.api;
    this.#media = options.media;
    this.#live = options.live;
    this.#earlier = options.earlier;
    this.#logger = options.logger;
  }

  /** Resolves with the ids of what is shown; the last is that of what carries the buttons. */
  async send(message: OutgoingMessage): Promise<readonly string[]> {
    const { turn } = message;
    return turn === undefined ? await this.#post(message) : await this.#sendAnswer(message, turn);
  }

  async sendFile(file: OutgoingFile): Promise<readonly string[]> {
    try {
      const earlier = await this.#earlier.of(file);
      const shown = earlier.takeFile(file);
      const ids = shown === undefined ? await this.#sendNewFile(file, earlier) : [shown];
      this.#media.sent(file);
      this.#noteSaid(file.chatId);
      return ids;
    } catch (error) {
      if (isRefused(error)) this.#media.sent(file);
      throw error;
    }
  }

  async #sendNewFile(file: OutgoingFile, { isKnown }: EarlierParts): Promise<readonly string[]> {
    const part = await this.#media.toPart(file);
    if (isKnown) return [await this.#api.sendPart(part, file)];
    const content = JSON.stringify({ text: feishuTexts.fileMayRepeat[file.language ?? 'en'] });
    const note = { messageType: 'text', content, uuid: partUuid(file.id, 1, 'n') } as const;
    return [await this.#api.sendPart(note, file), await this.#api.sendPart(part, file)];
  }

  /** In the card that showed the turn, or after it. */
  async #sendAnswer(message: OutgoingMessage, turn: EndedTurn): Promise<readonly string[]> {
    const halted = await this.#live.halt(turn.id);
    if (halted === undefined) return await this.#post(message);
    const card = turn.isInPlace && !this.#isOvertaken(halted) ? await apart.renderCard(message) : undefined;
    if (card !== undefined) {
      const shown = await this.#live.complete(halted, answerCard(card, turn.tookMs));
      if (shown !== undefined) return [shown];
    }
    // Noted first: after a crash the card must not become the answer too, beside the message.
    await this.#live.leave(halted, turn, message.language ?? 'en');
    const shown = await this.#post(message);
    this.#live.wakeEndings();
    return shown;
  }

  async #post(asked: OutgoingMessage): Promise<readonly string[]> {
    const earlier = await this.#earlier.of(asked);
    const message = earlier.isKnown ? asked : mayRepeat(asked);
    const { parts, file } = await apart.renderMessage(message);
    const shown: string[] = [];
    for (const part of parts) shown.push(...(await this.#sendPart(part, message, earlier)));
    const whole = file === undefined ? [] : await this.#sendWhole(message, file, earlier);
    for (const { uuid } of parts) this.#refused.delete(uuid);
    this.#noteSaid(message.chatId);
    return [...whole, ...shown];
  }

  /** In the first form that Feishu takes, unless it is in the chat. */
  async #sendPart(part: MessagePart, message: OutgoingMessage, earlier: EarlierParts): Promise<readonly string[]> {
    const known = earlier.take(part);
    if (known !== undefined) return [known];
    if (!this.#refused.has(part.uuid) && !(await isInSimplerForm(part, message, earlier))) {
      try {
        return [await this.#api.sendPart(part, message)];
      } catch (error) {
        if (!isFormRefused(error) || !hasSimplerForm(part)) throw error;
        this.#logger.warn(
          { code: error.apiCode, form: part.messageType },
          'Feishu refused a form, trying a simpler one',
        );
        this.#noteRefused(part.uuid);
      }
    }
    const shown: string[] = [];
    for (const simpler of (await apart.insteadOf(part, message)) ?? [])
      shown.push(...(await this.#sendPart(simpler, message, earlier)));
    return shown;
  }

  /** An answer that is too long for the chat: as a file, or where Feishu takes none from the app, after all in the chat. */
  async #sendWhole(message: OutgoingMessage, file: TextFile, earlier: EarlierParts): Promise<readonly string[]> {
    const id = `${message.id}-file`;
    const known = earlier.takeFile(file);
    if (known !== undefined) return [known];
    try {
      const bytes = Buffer.from(file.text);
      const part = await this.#media.toPart({ id, name: file.name, size: bytes.length, bytes });
      const messageId = await this.#api.sendPart(part, message);
      this.#media.sent({ id });
      return [messageId];
    } catch (error) {
      if (!isRefused(error) || isSensitive(error)) throw error;
      this.#media.sent({ id });
      this.#logger.warn({ code: error.apiCode }, 'Feishu refused an answer as a file, sending all of it as text');
    }
    const shown: string[] = [];
    for (const part of await apart.plainParts({ ...message, id })) {
      shown.push(earlier.take(part) ?? (await this.#api.sendPart(part, message)));
    }
    return shown;
  }

  /** Something was said below the card since: the answer in its place would stand above what came before it. */
  #isOvertaken({ row }: HaltedCard): boolean {
    return row.isOvertaken || (row.state === 'open' && (this.#lastSaidAt.get(row.chatId) ?? 0) >= row.openedAt);
  }

  #noteSaid(chatId: string): void {
    this.#live.overtake(chatId);
    this.#lastSaidAt.delete(chatId);
    this.#lastSaidAt.set(chatId, Date.now());
    const [oldest] = this.#lastSaidAt.keys();
    if (this.#lastSaidAt.size > MAX_CHATS && oldest !== undefined) this.#lastSaidAt.delete(oldest);
  }

  #noteRefused(uuid: string): void {
    this.#refused.add(uuid);
    const [oldest] = this.#refused;
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }
}

/** Whether an earlier attempt has begun to say this part in another form, because Feishu refused this one. */
async function isInSimplerForm(part: MessagePart, message: OutgoingMessage, earlier: EarlierParts): Promise<boolean> {
  if (earlier.isEmpty || !hasSimplerForm(part)) return false;
  const [first] = (await apart.insteadOf(part, message)) ?? [];
  return first !== undefined && (earlier.has(first) || (await isInSimplerForm(first, message, earlier)));
}

/** For when it may be in the chat, and the app may not look there. */
function mayRepeat(message: OutgoingMessage): OutgoingMessage {
  return { ...message, text: `${feishuTexts.mayRepeat[message.language ?? 'en']}\n\n${message.text}` };
}
