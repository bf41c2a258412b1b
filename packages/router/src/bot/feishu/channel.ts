import { setTimeout as delay } from 'node:timers/promises';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { FastifyPluginAsync } from 'fastify';
import type { FeishuEventMode } from '../../config.ts';
import type {
  ActionOutcome,
  ChannelHealth,
  ChatChannel,
  IncomingAction,
  IncomingAttachment,
  IncomingMessage,
  OutgoingFile,
  OutgoingMessage,
} from '../chat-channel.ts';
import { FeishuApi } from './api.ts';
import { CardAction, toCardAnswer, toIncomingAction } from './card.ts';
import type { ConnectionTimings } from './connection.ts';
import { FeishuConnection } from './connection.ts';
import { MessageEvent, toIncomingMessage } from './events.ts';
import { toChatError } from './feishu-error.ts';
import { FeishuMedia } from './media.ts';
import { renderMessage } from './render.ts';
import type { LarkSdk } from './sdk.ts';
import { loadLarkSdk, toBaseUrl } from './sdk.ts';
import { createWebhook } from './webhook.ts';

/** Durations in ms. */
export type FeishuTimings = ConnectionTimings & {
  /** How long one REST call may take. */
  readonly callTimeoutMs: number;
  /** How long the connection may be silent while a file is on its way. */
  readonly fileIdleMs: number;
  /** The first wait before the bot's identity is asked for again; it doubles up to a minute. */
  readonly identityRetryMs: number;
};

export type FeishuChannelOptions = {
  readonly appId: string;
  readonly appSecret: string;
  /** `feishu`, `lark`, or a base URL. */
  readonly domain: string;
  readonly logger: Logger;
  readonly journey?: Journey;
  readonly eventMode?: FeishuEventMode;
  readonly timings?: Partial<FeishuTimings>;
};

const defaultTimings: FeishuTimings = {
  handshakeTimeoutMs: 15_000,
  connectTimeoutMs: 35_000,
  pingTimeoutMs: 10_000,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  stableAfterMs: 10_000,
  watchMs: 1_000,
  clockJumpMs: 10_000,
  callTimeoutMs: 15_000,
  fileIdleMs: 60_000,
  identityRetryMs: 1_000,
};

const maxIdentityRetryMs = 60_000;

export function createFeishuChannel(options: FeishuChannelOptions): FeishuChannel {
  return new FeishuChannel(options);
}

/** The bot in Feishu or Lark. */
export class FeishuChannel implements ChatChannel {
  readonly name = 'feishu';
  /** To be registered with the router's server before it listens; undefined unless events come by webhook. */
  readonly webhook: FastifyPluginAsync | undefined;
  readonly #appId: string;
  readonly #logger: Logger;
  readonly #journey: Journey;
  readonly #timings: FeishuTimings;
  readonly #api: FeishuApi;
  readonly #media: FeishuMedia;
  readonly #connection: FeishuConnection | undefined;
  readonly #stopping = new AbortController();
  #sdk: Promise<LarkSdk> | undefined;
  #onMessage: ((message: IncomingMessage) => Promise<void>) | undefined;
  #onAction: ((action: IncomingAction) => Promise<ActionOutcome>) | undefined;
  #botOpenId: string | undefined;
  #lastEventAt: number | undefined;
  #otherInstancesChecked = false;

