import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FeishuMessage } from './feishu/chats.ts';
import { Chats } from './feishu/chats.ts';
import { findButton, isRecord } from './feishu/content.ts';
import type { ClientConfig, Delivery, PlatformEvent } from './feishu/event-sockets.ts';
import { EventSockets } from './feishu/event-sockets.ts';
import type { Fault } from './feishu/faults.ts';
import { Faults } from './feishu/faults.ts';
import type { RecordedCall } from './feishu/http-call.ts';
import type { Bot } from './feishu/message-event.ts';
import { messageEvent, platformEvent } from './feishu/message-event.ts';
import { RestFront } from './feishu/rest-front.ts';
import type { Platform } from './feishu/routes.ts';
import { p2pChatOf } from './feishu/routes.ts';
import { Tokens } from './feishu/tokens.ts';
import type { Upload } from './feishu/uploads.ts';
import { Uploads } from './feishu/uploads.ts';
import { waitFor } from './wait.ts';

export type { FeishuMessage } from './feishu/chats.ts';
export type { ClientConfig, Delivery, PlatformEvent } from './feishu/event-sockets.ts';
export type { Fault, FaultEffect } from './feishu/faults.ts';
export type { RecordedCall } from './feishu/http-call.ts';
export type { Upload } from './feishu/uploads.ts';
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
};

/** Who says what to the bot, and where. */
export type UserMessage = {
  readonly openId: string;
  /** The user's p2p chat with the bot when absent. */
  readonly chatId?: string;
  readonly chatType?: 'p2p' | 'group';
  readonly messageId?: string;
  /** Puts a mention of the bot before the text. */
  readonly mentionsBot?: boolean;
  /** The message that this one answers. */
  readonly parentId?: string;
  /** ms since the epoch. */
  readonly sentAt?: number;
};

/** Feishu's names for messages that are files; `media` is a video. */
export type SentKind = 'image' | 'file' | 'audio' | 'media';

/**
 * Feishu's open platform on one local port, as the real SDK speaks it: tokens, the long connection with its events,
 * messages, reactions, files. Tests act as users through `say`, and as a bad day through `fail`.
 */
export class FeishuServer {
  readonly appId: string;
  readonly appSecret: string;
  readonly botOpenId: string;
  readonly sockets: EventSockets;
  /** What `event/v1/connection` says instead of the real number. */
  onlineInstances: number | undefined;
  readonly #http = createServer((request, response) => void this.#rest.serve(request, response));
  readonly #rest = new RestFront({ faults: new Faults(), platform: () => this.#platform });
  readonly #tokens: Tokens;
  readonly #chats = new Chats();
  readonly #uploads = new Uploads();
  readonly #botName: string;
  /** Message id → its event, for redelivery. */
  readonly #events = new Map<string, PlatformEvent>();

  private constructor(options: FeishuServerOptions) {
    this.appId = options.appId ?? 'cli_a1b2c3d4e5f60718';
    this.appSecret = options.appSecret ?? `secret-${randomBytes(12).toString('hex')}`;
    this.botOpenId = options.botOpenId ?? 'ou_bot';
    this.#botName = options.botName ?? 'PhoneWork';
    this.#tokens = new Tokens(options.tokenLifetimeMs ?? 7_200_000);
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
    const chatId = message.chatId ?? p2pChatOf(message.openId);
    const added = this.#chats.add({
      chatId,
      sender: 'user',
      openId: message.openId,
      messageType,
      content: JSON.stringify(content),
      ...(message.messageId === undefined ? {} : { id: message.messageId }),
      ...(message.parentId === undefined ? {} : { replyTo: message.parentId }),
      ...(message.sentAt === undefined ? {} : { createdAt: message.sentAt }),
    });
    const chatType = message.chatType ?? (message.chatId === undefined ? 'p2p' : 'group');
    const event = messageEvent(this.#bot, added, { chatType, mentionsBot: message.mentionsBot === true });
    this.#events.set(added.id, event);
    this.sockets.deliver(event);
    return added.id;
  }

  /** The event of a user's message, for a webhook. */
  eventOf(messageId: string): PlatformEvent {
    const event = this.#events.get(messageId);
    if (event === undefined) throw new Error(`no event of the message ${messageId}`);
    return event;
  }

  /** An event of any other type. */
  deliverEvent(eventType: string, event: Readonly<Record<string, unknown>>): void {
    this.sockets.deliver(platformEvent(this.#bot, eventType, event));
  }

  /** The same event again, `copies` times at once. */
  redeliver(messageId: string, copies = 1): void {
    const event = this.eventOf(messageId);
    for (let copy = 0; copy < copies; copy += 1) this.sockets.deliver(event);
  }

  /**
   * A user presses a button of the bot's card. Resolves with what the bot answered, and shows a card that came with
   * it; rejects when there is no such button, or no answer within 3 s.
   */
  async press(openId: string, message: FeishuMessage, actionId: string): Promise<unknown> {
    const value = findButton(JSON.parse(message.content), actionId);
    if (value === undefined) throw new Error(`there is no button ${actionId} in ${message.content}`);
    const event = platformEvent(this.#bot, 'card.action.trigger', {
      operator: { open_id: openId, tenant_key: 'tenant' },
      token: `c-${randomBytes(8).toString('hex')}`,
      host: 'im_message',
      action: { value, tag: 'button' },
      context: { open_message_id: message.id, open_chat_id: message.chatId },
    });
    this.sockets.deliver(event);
    const id = event.header.event_id;
    const delivery = await waitFor(
      () => this.deliveries.find(({ eventId, ackCode }) => eventId === id && ackCode !== undefined),
      { timeoutMs: 3000, what: 'the answer to a press' },
    );
    const { answer } = delivery;
    const card = isRecord(answer) && isRecord(answer.card) ? answer.card.data : undefined;
    if (card !== undefined) this.#chats.patch(message.id, JSON.stringify(card));
    return answer;
  }

  /** A user sends a file of this kind, with nothing else. Returns its message id. */
  sendFile(message: UserMessage & { readonly kind: SentKind; readonly name: string; readonly bytes: Buffer }): string {
    const { kind, name, bytes } = message;
    const isImage = kind === 'image';
    const key = `${isImage ? 'img_v3_' : 'file_v3_'}${randomBytes(8).toString('hex')}`;
    const content = isImage ? { image_key: key } : { file_key: key, file_name: name };
    const id = this.deliver(kind, content, message);
    this.attach(id, { key, kind: isImage ? 'image' : 'file', name, bytes });
    return id;
  }

  /** Bytes that came with a user's message, under the key in its content. */
  attach(messageId: string, upload: Omit<Upload, 'messageId'>): void {
    this.#uploads.add({ ...upload, messageId });
  }

  /** A user takes a message back (`recalled`), or it is gone for good (`deleted`). */
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

  get #bot(): Bot {
    return { appId: this.appId, openId: this.botOpenId, name: this.#botName };
  }

  get #platform(): Platform {
    return {
      appId: this.appId,
      appSecret: this.appSecret,
      botOpenId: this.botOpenId,
      botName: this.#botName,
      host: this.#host,
      onlineInstances: this.onlineInstances,
      tokens: this.#tokens,
      chats: this.#chats,
      uploads: this.#uploads,
      sockets: this.sockets,
    };
  }
}
