import type { Logger } from '@phonework/shared/log';
import type { EndedTurn, OutgoingFile, OutgoingMessage } from '../chat-channel.ts';
import type { FeishuApi } from './api.ts';
import { isFormRefused, isRefused, isSensitive } from './feishu-error.ts';
import { insteadOf } from './instead.ts';
import type { HaltedCard, LiveCards } from './live/live-cards.ts';
import { answerCard } from './live/turn-card.ts';
import type { FeishuMedia } from './media.ts';
import type { MessagePart, TextFile } from './render.ts';
import { plainParts, renderCard, renderMessage } from './render.ts';

/** Of how many chats it is remembered when the bot last said something. */
const MAX_CHATS = 5000;

/** How many parts that Feishu refused are remembered. */
const MAX_REFUSED = 1000;

/** What the bot says, so that it arrives: in the form that Feishu takes, once, in order. Rejects with FeishuError or StoreError. */
export class FeishuSender {
  readonly #api: FeishuApi;
  readonly #media: FeishuMedia;
  readonly #live: LiveCards;
  readonly #logger: Logger;
  /** By their uuid: another attempt to send the message does not begin with them again. */
  readonly #refused = new Set<string>();
  /** When a message last came to a chat, ms since the epoch. */
  readonly #lastSaidAt = new Map<string, number>();

  constructor(options: {
    readonly api: FeishuApi;
    readonly media: FeishuMedia;
    readonly live: LiveCards;
    readonly logger: Logger;
  }) {
    this.#api = options.api;
    this.#media = options.media;
    this.#live = options.live;
    this.#logger = options.logger;
  }

  /** Resolves with the ids of what is shown; the last is that of what carries the buttons. */
  async send(message: OutgoingMessage): Promise<readonly string[]> {
    const { turn } = message;
    return turn === undefined ? await this.#post(message) : await this.#sendAnswer(message, turn);
  }

  async sendFile(file: OutgoingFile): Promise<readonly string[]> {
    try {
      const messageId = await this.#api.sendPart(await this.#media.toPart(file), file);
      this.#media.sent(file);
      this.#noteSaid(file.chatId);
      return [messageId];
    } catch (error) {
      if (isRefused(error)) this.#media.sent(file);
      throw error;
    }
  }

  /** In the card that showed the turn, or after it. */
  async #sendAnswer(message: OutgoingMessage, turn: EndedTurn): Promise<readonly string[]> {
    const halted = await this.#live.halt(turn.id);
    if (halted === undefined) return await this.#post(message);
    const card = turn.isInPlace && !this.#isOvertaken(halted) ? renderCard(message) : undefined;
    if (card !== undefined) {
      const shown = await this.#live.complete(halted, answerCard(card, turn.tookMs));
      if (shown !== undefined) return [shown];
      // Noted first: after a crash the card must not become the answer once more, beside the message.
      await this.#live.leave(halted, turn, message.language ?? 'en');
    }
    const shown = await this.#post(message);
    await this.#live.leave(halted, turn, message.language ?? 'en');
    this.#live.wakeEndings();
    return shown;
  }

  async #post(message: OutgoingMessage): Promise<readonly string[]> {
    const { parts, file } = renderMessage(message);
    const shown: string[] = [];
    for (const part of parts) shown.push(...(await this.#sendPart(part, message)));
    const whole = file === undefined ? [] : await this.#sendWhole(message, file);
    for (const { uuid } of parts) this.#refused.delete(uuid);
    this.#noteSaid(message.chatId);
    return [...whole, ...shown];
  }

  /** In the first form that Feishu takes. */
  async #sendPart(part: MessagePart, message: OutgoingMessage): Promise<readonly string[]> {
    if (!this.#refused.has(part.uuid)) {
      try {
        return [await this.#api.sendPart(part, message)];
      } catch (error) {
        if (!isFormRefused(error) || insteadOf(part, message) === undefined) throw error;
        this.#logger.warn(
          { code: error.apiCode, form: part.messageType },
          'Feishu refused a form, trying a simpler one',
        );
        this.#noteRefused(part.uuid);
      }
    }
    const shown: string[] = [];
    for (const simpler of insteadOf(part, message) ?? []) shown.push(...(await this.#sendPart(simpler, message)));
    return shown;
  }

  /** An answer that is too long for the chat: as a file, or where Feishu takes none from the app, after all in the chat. */
  async #sendWhole(message: OutgoingMessage, file: TextFile): Promise<readonly string[]> {
    const id = `${message.id}-file`;
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
    for (const part of plainParts({ ...message, id })) shown.push(await this.#api.sendPart(part, message));
    return shown;
  }

  /** Something was said below the card since: the answer in its place would stand above what came before it. */
  #isOvertaken({ row }: HaltedCard): boolean {
    return row.state === 'open' && (this.#lastSaidAt.get(row.chatId) ?? 0) >= row.openedAt;
  }

  #noteSaid(chatId: string): void {
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
