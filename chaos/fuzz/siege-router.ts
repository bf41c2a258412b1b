import type { Router } from '@phonework/router';
import { createRouter } from '@phonework/router';
import { createLogger } from '@phonework/shared/log';
import { TempFolder } from './temp-folder.ts';
import { TinyFeishu } from './tiny-feishu.ts';

export const SECRET = 'the-secret-of-the-siege';
export const APP_ID = 'cli_a1b2c3d4e5f60718';
export const ENCRYPT_KEY = 'the-encrypt-key-of-the-siege';

/** The real router with all of its doors open: nodes, the console, Feishu. */
export class SiegeRouter implements AsyncDisposable {
  readonly router: Router;
  readonly feishu: TinyFeishu;
  readonly #folder: TempFolder;

  private constructor(router: Router, feishu: TinyFeishu, folder: TempFolder) {
    this.router = router;
    this.feishu = feishu;
    this.#folder = folder;
  }

  static async start({ events }: { readonly events: 'webhook' | 'websocket' }): Promise<SiegeRouter> {
    const folder = new TempFolder();
    const feishu = await TinyFeishu.start();
    const config = {
      host: '127.0.0.1',
      port: 0,
      secret: SECRET,
      dataDir: folder.path,
      feishu: {
        appId: APP_ID,
        appSecret: 'the-app-secret-of-the-siege',
        domain: feishu.url,
        eventMode: events === 'webhook' ? { kind: events, encryptKey: ENCRYPT_KEY } : { kind: events },
      },
      allowedOpenIds: ['ou_alice'],
      console: true,
      language: 'auto',
      model: undefined,
      forwardTimeoutMs: 60_000,
      heartbeatIntervalMs: 60_000,
      heartbeatTimeoutMs: 60_000,
      nodeOfflineGraceMs: 60_000,
      offlineQueueTtlMs: 60_000,
    } as const;
    const logger = await createLogger({ name: 'siege', level: 'silent', secrets: [], terminal: false });
    const timings = { retryMinMs: 10, retryMaxMs: 50 };
    const router = await createRouter(config, { logger, journey: () => {}, timings });
    await router.listen(config);
    return new SiegeRouter(router, feishu, folder);
  }

  async isHealthy(): Promise<boolean> {
    const { status } = await fetch(`${this.router.url}/health`);
    return status === 200;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.router.stop();
    await this.feishu[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
