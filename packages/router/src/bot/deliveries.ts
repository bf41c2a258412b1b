import { isDoneWithin } from '@phonework/shared/done-within';
import { newId } from '@phonework/shared/id';
import type { Journey } from '@phonework/shared/journey';
import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Parcel } from '@phonework/shared/mail';
import { Outbox } from '@phonework/shared/mail';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import type { PassingFiles } from '../nodes/passing-files.ts';
import type { Receipt } from '../nodes/receipts.ts';
import { texts } from '../texts.ts';
import { Answers } from './answers.ts';
import type {
  ChannelName,
  ChatChannel,
  ChatErrorCode,
  EarlierAttempts,
  EndedTurn,
  MessageAction,
  MessageEdit,
  OutgoingFile,
} from './chat-channel.ts';
import { ChatError } from './chat-channel.ts';

/** Where an answer goes. */
export type ChatAddress = {
  readonly channel: string;
  readonly chatId: string;
  /** The platform's id of the message that is answered. */
  readonly replyTo?: string;
};

/** What goes with a message. */
type Enclosure = {
  readonly actions?: readonly MessageAction[];
  /** The node that says it. */
  readonly nodeId?: string;
  /** The node's frame that asks this, where the node is to know when its user can see it. */
  readonly receipt?: Receipt;
  /** The turn that this is the answer of. */
  readonly turn?: EndedTurn;
  /** A word in between: the answer to what it replies to is still to come. */
  readonly isNotice?: true;
};

/** A file that is here, and what its sender calls it. */
export type NamedFile = { readonly id: string; readonly name: string };

type ChatLetter = ChatAddress &
  Enclosure & {
    readonly text: string;
    /** Sent instead of the text. */
    readonly file?: NamedFile;
    /** The message that gets the text in place of its own, by the platform's id. */
    readonly editOf?: string;
    /** Says that another message was refused: no such notice is written about this one. */
    readonly isRefusalNotice?: true;
  };

const CHAT_BOX = 'chat';

/** However long a platform asks to wait: what it meant by more was not a wait. */
const MAX_ASKED_WAIT_MS = 3_600_000;

/** An old card with buttons that do nothing is no reason to hold up what comes after it. */
const MAX_EDIT_FAILURES = 4;

/** A chat takes five messages a second. */
const MAX_BEFORE_NOTICE = 20;

/** Told of each attempt to send a message, for statistics. */
export type SendObserver = (channel: ChannelName, outcome: 'accepted' | ChatErrorCode) => void;

/** Where files lie. `hold` and `release` are for use inside `store.write`. */
export type FileShelf = Pick<PassingFiles, 'find' | 'hold' | 'release'>;

export type DeliveryTimings = { readonly retryMinMs: number; readonly retryMaxMs: number };

/** What goes out to the chats: each message once, in order within a chat, for as long as it takes. */
export class Deliveries {
  readonly #store: Store;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #logger: Logger;
  readonly #journey: Journey;
  readonly #timings: DeliveryTimings;
  readonly #onSend: SendObserver | undefined;
  readonly #files: FileShelf;
  readonly #onReceipt: (receipt: Receipt, messageId: string) => void;
  readonly #onShown: (messageId: string, shownId: string) => void;
  readonly #onAnswered: (channel: ChannelName, messageId: string) => void;
  readonly #languages: ReaderLanguages;
  readonly #outbox: Outbox<ChatLetter>;
  readonly #answers: Answers;
  /** Chats that had something to deliver, and how to stop delivering there. */
  readonly #open = new Map<string, () => void>();
  /** Questions that the chat has taken, and that could not be taken out of the outbox; with what is shown of each. */
  readonly #unsettled = new Map<string, readonly string[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #attempts = new Set<Promise<void>>();
  #started = false;

  constructor(
    store: Store,
    options: {
      readonly channels: readonly ChatChannel[];
      readonly logger: Logger;
      readonly journey: Journey;
      readonly timings: DeliveryTimings;
      readonly onSend?: SendObserver;
      readonly files: FileShelf;
      /**
       * The chat has taken the message `messageId`, which has a receipt; or it has refused it for good, and the notice
       * that says so. Used inside `store.write`, once for each.
       */
      readonly onReceipt: (receipt: Receipt, messageId: string) => void;
      /** The message `messageId`, with buttons, is in the chat as `shownId`. Used inside `store.write`. */
      readonly onShown: (messageId: string, shownId: string) => void;
      /** What a person's message led to is in the chat. */
      readonly onAnswered: (channel: ChannelName, messageId: string) => void;
      readonly languages: ReaderLanguages;
    },
  ) {
    this.#store = store;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#logger = options.logger;
    this.#journey = options.journey;
    this.#timings = options.timings;
    this.#onSend = options.onSend;
    this.#files = options.files;
    this.#onReceipt = options.onReceipt;
    this.#onShown = options.onShown;
    this.#onAnswered = options.onAnswered;
    this.#languages = options.languages;
    this.#answers = new Answers(store);
    this.#outbox = new Outbox(store, { box: CHAT_BOX, onPut: (peer) => this.#openChat(peer) });
  }

