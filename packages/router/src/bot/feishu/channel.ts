import { setTimeout as delay } from 'node:timers/promises';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { FastifyPluginAsync } from 'fastify';
import type { FeishuEventMode } from '../../config.ts';
import type {
  ChannelHandlers,
  ChannelHealth,
  ChatChannel,
  IncomingAttachment,
  IncomingMessage,
  KnownChat,
  MessageEdit,
  OutgoingFile,
  OutgoingMessage,
  TurnView,
} from '../chat-channel.ts';
import type { QuoteSource } from '../quotes.ts';
import { FeishuApi } from './api.ts';
import type { AttendanceTimings } from './attendance.ts';
import { Attendance } from './attendance.ts';
import type { ConnectionTimings } from './connection.ts';
import { FeishuConnection } from './connection.ts';
import { EarlierSends } from './earlier-sends.ts';
import { toChatError } from './feishu-error.ts';
import { History } from './history.ts';
import { Inbound } from './inbound.ts';
import type { CardTimings } from './live/live-cards.ts';
import { cardTimings, LiveCards } from './live/live-cards.ts';
import { FeishuMedia } from './media.ts';
import { MessageEdits } from './message-edits.ts';
import type { FeishuRates } from './pace.ts';
import { PeopleMessages } from './people-messages.ts';
import { QuotedMessages } from './quoted.ts';
import { Reactions } from './reactions.ts';
import type { LarkSdk } from './sdk.ts';
import { loadLarkSdk, toBaseUrl } from './sdk.ts';
import { FeishuSender } from './sender.ts';
import { Speech } from './speech.ts';
import { createWebhook } from './webhook.ts';
import { WebhookWatch } from './webhook-watch.ts';

/** Durations in ms. */
export type FeishuTimings = ConnectionTimings & {
  readonly attendance: AttendanceTimings;
  /** How long Feishu surely knows the uuid of a message; the documentation says for an hour. */
  readonly uuidMs: number;
  readonly cards: CardTimings;
  /** A card is left alone for so long after a press on it was answered. */
  readonly settleMs: number;
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
  /** For what has to be known after a restart. */
  readonly store: Store;
  readonly logger: Logger;
  readonly journey?: Journey;
  readonly eventMode?: FeishuEventMode;
  readonly timings?: Partial<FeishuTimings>;
  readonly rates?: FeishuRates;
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
  silenceMs: 300_000,
  attendance: { noteMs: 30_000, overlapMs: 60_000, restMs: 60_000 },
  uuidMs: 55 * 60_000,
  cards: cardTimings,
  settleMs: 1000,
  callTimeoutMs: 15_000,
  fileIdleMs: 60_000,
  identityRetryMs: 1_000,
};

const maxIdentityRetryMs = 60_000;

export function createFeishuChannel(options: FeishuChannelOptions): FeishuChannel {
  return new FeishuChannel(options);
}

/** The bot in Feishu or Lark. */
export class FeishuChannel implements ChatChannel, QuoteSource {
  readonly name = 'feishu';
  /** To be registered with the router's server before it listens; undefined unless events come by webhook. */
  readonly webhook: FastifyPluginAsync | undefined;
  readonly #logger: Logger;
  readonly #timings: FeishuTimings;
  readonly #api: FeishuApi;
  readonly #media: FeishuMedia;
  readonly #live: LiveCards;
  readonly #sender: FeishuSender;
  readonly #edits: MessageEdits;
  readonly #reactions: Reactions;
  readonly #quoted: QuotedMessages;
  readonly #speech: Speech;
  readonly #inbound: Inbound;
  readonly #people: PeopleMessages;
  /** Where events come from. */
  readonly #source: FeishuConnection | WebhookWatch;
  readonly #attendance: Attendance;
  readonly #stopping = new AbortController();
  #sdk: Promise<LarkSdk> | undefined;
  #otherInstancesChecked = false;

