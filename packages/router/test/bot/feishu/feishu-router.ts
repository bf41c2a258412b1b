import type { FeishuMessage, FeishuServerOptions } from '@phonework/testkit/feishu-server';
import { FeishuServer } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import type { RouterConfig } from '../../../src/config.ts';
import type { Router, RouterTimings } from '../../../src/router.ts';
import { createRouter } from '../../../src/router.ts';
import { CapturedLog } from '../../fakes/captured-log.ts';
import { homePc, RawNode } from '../../fakes/raw-node.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { SECRET } from '../../fakes/test-router.ts';

export type FeishuRouterOptions = FeishuServerOptions & {
  /** Alice alone when absent; the node serves all of them. */
  readonly users?: readonly string[];
  readonly config?: Partial<RouterConfig>;
  readonly timings?: Partial<RouterTimings>;
};

/** The real router at a Feishu of its own, with one node of its users'. */
export class FeishuRouter {
  readonly feishu: FeishuServer;
  readonly log = new CapturedLog();
  readonly #folder = new TempFolder();
  readonly #options: FeishuRouterOptions;
  #process: { readonly router: Router; readonly node: RawNode } | undefined;

  private constructor(feishu: FeishuServer, options: FeishuRouterOptions) {
    this.feishu = feishu;
    this.#options = options;
  }

  static async start(options: FeishuRouterOptions = {}): Promise<FeishuRouter> {
    const started = new FeishuRouter(await FeishuServer.start(options), options);
    await started.startProcess();
    return started;
  }

  get node(): RawNode {
    return this.#running.node;
  }

  /** Another process in the place of the one that was stopped, with what is on the disk; resolves when all is connected. */
  async startProcess(): Promise<void> {
    const { feishu } = this;
    const { users = ['ou_alice'], timings } = this.#options;
    const config = this.#config(users);
    const seen = feishu.calls.length;
    const router = await createRouter(config, {
      logger: this.log.logger,
      journey: () => {},
      ...(timings && { timings }),
    });
    await router.listen(config);
    const node = await RawNode.connect(router.nodeUrl, SECRET);
    this.#process = { router, node: node.behave() };
    node.send({ ...homePc, serves_users: users });
    await node.next('registered');
    await waitFor(() => feishu.sockets.live === 1);
    const knowsItself = () =>
      feishu.calls.slice(seen).some(({ path, status }) => path === '/bot/v3/info' && status === 200);
    await waitFor(knowsItself);
  }

  /** Ends the router and its node. */
  async stopProcess(): Promise<void> {
    this.#process?.node[Symbol.dispose]();
    await this.#process?.router.stop();
    this.#process = undefined;
  }

  /** What the bot shows in a chat, Alice's own unless said otherwise. */
  shown(chatId = this.feishu.chatOf('ou_alice')): FeishuMessage[] {
    return this.feishu.messagesIn(chatId).filter(({ sender }) => sender === 'bot');
  }

  /** What the bot has said there. */
  said(chatId?: string): string[] {
    return this.shown(chatId).map(({ text }) => text);
  }

  /** Resolves when each event so far was acknowledged, and what the bot sent for it has arrived. */
  async untilQuiet(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    await waitFor(() => this.feishu.deliveries.every(({ ackedAt }) => ackedAt !== undefined), options);
    await waitFor(() => this.#isIdle(), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopProcess();
    await this.feishu.close();
    this.#folder[Symbol.dispose]();
  }

  get #running(): { readonly router: Router; readonly node: RawNode } {
    if (this.#process === undefined) throw new Error('the router does not run');
    return this.#process;
  }

  #config(users: readonly string[]): RouterConfig {
    const { appId, appSecret, url: domain } = this.feishu;
    return {
      host: '127.0.0.1',
      port: 0,
      secret: SECRET,
      dataDir: this.#folder.path,
      feishu: { appId, appSecret, domain, eventMode: { kind: 'websocket' } },
      allowedOpenIds: [...users],
      console: false,
      language: 'auto',
      model: undefined,
      forwardTimeoutMs: 60_000,
      heartbeatIntervalMs: 60_000,
      heartbeatTimeoutMs: 60_000,
      nodeOfflineGraceMs: 60_000,
      offlineQueueTtlMs: 60_000,
      ...this.#options.config,
    };
  }

  async #isIdle(): Promise<boolean> {
    const response = await fetch(`${this.#running.router.url}/health`);
    // The body is the router's own.
    const { queue } = (await response.json()) as { readonly queue: { readonly outbox: number } };
    return queue.outbox === 0;
  }
}
