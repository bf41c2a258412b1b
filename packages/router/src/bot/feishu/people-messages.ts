import { HOUR_MS } from '@phonework/shared/duration';
import type { Logger } from '@phonework/shared/log';
import type { IncomingMessage, KnownChat } from '../chat-channel.ts';
import type { BotIdentity } from './events.ts';
import { toIncomingMessage } from './events.ts';
import { FeishuError, isRefused, isScopeMissing } from './feishu-error.ts';
import type { History, HistoryMessage } from './history.ts';

/** How long a permission that was missing is taken to be missing. */
const DENIED_MS = HOUR_MS;

/** What people have said to the bot, out of the history of their chats, as the events would have told it. */
export class PeopleMessages {
  readonly #history: History;
  readonly #bot: () => BotIdentity;
  readonly #logger: Logger;
  /** Until when (monotonic) the chats of a type are not asked for: groups need a permission of their own. */
  readonly #deniedUntil = new Map<KnownChat['chatType'], number>();
  readonly #warnedOf = new Set<KnownChat['chatType']>();

  constructor(options: {
    readonly history: History;
    readonly bot: () => BotIdentity;
    readonly logger: Logger;
  }) {
    this.#history = options.history;
    this.#bot = options.bot;
    this.#logger = options.logger;
  }

  /**
   * Since then (ms since the epoch), oldest first, but for what the bot has answered; undefined where Feishu does not tell.
   * Rejects with FeishuError.
   */
  async since(chat: KnownChat, since: number, signal: AbortSignal): Promise<readonly IncomingMessage[] | undefined> {
    if (performance.now() < (this.#deniedUntil.get(chat.chatType) ?? 0)) return undefined;
    const bot = this.#bot();
    // Who was mentioned in a group can't be told without.
    if (bot.openId === undefined && chat.chatType === 'group') {
      throw new FeishuError('unreachable', 'Feishu has not said yet who the bot is.');
    }
    const found: IncomingMessage[] = [];
    // Whatever the database says, which may have been put back from a copy: what has an answer was handled.
    const answered = new Set<string | undefined>();
    try {
      for await (const message of this.#history.since(chat.chatId, since, { urgency: 'spare', signal })) {
        if (message.sender.id === bot.appId) answered.add(message.parent_id);
        const incoming = toIncoming(message, chat, bot);
        if (incoming?.addressed) found.push(incoming);
      }
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#noteRefusal(chat, error);
      return undefined;
    }
    return found.filter(({ id }) => !answered.has(id)).reverse();
  }

  #noteRefusal({ chatType }: KnownChat, error: FeishuError): void {
    // Else it is about this one chat: the bot was taken out of it, or it is gone.
    if (!isScopeMissing(error)) return;
    this.#deniedUntil.set(chatType, performance.now() + DENIED_MS);
    if (this.#warnedOf.has(chatType)) return;
    this.#warnedOf.add(chatType);
    const permission = chatType === 'group' ? 'im:message.group_msg' : 'im:message:readonly';
    this.#logger.warn(
      { code: error.apiCode, chats: chatType },
      `Feishu does not let the app read its chats (permission ${permission}): messages of a time without a connection are found only if Feishu brings them again`,
    );
  }
}

function toIncoming(
  message: HistoryMessage,
  { chatId, chatType }: KnownChat,
  bot: BotIdentity,
): IncomingMessage | null {
  const { sender, msg_type: type, mentions } = message;
  // "Alice joined": nobody said that.
  if (sender.sender_type !== 'user' || sender.id === '' || type === 'system') return null;
  const event = {
    app_id: bot.appId,
    sender: { sender_id: { open_id: sender.id }, sender_type: sender.sender_type },
    message: {
      message_id: message.message_id,
      ...(message.parent_id !== undefined && { parent_id: message.parent_id }),
      chat_id: chatId,
      chat_type: chatType,
      message_type: type,
      content: message.body.content,
      create_time: message.create_time,
      mentions: mentions.map(({ key, name, id }) => ({ key, name, id: { open_id: id } })),
    },
  };
  return toIncomingMessage(event, bot);
}