  constructor(options: FeishuChannelOptions) {
    const { appId, appSecret, logger, eventMode = { kind: 'websocket' } } = options;
    this.#logger = logger;
    this.#timings = { ...defaultTimings, ...options.timings };
    const credentials = { appId, appSecret, baseUrl: toBaseUrl(options.domain) };
    const loadSdk = () => (this.#sdk ??= loadLarkSdk());
    this.#api = new FeishuApi({
      credentials,
      loadSdk,
      logger,
      timeoutMs: this.#timings.callTimeoutMs,
      ...(options.rates && { rates: options.rates }),
    });
    this.#media = new FeishuMedia({
      api: this.#api,
      baseUrl: credentials.baseUrl,
      loadSdk,
      idleMs: this.#timings.fileIdleMs,
    });
    const { api, media } = { api: this.#api, media: this.#media };
    this.#live = new LiveCards({ api, store: options.store, logger, timings: this.#timings.cards });
    const history = new History(api);
    const earlier = new EarlierSends({ history, appId, uuidMs: this.#timings.uuidMs });
    this.#sender = new FeishuSender({ api, media, live: this.#live, earlier, logger });
    this.#edits = new MessageEdits({ live: this.#live, settleMs: this.#timings.settleMs });
    this.#reactions = new Reactions(api, { appId });
    this.#quoted = new QuotedMessages(api);
    this.#speech = new Speech(api);
    const { journey = () => {} } = options;
    this.#inbound = new Inbound({ appId, edits: this.#edits, journey, logger });
    this.#people = new PeopleMessages({ history, bot: () => this.#inbound.bot, logger });
    const { events } = this.#inbound;
    if (eventMode.kind === 'webhook') {
      this.webhook = createWebhook({ ...eventMode, logger, events });
      this.#source = new WebhookWatch({ timings: this.#timings, onReady: () => this.#attendance.returned() });
    } else {
      const onReady = () => {
        this.#attendance.returned();
        void this.#warnOfOtherInstances();
      };
      this.#source = new FeishuConnection({ credentials, loadSdk, logger, timings: this.#timings, events, onReady });
    }
    this.#attendance = new Attendance({
      store: options.store,
      timings: this.#timings.attendance,
      heardUntil: () => this.#source.heardUntil,
      logger,
    });
  }

  async start(handlers: ChannelHandlers): Promise<void> {
    if (this.#inbound.isOn || this.#stopping.signal.aborted) return;
    this.#inbound.start(handlers);
    this.#attendance.start((since, signal) => handlers.onGap({ channel: this.name, since }, signal));
    this.#source.start();
    this.#live.start();
    void this.#learnIdentity(this.#stopping.signal);
  }

  async send(message: OutgoingMessage): Promise<readonly string[]> {
    return await attempt(this.#sender.send(message));
  }

  async sendFile(file: OutgoingFile): Promise<readonly string[]> {
    return await attempt(this.#sender.sendFile(file));
  }

  showTurn(view: TurnView): void {
    this.#live.show(view);
  }

  async edit(edit: MessageEdit): Promise<void> {
    await attempt(this.#edits.edit(edit));
  }

  async mark(messageId: string): Promise<string> {
    return await attempt(this.#reactions.add(messageId));
  }

  async unmark(messageId: string, mark: string | undefined): Promise<void> {
    await attempt(this.#reactions.remove(messageId, mark));
  }

  async messagesSince(
    chat: KnownChat,
    since: number,
    signal: AbortSignal,
  ): Promise<readonly IncomingMessage[] | undefined> {
    return await attempt(this.#people.since(chat, since, signal));
  }

  async textOf(messageId: string, signal: AbortSignal): Promise<string | undefined> {
    return await attempt(this.#quoted.textOf(messageId, signal));
  }

  async attachmentsOf(messageId: string, signal: AbortSignal): Promise<readonly IncomingAttachment[]> {
    return await attempt(this.#quoted.attachmentsOf(messageId, signal));
  }

  async transcribe(sound: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string | undefined> {
    return await attempt(this.#speech.transcribe(sound, signal));
  }

  async fetchFile(
    messageId: string,
    attachment: IncomingAttachment,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return await attempt(this.#media.download(messageId, attachment, signal));
  }

  health(): ChannelHealth {
    const { isOn, lastEventAt } = this.#inbound;
    const state = isOn ? this.#source.state : 'off';
    return { state, ...(lastEventAt !== undefined && { lastEventAt }) };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#inbound.stop();
    this.#source.close();
    this.#attendance.stop();
    this.#edits.stop();
    await this.#live.stop();
    // What has to wait now waits for the next start.
    this.#api.close();
  }

  /** Asks who the bot is until it is known: without that, no message of a group counts as addressed to it. */
  async #learnIdentity(signal: AbortSignal): Promise<void> {
    let waitMs = this.#timings.identityRetryMs;
    while (!signal.aborted) {
      try {
        this.#inbound.botOpenId = await this.#api.botOpenId();
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

async function attempt<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toChatError(error);
  }
}