  constructor(options: FeishuChannelOptions) {
    const { appId, appSecret, logger, eventMode = { kind: 'websocket' } } = options;
    this.#appId = appId;
    this.#logger = logger;
    this.#journey = options.journey ?? (() => {});
    this.#timings = { ...defaultTimings, ...options.timings };
    const credentials = { appId, appSecret, baseUrl: toBaseUrl(options.domain) };
    const loadSdk = () => (this.#sdk ??= loadLarkSdk());
    this.#api = new FeishuApi({ credentials, loadSdk, logger, timeoutMs: this.#timings.callTimeoutMs });
    this.#media = new FeishuMedia({
      api: this.#api,
      baseUrl: credentials.baseUrl,
      loadSdk,
      idleMs: this.#timings.fileIdleMs,
    });
    const onMessageEvent = (event: unknown) => this.#receive(event);
    const onCardAction = (event: unknown) => this.#press(event);
    if (eventMode.kind === 'webhook') {
      this.webhook = createWebhook({ ...eventMode, logger, onMessageEvent, onCardAction });
    } else {
      const onReady = () => void this.#warnOfOtherInstances();
      this.#connection = new FeishuConnection({
        credentials,
        loadSdk,
        logger,
        timings: this.#timings,
        onMessageEvent,
        onCardAction,
        onReady,
      });
    }
  }

  async start(
    onMessage: (message: IncomingMessage) => Promise<void>,
    onAction: (action: IncomingAction) => Promise<ActionOutcome>,
  ): Promise<void> {
    if (this.#onMessage !== undefined || this.#stopping.signal.aborted) return;
    this.#onMessage = onMessage;
    this.#onAction = onAction;
    this.#connection?.start();
    void this.#learnIdentity(this.#stopping.signal);
  }

  async send(message: OutgoingMessage): Promise<readonly string[]> {
    try {
      const shown: string[] = [];
      for (const part of renderMessage(message)) shown.push(await this.#api.sendPart(part, message));
      return shown;
    } catch (error) {
      throw toChatError(error);
    }
  }

  async sendFile(file: OutgoingFile): Promise<readonly string[]> {
    try {
      const messageId = await this.#api.sendPart(await this.#media.toPart(file), file);
      this.#media.sent(file);
      return [messageId];
    } catch (error) {
      const failure = toChatError(error);
      if (failure.code === 'refused') this.#media.sent(file);
      throw failure;
    }
  }

  async fetchFile(
    messageId: string,
    attachment: IncomingAttachment,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    try {
      return await this.#media.download(messageId, attachment, signal);
    } catch (error) {
      throw toChatError(error);
    }
  }

  /** Nothing yet: Feishu can't change a text in place often enough, and cards come with the live view. */
  showProgress(): void {}

  health(): ChannelHealth {
    const isOn = this.#onMessage !== undefined && !this.#stopping.signal.aborted;
    // A webhook has no connection that could break.
    const state = isOn ? (this.#connection?.state ?? 'connected') : 'off';
    return { state, ...(this.#lastEventAt === undefined ? {} : { lastEventAt: this.#lastEventAt }) };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#connection?.close();
  }

  /** Resolves when the event may be acknowledged; rejects when it is to come again. */
  async #receive(raw: unknown): Promise<void> {
    if (this.#onMessage === undefined || this.#stopping.signal.aborted) throw new Error('the channel is stopped');
    this.#lastEventAt = Date.now();
    const parsed = MessageEvent.safeParse(raw);
    if (!parsed.success) {
      const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      this.#logger.warn({ faults }, 'Feishu sent a message event that can not be read, dropped');
      return;
    }
    const id = parsed.data.message.message_id;
    this.#journey('event.received', id);
    if (parsed.data.app_id !== this.#appId) {
      this.#logger.warn({ app: parsed.data.app_id }, 'Feishu sent an event of another app, dropped');
      return;
    }
    const identity = this.#botOpenId === undefined ? {} : { openId: this.#botOpenId };
    const message = toIncomingMessage(parsed.data, { appId: this.#appId, ...identity });
    if (message === null) return;
    await this.#onMessage(message);
    this.#journey('event.acked', id);
  }

  /** Resolves with the answer to a press; `{}` where there is nothing to say. */
  async #press(raw: unknown): Promise<unknown> {
    if (this.#onAction === undefined || this.#stopping.signal.aborted) throw new Error('the channel is stopped');
    this.#lastEventAt = Date.now();
    const parsed = CardAction.safeParse(raw);
    if (!parsed.success || parsed.data.app_id !== this.#appId) {
      this.#logger.warn('Feishu sent a press that can not be read, or is of another app, dropped');
      return {};
    }
    return toCardAnswer(await this.#onAction(toIncomingAction(parsed.data)));
  }

  /** Asks who the bot is until it is known: without that, no message of a group counts as addressed to it. */
  async #learnIdentity(signal: AbortSignal): Promise<void> {
    let waitMs = this.#timings.identityRetryMs;
    while (!signal.aborted) {
      try {
        this.#botOpenId = await this.#api.botOpenId();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.warn({ err: error, retryInMs: waitMs }, 'Feishu did not say who the bot is, asking again');
      }
      // Ends early when the channel stops, which the loop sees.
      await delay(waitMs, undefined, { signal }).catch(() => {});
      waitMs = Math.min(waitMs * 2, maxIdentityRetryMs);
    }
  }

  /** Feishu gives each event to one connection at random: a second process would take its share away unseen. */
  async #warnOfOtherInstances(): Promise<void> {
    if (this.#otherInstancesChecked) return;
    this.#otherInstancesChecked = true;
    try {
      const instances = await this.#api.onlineInstances();
      if (instances > 1) {
        this.#logger.warn(
          { instances },
          'Feishu says that this app has several connections; stop the other programs that use it, they take messages away',
        );
      }
    } catch (error) {
      this.#logger.debug({ err: error }, 'Feishu did not say how many connections the app has');
    }
  }
}
