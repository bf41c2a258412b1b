import { waitFor } from '@phonework/testkit/wait';
import type { ClientOptions } from 'ws';
import type { RouterConfig } from '../../src/config.ts';
import type { Router, RouterTimings } from '../../src/router.ts';
import { createRouter } from '../../src/router.ts';
import { CapturedLog } from './captured-log.ts';
import { FakeChat } from './fake-chat.ts';
import { homePc, RawNode } from './raw-node.ts';
import { TempFolder } from './temp-folder.ts';

export const SECRET = 'the-secret-of-the-tests';

export type TestRouterOptions = {
  readonly config?: Partial<RouterConfig>;
  readonly timings?: Partial<RouterTimings>;
  /** A folder of an earlier one, to go on with its database. */
  readonly folder?: TempFolder;
  readonly chat?: FakeChat;
};

export type HealthBody = {
  readonly status: string;
  readonly uptime_s: number;
  readonly feishu: { readonly state: string; readonly last_event_age_s?: number };
  readonly nodes: readonly { readonly node_id: string; readonly status: string; readonly [field: string]: unknown }[];
  readonly queue: { readonly inbox: number; readonly outbox: number };
};

/** The real router on a free port, with a chat in memory, and quick about everything that has a duration. */
export class TestRouter {
  readonly chat: FakeChat;
  readonly log: CapturedLog;
  readonly folder: TempFolder;
  readonly router: Router;
  readonly #ownsFolder: boolean;

  private constructor(parts: { router: Router; chat: FakeChat; log: CapturedLog; folder: TempFolder; owns: boolean }) {
    this.router = parts.router;
    this.chat = parts.chat;
    this.log = parts.log;
    this.folder = parts.folder;
    this.#ownsFolder = parts.owns;
  }

  static async start(options: TestRouterOptions = {}): Promise<TestRouter> {
    const folder = options.folder ?? new TempFolder();
    const chat = options.chat ?? new FakeChat();
    const log = new CapturedLog();
    const config: RouterConfig = {
      host: '127.0.0.1',
      port: 0,
      secret: SECRET,
      dataDir: folder.path,
      feishu: undefined,
      allowedOpenIds: ['ou_alice', 'ou_bob'],
      console: false,
      language: 'auto',
      model: undefined,
      forwardTimeoutMs: 60_000,
      heartbeatIntervalMs: 60_000,
      heartbeatTimeoutMs: 60_000,
      nodeOfflineGraceMs: 60_000,
      offlineQueueTtlMs: 60_000,
      ...options.config,
    };
    const router = await createRouter(config, {
      logger: log.logger,
      journey: () => {},
      channels: [chat],
      timings: { announcerTickMs: 20, retryMinMs: 10, retryMaxMs: 50, ...options.timings },
    });
    await router.listen(config);
    return new TestRouter({ router, chat, log, folder, owns: options.folder === undefined });
  }

  get url(): string {
    return this.router.url;
  }

  /** A socket at the nodes' door that has not registered. */
  async connect(options?: ClientOptions): Promise<RawNode> {
    return await RawNode.connect(this.router.nodeUrl, SECRET, options);
  }

  /** A registered node: `homePc`, but for `changes`. */
  async connectNode(changes: object = {}, options?: ClientOptions): Promise<RawNode> {
    const node = await this.connect(options);
    node.send({ ...homePc, ...changes });
    await node.next('registered');
    return node;
  }

  async health(): Promise<{ readonly status: number; readonly body: HealthBody }> {
    const response = await fetch(`${this.url}/health`);
    // The body is what the tests are about.
    return { status: response.status, body: (await response.json()) as HealthBody };
  }

  /** Resolves when `/health` shows the node so. */
  async untilNode(nodeId: string, status: 'online' | 'offline'): Promise<void> {
    await waitFor(
      async () => (await this.health()).body.nodes.some((node) => node.node_id === nodeId && node.status === status),
      { what: `node ${nodeId} to be ${status}` },
    );
  }

  async stop(): Promise<void> {
    await this.router.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#ownsFolder) this.folder[Symbol.dispose]();
  }
}
