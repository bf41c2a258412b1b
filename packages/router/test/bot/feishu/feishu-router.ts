import type { FeishuServerOptions } from '@phonework/testkit/feishu-server';
import { FeishuServer } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import type { Router } from '../../../src/router.ts';
import { createRouter } from '../../../src/router.ts';
import { CapturedLog } from '../../fakes/captured-log.ts';
import { homePc, RawNode } from '../../fakes/raw-node.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { SECRET } from '../../fakes/test-router.ts';

/** The real router at a Feishu of its own, with one node of Alice's. */
export class FeishuRouter {
  readonly feishu: FeishuServer;
  readonly node: RawNode;
  readonly log: CapturedLog;
  readonly #router: Router;
  readonly #folder: TempFolder;

  private constructor(parts: {
    readonly feishu: FeishuServer;
    readonly node: RawNode;
    readonly log: CapturedLog;
    readonly router: Router;
    readonly folder: TempFolder;
  }) {
    this.feishu = parts.feishu;
    this.node = parts.node;
    this.log = parts.log;
    this.#router = parts.router;
    this.#folder = parts.folder;
  }

  static async start(options: FeishuServerOptions = {}): Promise<FeishuRouter> {
    const feishu = await FeishuServer.start(options);
    const folder = new TempFolder();
    const log = new CapturedLog();
    const config = {
      host: '127.0.0.1',
      port: 0,
      secret: SECRET,
      dataDir: folder.path,
      feishu: {
        appId: feishu.appId,
        appSecret: feishu.appSecret,
        domain: feishu.url,
        eventMode: { kind: 'websocket' },
      },
      allowedOpenIds: ['ou_alice'],
      console: false,
      language: 'auto',
      model: undefined,
      forwardTimeoutMs: 60_000,
      heartbeatIntervalMs: 60_000,
      heartbeatTimeoutMs: 60_000,
      nodeOfflineGraceMs: 60_000,
      offlineQueueTtlMs: 60_000,
    } as const;
    const router = await createRouter(config, { logger: log.logger, journey: () => {} });
    await router.listen(config);
    const node = await RawNode.connect(router.nodeUrl, SECRET);
    node.send(homePc);
    await node.next('registered');
    await waitFor(() => feishu.sockets.live === 1);
    await waitFor(() => feishu.calls.some(({ path, status }) => path === '/bot/v3/info' && status === 200));
    return new FeishuRouter({ feishu, node: node.behave(), log, router, folder });
  }

  /** What the bot has said in a chat, Alice's own unless said otherwise. */
  said(chatId = this.feishu.chatOf('ou_alice')): string[] {
    return this.feishu.messagesIn(chatId).flatMap(({ sender, text }) => (sender === 'bot' ? [text] : []));
  }

  /** Resolves when each event so far was acknowledged, and what the bot sent for it has arrived. */
  async untilQuiet(): Promise<void> {
    await waitFor(() => this.feishu.deliveries.every(({ ackedAt }) => ackedAt !== undefined));
    await waitFor(() => this.#isIdle());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.node[Symbol.dispose]();
    await this.#router.stop();
    await this.feishu.close();
    this.#folder[Symbol.dispose]();
  }

  async #isIdle(): Promise<boolean> {
    const response = await fetch(`${this.#router.url}/health`);
    // The body is the router's own.
    const { queue } = (await response.json()) as { readonly queue: { readonly outbox: number } };
    return queue.outbox === 0;
  }
}
