import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { isCommand } from '../routing/rules.ts';
import { texts } from '../texts.ts';
import type { IncomingMessage } from './chat-channel.ts';
import type { Commands } from './commands.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import type { Dispatch } from './dispatch.ts';
import type { Downloads } from './downloads.ts';
import type { Presence } from './presence.ts';
import type { Presses } from './presses.ts';

/**
 * What becomes of a user's message. It is taken, decided on, and its answer or its forward stored, in one transaction:
 * once `receive` has resolved, the message can't be lost, and a repeat of it changes nothing.
 */
export class MessageHandler {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #commands: Commands;
  readonly #presses: Presses;
  readonly #downloads: Downloads;
  readonly #dispatch: Dispatch;
  readonly #presence: Presence;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (message: IncomingMessage) => boolean;
  readonly #journey: Journey;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    readonly inbox: Inbox<never>;
    readonly commands: Commands;
    readonly presses: Presses;
    readonly downloads: Downloads;
    readonly dispatch: Dispatch;
    readonly presence: Presence;
    readonly deliveries: Deliveries;
    readonly mayTalk: (message: IncomingMessage) => boolean;
    readonly journey: Journey;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#inbox = options.inbox;
    this.#commands = options.commands;
    this.#presses = options.presses;
    this.#downloads = options.downloads;
    this.#dispatch = options.dispatch;
    this.#presence = options.presence;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    this.#journey = options.journey;
    this.#logger = options.logger;
  }

  /** Resolves when the message is safe, rejects when it could not be stored: then it is the platform's to send again. */
  async receive(message: IncomingMessage): Promise<void> {
    const ids = [message.id, ...(message.fingerprint === undefined ? [] : [message.fingerprint])];
    await this.#store.write(() => {
      if (this.#inbox.addSettled(ids.map((id) => `${message.channel}:${id}`))) this.#decide(message);
    });
    this.#journey('message.stored', message.id);
  }

  #decide(message: IncomingMessage): void {
    // In a group the bot speaks only when spoken to, and a stranger there learns nothing.
    if (!message.addressed) return;
    const { channel, chatId, chatType, userId, text } = message;
    const from: ChatAddress = { channel, chatId, replyTo: message.id };
    if (!this.#mayTalk(message)) {
      this.#logger.warn({ user: userId, channel }, 'a stranger was refused');
      if (chatType === 'p2p') this.#deliveries.put(from, texts.notAllowed(userId));
      return;
    }
    if (message.unreadable !== undefined) {
      this.#deliveries.put(from, texts.unreadable(message.unreadable));
      return;
    }
    this.#presence.seen(message);
    const trimmed = text.trim();
    const hasFiles = (message.attachments ?? []).length > 0;
    const answer = trimmed === '' && !hasFiles ? texts.empty : this.#commands.run(userId, trimmed);
    if (answer !== undefined) this.#deliveries.put(from, answer);
    else if (hasFiles || !this.#presses.takeTyped(message)) this.#pass(message, trimmed);
    if (hasFiles && isCommand(trimmed)) this.#deliveries.put(from, texts.attachmentsWithCommand);
  }

  /** A command does not wait, and takes no files with it. */
  #pass(message: IncomingMessage, text: string): void {
    if (isCommand(text) || !this.#downloads.mustWait(message)) this.#dispatch.take(message, { text });
    else this.#downloads.take(message, text);
  }
}
