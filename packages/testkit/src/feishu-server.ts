import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CardEntities } from './feishu/card-entities.ts';
import type { CardEntity } from './feishu/card-entity.ts';
import { Chats } from './feishu/chats.ts';
import { isRecord } from './feishu/content.ts';
import type { ClientConfig, Delivery, PlatformEvent } from './feishu/event-sockets.ts';
import { EventSockets } from './feishu/event-sockets.ts';
import type { CallFilter, Fault } from './feishu/faults.ts';
import { Faults, fits } from './feishu/faults.ts';
import type { RecordedCall } from './feishu/http-call.ts';
import type { FeishuMessage } from './feishu/message.ts';
import type { Bot } from './feishu/message-event.ts';
import { p2pChatOf } from './feishu/message-routes.ts';
import { toPhonePage } from './feishu/phone/page.ts';
import { peakOf, Rates } from './feishu/rates.ts';
import { Reactions } from './feishu/reactions.ts';
import { RestFront } from './feishu/rest-front.ts';
import type { Platform, PlatformSettings } from './feishu/route.ts';
import { Tokens } from './feishu/tokens.ts';
import type { Upload } from './feishu/uploads.ts';
import { Uploads } from './feishu/uploads.ts';
import type { SentKind, UserMessage } from './feishu/users.ts';
import { Users } from './feishu/users.ts';

export type { ClientConfig, Delivery, PlatformEvent } from './feishu/event-sockets.ts';
export type { CallFilter, Fault, FaultEffect } from './feishu/faults.ts';
export type { RecordedCall } from './feishu/http-call.ts';
export type { FeishuMessage } from './feishu/message.ts';
export type { Upload } from './feishu/uploads.ts';
export type { SentKind, UserMessage } from './feishu/users.ts';
export { signedHeaders, webhookRequest } from './feishu/webhook-request.ts';

export type FeishuServerOptions = {
  /** The SDK accepts only `cli_` and 16 hexadecimal digits. */
  readonly appId?: string;
  readonly appSecret?: string;
  readonly botOpenId?: string;
  readonly botName?: string;
  /** Told to clients; the defaults let them come back within a second. */
  readonly clientConfig?: Partial<ClientConfig>;
  readonly tokenLifetimeMs?: number;
  /** How long an event waits for its acknowledgement. Feishu: 3 s. */
  readonly ackTimeoutMs?: number;
  /** When an event comes again, counted from the failure before. Feishu: 15 s, 5 min, 1 h, 6 h. */
  readonly redeliverAfterMs?: readonly number[];
  /** Whether calls that come too often are refused, as Feishu refuses them. */
  readonly limits?: boolean;
};

/** Calls that send: a message of its own, and an answer to one. */
const sendRoutes: ReadonlySet<string | undefined> = new Set(['/im/v1/messages', '/im/v1/messages/:message_id/reply']);

/**
 * Feishu's open platform on one local port, as the real SDK speaks it: tokens, the long connection with its events,
 * messages, cards, reactions, files. Tests act as users through `say` and the like, as a bad day through `fail`, and as
 * an administrator through the settings, each of which may be changed at any time.
 */
