import { newId } from '@phonework/shared/id';
import type { Text } from '@phonework/shared/language';
import { languageOf } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import { MailFullError } from '@phonework/shared/mail';
import { StoreError } from '@phonework/shared/store';
import { texts } from '../texts.ts';
import type { ChatChannel, IncomingMessage } from './chat-channel.ts';

/**
 * Tells people at once when their messages can't be stored: not through the database, which is what fails. Each chat
 * once, until messages can be stored again.
 */
export class StorageAlarm {
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #mayTalk: (message: IncomingMessage) => boolean;
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(options: {
    readonly channels: readonly ChatChannel[];
    readonly mayTalk: (message: IncomingMessage) => boolean;
    readonly logger: Logger;
  }) {
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#mayTalk = options.mayTalk;
    this.#logger = options.logger;
  }

  /** Watches over the storing of a message, and settles as that does. */
  async watch(message: IncomingMessage, storing: Promise<void>): Promise<void> {
    try {
      await storing;
      this.#told.clear();
    } catch (error) {
      const why = reasonOf(error);
      if (why !== undefined && message.addressed && this.#mayTalk(message)) void this.#tell(message, why);
      throw error;
    }
  }

  /** Never rejects: the message comes again, whether its user knows why or not. */
  async #tell({ channel: name, chatId, id: replyTo, text }: IncomingMessage, why: Text): Promise<void> {
    const chat = `${name}:${chatId}`;
    if (this.#told.has(chat)) return;
    this.#told.add(chat);
    try {
      // The language that is remembered stands in the database.
      const language = languageOf(text) ?? 'en';
      await this.#channels.get(name)?.send({ id: newId(), chatId, replyTo, text: why[language], language });
    } catch (error) {
      this.#logger.warn({ err: error, channel: name }, 'a user could not be told that nothing can be stored');
    }
  }
}

/** Undefined for what is no fault of the store. */
function reasonOf(error: unknown): Text | undefined {
  if (error instanceof MailFullError) return texts.tooMuchWaits;
  return error instanceof StoreError && error.code !== 'closed' ? texts.cannotStore : undefined;
}
