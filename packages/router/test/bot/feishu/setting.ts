import { join } from 'node:path';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import type { FeishuServerOptions } from '@phonework/testkit/feishu-server';
import { FeishuServer } from '@phonework/testkit/feishu-server';
import type {
  ActionOutcome,
  IncomingAction,
  IncomingGap,
  IncomingMessage,
  IncomingRecall,
  IncomingStop,
  IncomingVisit,
} from '../../../src/bot/chat-channel.ts';
import type { FeishuChannel, FeishuChannelOptions, FeishuTimings } from '../../../src/bot/feishu/channel.ts';
import { createFeishuChannel } from '../../../src/bot/feishu/channel.ts';
import type { CardTimings } from '../../../src/bot/feishu/live/live-cards.ts';
import { cardTimings } from '../../../src/bot/feishu/live/live-cards.ts';
import { migrations } from '../../../src/schema.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { captureLog } from './captured-log.ts';

/** The channel's options, and of its timings those that differ. */
export type ChannelSetting = Partial<Omit<FeishuChannelOptions, 'timings'>> & {
  readonly timings?: Partial<Omit<FeishuTimings, 'cards'>> & { readonly cards?: Partial<CardTimings> };
};

/** A real channel at a Feishu of its own, with everything that it said to the log. */
export class Setting {
  readonly feishu: FeishuServer;
  /** Lines at every level, as pino wrote them. */
  readonly log: string[] = [];
  readonly received: IncomingMessage[] = [];
  readonly pressed: IncomingAction[] = [];
  readonly stops: IncomingStop[] = [];
  readonly recalls: IncomingRecall[] = [];
  readonly visits: IncomingVisit[] = [];
  readonly gaps: IncomingGap[] = [];
  /** What becomes of a gap. */
  onGap: (gap: IncomingGap, signal: AbortSignal) => Promise<void> = async () => {};
  /** What every press leads to. */
  outcome: ActionOutcome = { kind: 'success', toast: 'done' };
  readonly journey: string[] = [];
  readonly #folder = new TempFolder();
  readonly #options: ChannelSetting;
  #process: { readonly channel: FeishuChannel; readonly store: Store };

  private constructor(feishu: FeishuServer, options: ChannelSetting) {
    this.feishu = feishu;
    this.#options = options;
    this.#process = this.#open();
  }

  static async open(
    options: { readonly server?: FeishuServerOptions; readonly channel?: ChannelSetting } = {},
  ): Promise<Setting> {
    return new Setting(await FeishuServer.start(options.server), options.channel ?? {});
  }

  get channel(): FeishuChannel {
    return this.#process.channel;
  }

  get store(): Store {
    return this.#process.store;
  }

  /** Starts the channel; `handle` is what becomes of a message, and `decide` of a press, after it was noted. */
  async start(
    handle: (message: IncomingMessage) => Promise<void> = async () => {},
    decide: () => Promise<void> = async () => {},
  ): Promise<void> {
    await this.channel.start({
      onMessage: async (message) => {
        this.received.push(message);
        await handle(message);
      },
      onAction: async (action) => {
        this.pressed.push(action);
        await decide();
        return this.outcome;
      },
      onStop: async (stop) => {
        this.stops.push(stop);
        return this.outcome;
      },
      onRecall: async (recall) => void this.recalls.push(recall),
      onVisit: async (visit) => void this.visits.push(visit),
      onGap: async (gap, signal) => {
        this.gaps.push(gap);
        await this.onGap(gap, signal);
      },
    });
  }

  /** Another process in the place of this one, with what is on the disk. */
  async restart(): Promise<void> {
    await this.#end();
    this.#process = this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.feishu.close();
    this.#folder[Symbol.dispose]();
  }

  #open(): { readonly channel: FeishuChannel; readonly store: Store } {
    const { feishu } = this;
    const { logger } = captureLog(this.log);
    const store = openStore({ path: join(this.#folder.path, 'router.db'), migrations, logger });
    const { timings: { cards, ...timings } = {}, ...options } = this.#options;
    const channel = createFeishuChannel({
      appId: feishu.appId,
      appSecret: feishu.appSecret,
      domain: feishu.url,
      store,
      logger,
      journey: (step, id) => this.journey.push(`${step} ${id}`),
      ...options,
      timings: {
        backoffMinMs: 20,
        backoffMaxMs: 100,
        watchMs: 20,
        identityRetryMs: 20,
        ...timings,
        cards: { ...cardTimings, ...cards },
      },
    });
    return { channel, store };
  }

  async #end(): Promise<void> {
    await this.channel.stop();
    this.store.close();
  }
}