export class FeishuServer implements PlatformSettings {
  readonly appId: string;
  readonly appSecret: string;
  readonly botOpenId: string;
  readonly sockets: EventSockets;
  /** `host:port` that clients are told to open their long connection to; this server's own without it. */
  advertisedHost: string | undefined;
  onlineInstances: number | undefined;
  canReadHistory = true;
  uuidWindowMs = 3_600_000;
  canRecognizeSpeech = false;
  recognizes = '';
  canPatchCardEntities = false;
  streamingLimitMs = 600_000;
  cardsReadAs: PlatformSettings['cardsReadAs'] = 'text';
  readonly #http = createServer((request, response) => void this.#rest.serve(request, response));
  readonly #rest = new RestFront({ faults: new Faults(), platform: () => this.#platform });
  readonly #tokens: Tokens;
  readonly #uploads = new Uploads();
  readonly #isKnownImage = (key: string) => this.#uploads.hasImage(key);
  readonly #cards = new CardEntities({
    isKnownImage: this.#isKnownImage,
    streamingLimitMs: () => this.streamingLimitMs,
  });
  readonly #chats = new Chats({
    cards: this.#cards,
    isKnownImage: this.#isKnownImage,
    uuidWindowMs: () => this.uuidWindowMs,
  });
  readonly #reactions = new Reactions();
  readonly #rates = new Rates();
  readonly #users: Users;
  readonly #bot: Bot;

  private constructor(options: FeishuServerOptions) {
    this.appId = options.appId ?? 'cli_a1b2c3d4e5f60718';
    this.appSecret = options.appSecret ?? `secret-${randomBytes(12).toString('hex')}`;
    this.botOpenId = options.botOpenId ?? 'ou_bot';
    this.#bot = { appId: this.appId, openId: this.botOpenId, name: options.botName ?? 'PhoneWork' };
    this.#tokens = new Tokens(options.tokenLifetimeMs ?? 7_200_000);
    this.#rates.isOn = options.limits ?? false;
    this.sockets = new EventSockets({
      clientConfig: {
        ReconnectCount: -1,
        ReconnectInterval: 1,
        ReconnectNonce: 0,
        PingInterval: 120,
        ...options.clientConfig,
      },
      ackTimeoutMs: options.ackTimeoutMs ?? 3_000,
      redeliverAfterMs: options.redeliverAfterMs ?? [15_000, 300_000, 3_600_000, 21_600_000],
    });
    this.#users = new Users({
      bot: this.#bot,
      chats: this.#chats,
      cards: this.#cards,
      reactions: this.#reactions,
      uploads: this.#uploads,
      sockets: this.sockets,
    });
    this.#http.on('upgrade', (request, stream, head) => this.sockets.upgrade(request, stream, head));
  }

  static async start(options: FeishuServerOptions = {}): Promise<FeishuServer> {
    const server = new FeishuServer(options);
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  /** The base URL, for `FEISHU_DOMAIN`. */
  get url(): string {
    return `http://${this.#host}`;
  }

  /** Everything that was called, in order, answered or not. */
  get calls(): readonly RecordedCall[] {
    return this.#rest.calls;
  }

  /** What the bot has sent, in order. */
  get sent(): readonly FeishuMessage[] {
    return this.#chats.all.filter((message) => message.sender === 'bot');
  }

  /** How many messages the bot has sent: cheap, for a tight loop. */
  get sentCount(): number {
    return this.#chats.sentCount;
  }

  /** Each copy of an event that went out, with its acknowledgement. */
  get deliveries(): readonly Delivery[] {
    return this.sockets.deliveries;
  }

  /** Every tenant access token that was given out. */
  get issuedTokens(): readonly string[] {
    return this.#tokens.issued;
  }

  get uploads(): readonly Upload[] {
    return this.#uploads.all;
  }

  /** Whether calls that come too often are refused, as Feishu refuses them. */
  get limits(): boolean {
    return this.#rates.isOn;
  }

  set limits(isOn: boolean) {
    this.#rates.isOn = isOn;
  }

  /** Every card made with CardKit, in order, as it is now. */
  get cards(): readonly Pick<CardEntity, 'content' | 'id' | 'isStreaming' | 'messageId' | 'sequence'>[] {
    return this.#cards.all;
  }

  /**
   * The most calls that came within any `perMs`, answered or not: sends (create and reply), to one chat if it is named,
   * or the calls that a filter fits.
   */
  peakRate({ perMs, chatId, ...filter }: CallFilter & { readonly perMs: number; readonly chatId?: string }): number {
    const isOfSends = filter.method === undefined && filter.path === undefined;
    const counted = this.calls.filter(
      (call) =>
        (isOfSends ? call.method === 'POST' && sendRoutes.has(call.route) : fits(filter, call)) &&
        (chatId === undefined || this.#chatOf(call) === chatId),
    );
    return peakOf(
      counted.map(({ at }) => at),
      perMs,
    );
  }

  /** Everything in a chat, from users and from the bot, in order. */
  messagesIn(chatId: string): readonly FeishuMessage[] {
    return this.#chats.in(chatId);
  }

  /** The p2p chat of a user with the bot. */
  chatOf(openId: string): string {
    return p2pChatOf(openId);
  }

  /** A user writes a text. Returns its message id. */
  say(message: UserMessage & { readonly text: string }): string {
    const text = message.mentionsBot ? `@_user_1 ${message.text}` : message.text;
    return this.deliver('text', { text }, message);
  }

  /** A user sends something of any kind; `content` as the platform words it. Returns its message id. */
  deliver(messageType: string, content: unknown, message: UserMessage): string {
    return this.#users.send(messageType, content, message);
  }

  /** A user sends a file of this kind, with nothing else. Returns its message id. */
  sendFile(message: UserMessage & { readonly kind: SentKind; readonly name: string; readonly bytes: Buffer }): string {
    return this.#users.sendFile(message);
  }

  /** An event of any other type. Returns its id. */
  deliverEvent(eventType: string, event: Readonly<Record<string, unknown>>): string {
    return this.#users.deliver(eventType, event);
  }

  /** The event of a user's message, or the one of this id, for a webhook. */
  eventOf(id: string): PlatformEvent {
    return this.#users.eventOf(id);
  }

  /** The event of a user's message, or the one of this id, again, `copies` times at once. */
  redeliver(id: string, copies = 1): void {
    const event = this.eventOf(id);
    for (let copy = 0; copy < copies; copy += 1) this.sockets.deliver(event);
  }

  /**
   * A user presses a button of the bot's card. Resolves with what the bot answered, and shows a card that came with it,
   * but not while the shown one streams; rejects when there is no such button, or no answer within 3 s.
   */
  async press(openId: string, message: FeishuMessage, actionId: string): Promise<unknown> {
    return await this.#users.press(openId, message, actionId);
  }

  /** A user takes a message back, and the bot is told. Returns the event's id. */
  recall(messageId: string): string {
    return this.#users.recall(messageId);
  }

  /** A user opens the chat with the bot. Returns the event's id. */
  openChat(openId: string): string {
    return this.#users.openChat(openId);
  }

  /** A user taps an entry of the bot's menu. Returns the event's id. */
  menu(openId: string, eventKey: string): string {
    return this.#users.menu(openId, eventKey);
  }

  /** A user puts an emoji under a message, by its name. Returns the reaction's id. */
  react(openId: string, messageId: string, emoji: string): string {
    return this.#users.react(openId, messageId, emoji);
  }

  /** What a user sees of a chat on a phone, as a page of HTML to take a picture of. */
  phonePage(chatId: string, { userOpenId }: { readonly userOpenId: string }): string {
    return toPhonePage({ messages: this.messagesIn(chatId), botName: this.#bot.name, userOpenId });
  }

  /** Bytes that came with a user's message, under the key in its content. */
  attach(messageId: string, upload: Omit<Upload, 'messageId'>): void {
    this.#uploads.add({ ...upload, messageId });
  }

  /** A message is taken back (`recalled`), or is gone for good (`deleted`), and the bot is not told. */
  remove(messageId: string, how: 'recalled' | 'deleted'): void {
    this.#chats.get(messageId).state = how;
  }

  /** Spoils the next calls that fit, instead of answering them. */
  fail(fault: Fault): void {
    this.#rest.faults.add(fault);
  }

  clearFaults(): void {
    this.#rest.faults.clear();
  }

  /** Whoever holds a token is told that it is invalid, and gets another one. */
  invalidateTokens(): void {
    this.#tokens.invalidateAll();
  }

  async close(): Promise<void> {
    if (!this.#http.listening) return;
    this.#rest.close();
    this.sockets.close();
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #host(): string {
    // It listens on TCP, so this is no pipe's name.
    const { port } = this.#http.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Where a send went; undefined for an answer to a message that never was. */
  #chatOf({ query, body, path }: RecordedCall): string | undefined {
    if (isRecord(body) && typeof body.receive_id === 'string') {
      return query.receive_id_type === 'open_id' ? p2pChatOf(body.receive_id) : body.receive_id;
    }
    return this.#chats.find(path.split('/')[4] ?? '')?.chatId;
  }

  get #platform(): Platform {
    return {
      appId: this.appId,
      appSecret: this.appSecret,
      botOpenId: this.botOpenId,
      botName: this.#bot.name,
      host: this.advertisedHost ?? this.#host,
      settings: this,
      tokens: this.#tokens,
      chats: this.#chats,
      cards: this.#cards,
      reactions: this.#reactions,
      rates: this.#rates,
      uploads: this.#uploads,
      sockets: this.sockets,
    };
  }
}