  /** How many messages have not arrived. */
  get size(): number {
    return this.#outbox.size;
  }

  /**
   * Stores a message for a chat, and returns its id; it goes out when that is committed. For use inside `store.write`.
   */
  put(to: ChatAddress, said: Said, enclosure: Enclosure = {}): string {
    return this.#put({ ...to, ...enclosure, text: this.#inLanguageOf(to, said) });
  }

  /** What `said` is where it goes to. */
  #inLanguageOf(to: Pick<ChatAddress, 'channel' | 'chatId'>, said: Said): string {
    const language = this.#languages.of(peerOf(to));
    const text = inLanguage(said, language);
    return text.trim() === '' ? texts.noAnswer[language] : text;
  }

  /** Takes the buttons off a message, and gives it another text. For use inside `store.write`. */
  putEdit(to: Pick<ChatAddress, 'channel' | 'chatId'>, { shownId, text }: Pick<MessageEdit, 'shownId' | 'text'>): void {
    const { channel, chatId } = to;
    this.#put({ channel, chatId, text, editOf: shownId });
  }

  /** The same for a file, which stays here until it is sent. For use inside `store.write`. */
  putFile(to: ChatAddress, file: NamedFile, enclosure: Pick<Enclosure, 'nodeId'> = {}): string {
    this.#files.hold(file.id);
    return this.#put({ ...to, ...enclosure, text: '', file });
  }

  /** Whether so much waits for a chat that a word in between would only hold up the answers. */
  isBackedUp(to: Pick<ChatAddress, 'channel' | 'chatId'>): boolean {
    return this.#outbox.hasMoreThan(peerOf(to), MAX_BEFORE_NOTICE);
  }

  /** Whether the message `id` has not been taken by its chat. */
  isWaiting(id: string): boolean {
    return this.#store.prepare(`SELECT 1 FROM outbox WHERE box = '${CHAT_BOX}' AND id = ?`).get(id) !== undefined;
  }

  /** The node that said the message with this platform id, as long as it is remembered. */
  answeredBy(messageId: string): string | undefined {
    return this.#answers.nodeOf(messageId);
  }

  /** Begins with what an earlier process left behind. */
  start(): void {
    this.#started = true;
    for (const peer of this.#outbox.peers()) this.#openChat(peer);
  }

  /** Attempts under way get `graceMs` to end; what did not arrive waits for the next start. */
  async stop(graceMs: number): Promise<void> {
    this.#started = false;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const close of this.#open.values()) close();
    this.#timers.clear();
    this.#open.clear();
    await isDoneWithin(Promise.all(this.#attempts), graceMs);
  }

  #put(body: ChatLetter): string {
    const id = newId();
    this.#outbox.put({ id, peer: peerOf(body), body });
    return id;
  }

  #openChat(peer: string): void {
    if (!this.#started || this.#open.has(peer)) return;
    const channel = this.#channels.get(peer.slice(0, peer.indexOf(':')));
    if (channel === undefined) {
      this.#logger.warn({ peer }, 'a message waits for a chat channel that is switched off');
      return;
    }
    // Set first: attaching may deliver at once.
    this.#open.set(peer, () => {});
    const close = this.#outbox.attach(peer, (parcel) => this.#attempt(channel, parcel, 0), { window: 1 });
    this.#open.set(peer, close);
  }

  #attempt(channel: ChatChannel, parcel: Parcel<ChatLetter>, failures: number): void {
    const attempt = this.#try(channel, parcel, failures).then(() => void this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
  }

  /** Never rejects. */
  async #try(channel: ChatChannel, parcel: Parcel<ChatLetter>, failures: number): Promise<void> {
    try {
      await this.#deliver(channel, parcel);
    } catch (error) {
      this.#retry(channel, parcel, failures + 1, error);
    }
  }

  async #deliver(channel: ChatChannel, parcel: Parcel<ChatLetter>): Promise<void> {
    const { id, peer, body } = parcel;
    const shown = this.#unsettled.get(id) ?? (await this.#send(channel, parcel));
    if (shown === undefined) return;
    // Whether people see a question decides what their words mean: that is known at once, and not with the next commit.
    if (body.actions === undefined && body.receipt === undefined) this.#outbox.acknowledge(peer, id);
    else await this.#settleQuestion(parcel, shown);
    const { file, replyTo } = body;
    if (file !== undefined) this.#store.writeLater(() => this.#files.release(file.id));
    if (replyTo !== undefined && body.isNotice !== true) this.#onAnswered(channel.name, replyTo);
    // Also what no node said: another message in the same words must not be taken for this one.
    this.#answers.remember(shown, body.nodeId);
    this.#journey('reply.settled', body.replyTo ?? id);
  }

  /** One attempt. Resolves with the platform's ids of what is shown; undefined where it was refused for good. */
  async #send(channel: ChatChannel, parcel: Parcel<ChatLetter>): Promise<readonly string[] | undefined> {
    const { id, body } = parcel;
    try {
      const shown = await this.#show(channel, parcel);
      this.#onSend?.(channel.name, 'accepted');
      this.#journey('reply.accepted', body.replyTo ?? id);
      return shown;
    } catch (error) {
      this.#onSend?.(channel.name, error instanceof ChatError ? error.code : 'unavailable');
      if (!(error instanceof ChatError && error.code === 'refused')) throw error;
      this.#logger.error({ id, channel: channel.name, why: error.message }, 'the chat refused a message for good');
      await this.#replaceRefused(parcel, error.said);
      return undefined;
    }
  }

  async #show(channel: ChatChannel, { id, body, createdAt }: Parcel<ChatLetter>): Promise<readonly string[]> {
    const { chatId, replyTo, text, actions, turn, file, editOf } = body;
    if (editOf !== undefined) {
      await channel.edit({ chatId, shownId: editOf, text });
      return [editOf];
    }
    const to = { id, chatId, ...(replyTo !== undefined && { replyTo }), earlier: this.#earlierAttempts(createdAt) };
    const language = this.#languages.of(peerOf(body));
    if (file !== undefined) return await channel.sendFile({ ...to, language, ...this.#unpack(file) });
    return await channel.send({ ...to, text, language, ...(actions && { actions }), ...(turn && { turn }) });
  }

  /** However many there were, and in whichever process: none can be older than the message. */
  #earlierAttempts(since: number): EarlierAttempts {
    return { since, isOther: (shownId) => this.#answers.has(shownId) };
  }

  #unpack({ id: fileId, name }: NamedFile): Pick<OutgoingFile, 'fileId' | 'imageType' | 'name' | 'path' | 'size'> {
    const file = this.#files.find(fileId);
    if (file === undefined) throw new ChatError('refused', texts.fileGone);
    const { path, size, imageType } = file;
    return { fileId, name, path, size, ...(imageType !== undefined && { imageType }) };
  }

  /** Rejects when that could not be stored: it is to be tried again, without another send. */
  async #settleQuestion({ id, peer, body }: Parcel<ChatLetter>, shown: readonly string[]): Promise<void> {
    this.#unsettled.set(id, shown);
    await this.#store.write(() => {
      this.#outbox.remove(peer, id);
      const shownId = shown.at(-1);
      if (body.actions !== undefined && shownId !== undefined) this.#onShown(id, shownId);
      if (body.receipt !== undefined) this.#onReceipt(body.receipt, id);
    });
    this.#unsettled.delete(id);
  }

  #retry(channel: ChatChannel, parcel: Parcel<ChatLetter>, failures: number, error: unknown): void {
    if (!this.#started) return;
    const { id, peer } = parcel;
    if (parcel.body.editOf !== undefined && failures > MAX_EDIT_FAILURES) {
      this.#logger.warn({ id, peer }, 'the buttons of an old message could not be taken off');
      this.#outbox.acknowledge(peer, id);
      return;
    }
    const waitMs = this.#waitMs(failures, error);
    const why = error instanceof Error ? error.message : String(error);
    this.#logger.warn({ id, peer, failures, waitMs, why }, 'a message was not delivered, trying again');
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#attempt(channel, parcel, failures);
    }, waitMs);
    this.#timers.add(timer);
  }

  #waitMs(failures: number, error: unknown): number {
    const { retryMinMs, retryMaxMs } = this.#timings;
    const asked = error instanceof ChatError ? error.retryAfterMs : undefined;
    if (asked !== undefined) return Math.min(MAX_ASKED_WAIT_MS, Math.max(retryMinMs, asked));
    const backoffMs = Math.min(retryMaxMs, retryMinMs * 2 ** (failures - 1));
    return Math.round(backoffMs * (0.5 + Math.random() / 2));
  }

  /** The user learns that an answer could not be shown; if even that is refused, the log has to do. */
  async #replaceRefused({ id, peer, body }: Parcel<ChatLetter>, reason: Said): Promise<void> {
    await this.#store.write(() => {
      this.#outbox.remove(peer, id);
      if (body.isRefusalNotice || body.editOf !== undefined) return;
      const { channel, chatId, receipt, file, turn } = body;
      if (file !== undefined) this.#files.release(file.id);
      const text = this.#inLanguageOf(body, refusalText(body, reason));
      this.#put({ channel, chatId, text, isRefusalNotice: true, ...(receipt && { receipt }), ...(turn && { turn }) });
    });
  }
}

/** Who reads what goes to an address: the outbox knows them by it. */
export function peerOf({ channel, chatId }: Pick<ChatAddress, 'channel' | 'chatId'>): string {
  return `${channel}:${chatId}`;
}

function refusalText({ receipt, file }: ChatLetter, reason: Said): Said {
  if (file !== undefined) return texts.fileUndeliverable(file.name, reason);
  return receipt === undefined ? texts.undeliverable(reason) : texts.questionUndeliverable(reason);
}
