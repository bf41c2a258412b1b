import type { Host } from '@phonework/host-client';
import { createHost } from '@phonework/host-client';
import type { HostConfig } from '@phonework/host-client/config';
import type { Router } from '@phonework/router';
import { createRouter } from '@phonework/router';
import type { RouterConfig } from '@phonework/router/config';
import type { Environment } from '@phonework/shared/config';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';

export type StandaloneOptions = {
  readonly logger: Logger;
  readonly journey: Journey;
  readonly version: string;
  readonly environment: Environment;
  /** Replaces secrets in a text. */
  readonly redact: (text: string) => string;
};

/** Router and node in one process, with the real link between them. Rejects when either can't start; then nothing is left. */
export async function startStandalone(
  config: { readonly router: RouterConfig; readonly host: Omit<HostConfig, 'routerUrl'> },
  options: StandaloneOptions,
): Promise<Standalone> {
  const { logger } = options;
  const router = await createRouter(config.router, { ...options, logger: logger.child({ part: 'router' }) });
  try {
    // The router can go on without a node, but not the other way round: it listens first, so the node finds it at once.
    await router.listen(config.router);
    const host = createHost(
      { ...config.host, routerUrl: loopback(router.nodeUrl) },
      { ...options, logger: logger.child({ part: 'node' }) },
    );
    await host.start();
    return new Standalone(router, host);
  } catch (error) {
    await router.stop();
    throw error;
  }
}

/** A router that listens on all addresses is reached by the one that always works. */
function loopback(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

export class Standalone {
  readonly router: Router;
  readonly #host: Host;
  #stopping: Promise<void> | undefined;

  constructor(router: Router, host: Host) {
    this.router = router;
    this.#host = host;
  }

  /** The node first: what it finishes still goes out. Stopping twice is fine. */
  stop(): Promise<void> {
    this.#stopping ??= this.#host.stop().then(() => this.router.stop());
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
