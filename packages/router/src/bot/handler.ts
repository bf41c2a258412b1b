import { MINUTE_MS } from '@phonework/shared/duration';
import type { Journey } from '@phonework/shared/journey';
import type { Language } from '@phonework/shared/language';
import { inLanguage, languageOf } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { isCommand } from '../routing/rules.ts';
import { texts } from '../texts.ts';
import type { IncomingMessage } from './chat-channel.ts';
import { clockTime } from './clock-time.ts';
import type { Commands } from './commands.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';
import type { Dispatch } from './dispatch.ts';
import type { KnownChats } from './known-chats.ts';
import type { Preparations } from './preparations.ts';
import type { Presence } from './presence.ts';
import type { Presses } from './presses.ts';
import type { Quota } from './quota.ts';
import type { SeenMarks } from './seen-marks.ts';
import { unreadableText } from './unreadable.ts';

/** What is found sooner in the chat's history needs no word about it. */
const LATE_MS = 2 * MINUTE_MS;

/**
 * What becomes of a user's message. It is taken, decided on, and its answer or its forward stored, in one transaction:
 * once `receive` has resolved, the message can't be lost, and a repeat of it changes nothing.
 */
export class MessageHandler {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #commands: Commands;
  readonly #presses: Presses;
  readonly #preparations: Preparations;
  readonly #dispatch: Dispatch;
  readonly #presence: Presence;
  readonly #deliveries: Deliveries;
  readonly #seenMarks: SeenMarks;
  readonly #quota: Quota;
  readonly #knownChats: KnownChats;
  readonly #languages: ReaderLanguages;
  readonly #mayTalk: (message: IncomingMessage) => boolean;
  readonly #journey: Journey;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    readonly inbox: Inbox<never>;
    readonly commands: Commands;
    readonly presses: Presses;
    readonly preparations: Preparations;
    readonly dispatch: Dispatch;
    readonly presence: Presence;
    readonly deliveries: Deliveries;
    readonly seenMarks: SeenMarks;
    readonly quota: Quota;
    readonly knownChats: KnownChats;
    readonly languages: ReaderLanguages;
    readonly mayTalk: (message: IncomingMessage) => boolean;
    readonly journey: Journey;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#inbox = options.inbox;
    this.#commands = options.commands;
    this.#presses = options.presses;
    this.#preparations = options.preparations;
    this.#dispatch = options.dispatch;
    this.#presence = options.presence;
    this.#deliveries = options.deliveries;
    this.#seenMarks = options.seenMarks;
    this.#quota = options.quota;
    this.#knownChats = options.knownChats;
    this.#languages = options.languages;
    this.#mayTalk = options.mayTalk;
    this.#journey = options.journey;
    this.#logger = options.logger;
  }

  /** Resolves when the message is safe, rejects when it could not be stored: then it is the platform's to send again. */
  async receive(message: IncomingMessage): Promise<void> {
    await this.#store.write(() => {
      if (this.#inbox.addSettled(idsOf(message))) this.#decide(message);
    });
    this.#journey('message.stored', message.id);
  }

  #decide(received: IncomingMessage): void {
    const message = this.#inItsChat(received);
    // In a group the bot speaks only when spoken to, and a stranger there learns nothing.
    if (!message.addressed) return;
    const { channel, chatId, chatType, userId, text } = message;
    const from: ChatAddress = { channel, chatId, replyTo: message.id };
    if (!this.#mayTalk(message)) {
      this.#logger.warn({ user: userId, channel }, 'a stranger was refused');
      // Of strangers nothing is kept, not even their language.
      if (chatType === 'p2p')
        this.#deliveries.put(from, inLanguage(texts.notAllowed(userId), this.#languageOf(message)));
      return;
    }
    this.#languages.wrote(peerOf(from), text);
    if (!isInNoChat(received)) this.#noteInChat(message);
    if (message.unreadable !== undefined) {
      this.#deliveries.put(from, unreadableText(message.unreadable));
      return;
    }
    this.#presence.seen(message);
    const trimmed = text.trim();
    const hasFiles = (message.attachments ?? []).length > 0;
    const isEmpty = trimmed === '' && !hasFiles;
    const answer = isEmpty ? texts.empty : this.#commands.run(userId, trimmed);
    if (answer !== undefined) this.#deliveries.put(from, answer);
    else if (hasFiles || !this.#presses.takeTyped(message)) this.#pass(message, trimmed);
    if (hasFiles && isCommand(trimmed)) this.#deliveries.put(from, texts.attachmentsWithCommand, { isNotice: true });
  }

  /** What there is to do for a message that stands in a chat, whatever it says. */
  #noteInChat(message: IncomingMessage): void {
    const { channel, chatId, id: replyTo, sentAt, foundAt } = message;
    this.#store.afterCommit(() => this.#seenMarks.seen(message));
    this.#knownChats.talkedIn(message);
    if (foundAt === undefined || foundAt - sentAt < LATE_MS) return;
    this.#deliveries.put({ channel, chatId, replyTo }, texts.foundLate(clockTime(sentAt, foundAt)), { isNotice: true });
  }

  /** The user's own chat with the bot is meant, where it is known. */
  #inItsChat(message: IncomingMessage): IncomingMessage {
    const chatId = isInNoChat(message) ? this.#presence.chatOf(message) : undefined;
    return chatId === undefined ? message : { ...message, chatId };
  }

  #languageOf(message: IncomingMessage): Language {
    return languageOf(message.text) ?? this.#languages.of(peerOf(message));
  }

  /** A command does not wait, and takes no files with it. */
  #pass(message: IncomingMessage, text: string): void {
    // A command must work above all when too much waits.
    if (isCommand(text)) this.#dispatch.take(message, { text });
    else if (!this.#quota.admits(message)) this.#store.afterCommit(() => this.#seenMarks.forget(message));
    else if (this.#preparations.mustWait(message)) this.#preparations.take(message, text);
    else this.#dispatch.take(message, { text });
  }
}

/** Under which the inbox remembers a message: it came before if it has any of them. */
export function idsOf({ channel, id, fingerprint }: IncomingMessage): readonly string[] {
  return [id, ...(fingerprint === undefined ? [] : [fingerprint])].map((each) => `${channel}:${each}`);
}

/** A press in the bot's menu is no message in a chat: its user stands in the place of one. */
function isInNoChat({ chatId, userId }: IncomingMessage): boolean {
  return chatId === userId;
}
