import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@phonework/shared/id';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Parcel } from '@phonework/shared/mail';
import { Outbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { texts } from '../texts.ts';
import type { ChannelName, ChatChannel, ChatErrorCode, MessageAction, OutgoingMessage } from './chat-channel.ts';
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
};

type ChatLetter = ChatAddress &
  Enclosure & {
    readonly text: string;
    /** Says that another message was refused: no such notice is written about this one. */
    readonly isRefusalNotice?: true;
  };

/** However long a platform asks to wait: what it meant by more was not a wait. */
const MAX_ASKED_WAIT_MS = 3_600_000;

/** How many answers can be quoted: older ones are ordinary text. */
const MAX_ANSWERS = 20_000;

/** Told of each attempt to send a message, for statistics. */
export type SendObserver = (channel: ChannelName, outcome: 'accepted' | ChatErrorCode) => void;

export type DeliveryTimings = { readonly retryMinMs: number; readonly retryMaxMs: number };

/** What goes out to the chats: each message once, in order within a chat, for as long as it takes. */
export class Deliveries {
  readonly #store: Store;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #logger: Logger;
  readonly #journey: Journey;
  readonly #timings: DeliveryTimings;
  readonly #onSend: SendObserver | undefined;
  readonly #outbox: Outbox<ChatLetter>;
  /** Chats that had something to deliver, and how to stop delivering there. */
  readonly #open = new Map<string, () => void>();
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
    },
  ) {
    this.#store = store;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#logger = options.logger;
    this.#journey = options.journey;
    this.#timings = options.timings;
    this.#onSend = options.onSend;
    this.#outbox = new Outbox(store, { box: 'chat', onPut: (peer) => this.#openChat(peer) });
  }

  /** How many messages have not arrived. */
  get size(): number {
    return this.#outbox.size;
  }

  /**
   * Stores a message for a chat, and returns its id; it goes out when that is committed. For use inside `store.write`.
   */
  put(to: ChatAddress, text: string, enclosure: Enclosure = {}): string {
    return this.#put({ ...to, ...enclosure, text: text.trim() === '' ? texts.noAnswer : text });
  }

  /** The node that said the message with this platform id, as long as it is remembered. */
  answeredBy(messageId: string): string | undefined {
    const row = this.#store.prepare('SELECT node_id FROM answers WHERE message_id = ?').get(messageId);
    return row === undefined ? undefined : String(row.node_id);
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
    const grace = new AbortController();
    const ended = Promise.all(this.#attempts).then(() => grace.abort());
    await Promise.race([ended, delay(graceMs, undefined, { signal: grace.signal }).catch(() => {})]);
    grace.abort();
  }

  #put(body: ChatLetter): string {
    const id = newId();
    this.#outbox.put({ id, peer: `${body.channel}:${body.chatId}`, body });
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
    const attempt = this.#deliver(channel, parcel)
      .catch((error: unknown) => this.#retry(channel, parcel, failures + 1, error))
      .finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
  }

  async #deliver(channel: ChatChannel, parcel: Parcel<ChatLetter>): Promise<void> {
    const { id, peer, body } = parcel;
    const message: OutgoingMessage = {
      id,
      chatId: body.chatId,
      text: body.text,
      ...(body.replyTo !== undefined && { replyTo: body.replyTo }),
      ...(body.actions !== undefined && { actions: body.actions }),
    };
    let shown: readonly string[];
    try {
      shown = await channel.send(message);
    } catch (error) {
      this.#onSend?.(channel.name, error instanceof ChatError ? error.code : 'unavailable');
      if (!(error instanceof ChatError && error.code === 'refused')) throw error;
      this.#logger.error({ id, channel: channel.name, why: error.message }, 'the chat refused a message for good');
      await this.#replaceRefused(parcel, error.message);
      return;
    }
    this.#onSend?.(channel.name, 'accepted');
    this.#journey('reply.accepted', body.replyTo ?? id);
    this.#outbox.acknowledge(peer, id);
    if (body.nodeId !== undefined) this.#remember(shown, body.nodeId);
    this.#journey('reply.settled', body.replyTo ?? id);
  }

  /** Whose answer it was, so that a message that quotes it finds the same node. */
  #remember(messageIds: readonly string[], nodeId: string): void {
    this.#store.writeLater(() => {
      for (const messageId of messageIds) {
        this.#store.prepare('INSERT OR IGNORE INTO answers (message_id, node_id) VALUES (?, ?)').run(messageId, nodeId);
      }
      this.#store.prepare('DELETE FROM answers WHERE seq <= (SELECT max(seq) FROM answers) - ?').run(MAX_ANSWERS);
    });
  }

  #retry(channel: ChatChannel, parcel: Parcel<ChatLetter>, failures: number, error: unknown): void {
    if (!this.#started) return;
    const { id, peer } = parcel;
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
  async #replaceRefused({ id, peer, body }: Parcel<ChatLetter>, reason: string): Promise<void> {
    await this.#store.write(() => {
      this.#outbox.remove(peer, id);
      if (body.isRefusalNotice) return;
      const { channel, chatId } = body;
      this.#put({ channel, chatId, text: texts.undeliverable(reason), isRefusalNotice: true });
    });
  }
}
