import type { FeishuServerOptions } from '@phonework/testkit/feishu-server';
import { FeishuServer } from '@phonework/testkit/feishu-server';
import type { ActionOutcome, IncomingAction, IncomingMessage } from '../../../src/bot/chat-channel.ts';
import type { FeishuChannel, FeishuChannelOptions } from '../../../src/bot/feishu/channel.ts';
import { createFeishuChannel } from '../../../src/bot/feishu/channel.ts';
import { captureLog } from './captured-log.ts';

/** A real channel at a Feishu of its own, with everything that it said to the log. */
export class Setting {
  readonly feishu: FeishuServer;
  readonly channel: FeishuChannel;
  /** Lines at every level, as pino wrote them. */
  readonly log: string[];
  readonly received: IncomingMessage[] = [];
  readonly pressed: IncomingAction[] = [];
  /** What every press leads to. */
  outcome: ActionOutcome = { kind: 'success', toast: 'done' };
  readonly journey: string[];

  private constructor(feishu: FeishuServer, channel: FeishuChannel, log: string[], journey: string[]) {
    this.feishu = feishu;
    this.channel = channel;
    this.log = log;
    this.journey = journey;
  }

  static async open(
    options: { readonly server?: FeishuServerOptions; readonly channel?: Partial<FeishuChannelOptions> } = {},
  ): Promise<Setting> {
    const feishu = await FeishuServer.start(options.server);
    const { logger, lines: log } = captureLog();
    const journey: string[] = [];
    const channel = createFeishuChannel({
      appId: feishu.appId,
      appSecret: feishu.appSecret,
      domain: feishu.url,
      logger,
      journey: (step, id) => journey.push(`${step} ${id}`),
      ...options.channel,
      timings: { backoffMinMs: 20, backoffMaxMs: 100, watchMs: 20, identityRetryMs: 20, ...options.channel?.timings },
    });
    return new Setting(feishu, channel, log, journey);
  }

  /** Starts the channel; `handle` is what becomes of a message, after it was noted. */
  async start(handle: (message: IncomingMessage) => Promise<void> = async () => {}): Promise<void> {
    await this.channel.start(
      async (message) => {
        this.received.push(message);
        await handle(message);
      },
      async (action) => {
        this.pressed.push(action);
        return this.outcome;
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.channel.stop();
    await this.feishu.close();
  }
}
