import { once } from 'node:events';
import { join } from 'node:path';
import websocket from '@fastify/websocket';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import { Inbox, Outbox } from '@phonework/shared/mail';
import { CloseCode, MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { Announcer } from './bot/announcer.ts';
import type { ChatChannel } from './bot/chat-channel.ts';
import { CONSOLE_USER_ID, createConsole } from './bot/console/channel.ts';
import { Deliveries } from './bot/deliveries.ts';
import { createFeishuChannel } from './bot/feishu/channel.ts';
import { MessageHandler } from './bot/handler.ts';
import { NodeMail } from './bot/node-mail.ts';
import type { RouterConfig } from './config.ts';
import { health } from './health.ts';
import type { NodeParcel } from './nodes/connection.ts';
import { NodeRegistry } from './nodes/registry.ts';
import { NODE_BOX, Rpc } from './nodes/rpc.ts';
import { nodeSocket } from './nodes/ws.ts';
import { migrations } from './schema.ts';
import { refuseStraySockets } from './stray-sockets.ts';

/** Durations that are no configuration: tests and the bench shorten them. */
export type RouterTimings = {
  readonly registerTimeoutMs: number;
  readonly ackTimeoutMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly announcerTickMs: number;
};

/** What sends under way get at a shutdown: cut, they would be made again at the next start. */
const DELIVERY_GRACE_MS = 5000;

const defaultTimings: RouterTimings = {
  registerTimeoutMs: 10_000,
  ackTimeoutMs: 10_000,
  retryMinMs: 500,
  retryMaxMs: 30_000,
  announcerTickMs: 1000,
};

/** `closeTimeout`: a peer that does not answer a close would otherwise hold up a shutdown for half a minute. */
const socketOptions = { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, closeTimeout: 1000 };

export type RouterOptions = {
  readonly logger: Logger;
  readonly journey: Journey;
  readonly timings?: Partial<RouterTimings>;
  /** Instead of those that the configuration names. */
  readonly channels?: readonly ChatChannel[];
};

/** Makes the router out of its rooms, and opens its database. Nothing listens or connects before `listen`. */
export async function createRouter(config: RouterConfig, options: RouterOptions): Promise<Router> {
  const { logger, journey } = options;
  const timings = { ...defaultTimings, ...options.timings };
  const store = openStore({ path: join(config.dataDir, 'router.db'), migrations, logger });

  const nodeOutbox = new Outbox<NodeParcel>(store, { box: NODE_BOX });
  const registry = new NodeRegistry(store, { onChange: () => localConsole?.nodesChanged() });
  const rpc = new Rpc(store, { outbox: nodeOutbox, queueTtlMs: config.offlineQueueTtlMs });

  const feishu =
    config.feishu && createFeishuChannel({ ...config.feishu, logger: logger.child({ room: 'feishu' }), journey });
  const localConsole = config.console
    ? createConsole({ store, logger, journey, nodes: () => nodeStates(registry) })
    : undefined;
  const channels = options.channels ?? [feishu, localConsole].filter((channel) => channel !== undefined);

  const deliveries = new Deliveries(store, { channels, logger, journey, timings });
  const announcer = new Announcer({
    store,
    registry,
    rpc,
    deliveries,
    logger,
    timings: {
      tickMs: timings.announcerTickMs,
      offlineGraceMs: config.nodeOfflineGraceMs,
      forwardTimeoutMs: config.forwardTimeoutMs,
    },
  });
  const allowed = new Set(config.allowedOpenIds);
  const handler = new MessageHandler({
    store,
    inbox: new Inbox(store, { box: 'chat' }),
    registry,
    rpc,
    deliveries,
    // The console's user has shown the token; everybody else is checked by open_id.
    mayTalk: ({ channel, userId }) => (channel === 'console' ? userId === CONSOLE_USER_ID : allowed.has(userId)),
    onQueued: (nodeId) => announcer.messageQueued(nodeId),
    journey,
    logger,
  });
  const nodeMail = new NodeMail({
    store,
    inbox: new Inbox(store, { box: 'node' }),
    registry,
    rpc,
    deliveries,
    channels,
    journey,
    logger,
  });

  const app = fastify({
    logger: false,
    bodyLimit: MAX_FRAME_BYTES,
    forceCloseConnections: true,
    requestTimeout: 30_000,
  });
  await app.register(websocket, { options: socketOptions });
  refuseStraySockets(app);
  const feishuChannel = channels.find(({ name }) => name === 'feishu');
  await app.register(health, {
    store,
    registry,
    rpc,
    undelivered: () => deliveries.size,
    feishu: feishuChannel && (() => feishuChannel.health()),
  });
  await app.register(nodeSocket, {
    secret: config.secret,
    registry,
    outbox: nodeOutbox,
    logger,
    timings: {
      registerTimeoutMs: timings.registerTimeoutMs,
      ackTimeoutMs: timings.ackTimeoutMs,
      heartbeatIntervalMs: config.heartbeatIntervalMs,
      heartbeatTimeoutMs: config.heartbeatTimeoutMs,
    },
    onSent: ({ id }) => {
      rpc.sent(id);
      journey('forward.sent', id);
    },
    onFrame: (connection, frame) => nodeMail.receive(connection, frame),
  });
  if (feishu?.webhook !== undefined) await app.register(feishu.webhook);
  if (localConsole !== undefined) await app.register(localConsole.plugin);

  return new Router({
    app,
    store,
    registry,
    channels,
    deliveries,
    announcer,
    handler,
    logger,
    consoleUrl: (base) => localConsole?.url(base),
  });
}

function nodeStates(registry: NodeRegistry): { nodeId: string; displayName: string; online: boolean }[] {
  return registry
    .list()
    .map(({ nodeId, displayName, connection }) => ({ nodeId, displayName, online: connection !== undefined }));
}

/** The address could not be listened on. The message says which, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

type RouterParts = {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly registry: NodeRegistry;
  readonly channels: readonly ChatChannel[];
  readonly deliveries: Deliveries;
  readonly announcer: Announcer;
  readonly handler: MessageHandler;
  readonly logger: Logger;
  readonly consoleUrl: (base: string) => string | undefined;
};

/** A router: `listen` starts it, `stop` ends it with everything it started. */
export class Router {
  readonly #parts: RouterParts;
  #baseUrl = '';
  #stopping: Promise<void> | undefined;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Where it listens, as a URL. */
  get url(): string {
    return this.#baseUrl;
  }

  /** Where nodes connect. */
  get nodeUrl(): string {
    return `${this.#baseUrl.replace(/^http/, 'ws')}/ws/node`;
  }

  /** The console's URL with its token; undefined when the console is off. */
  get consoleUrl(): string | undefined {
    return this.#parts.consoleUrl(this.#baseUrl);
  }

  /** Resolves when `/health` answers and nodes and messages can come in. Rejects with ListenError. */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    const { app, channels, deliveries, announcer, handler, logger } = this.#parts;
    try {
      this.#baseUrl = await app.listen({ host, port });
    } catch (cause) {
      await this.stop();
      throw new ListenError(listenFault(host, port, cause), { cause });
    }
    if (this.#stopping !== undefined) return;
    deliveries.start();
    announcer.start();
    for (const channel of channels) await channel.start((message) => handler.receive(message));
    logger.info({ url: this.#baseUrl }, 'listening');
  }

  /** No new work, nodes told, state on disk. Stopping twice is fine. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    const { app, store, registry, channels, deliveries, announcer } = this.#parts;
    await Promise.all(channels.map((channel) => channel.stop()));
    announcer.stop();
    for (const { connection } of registry.list()) connection?.close(CloseCode.shuttingDown, 'the router shuts down');
    const socketsClosed = once(app.websocketServer, 'close');
    await app.close();
    // The server is closed a moment before the sockets' own handlers have run, and those still write.
    await socketsClosed;
    await deliveries.stop(DELIVERY_GRACE_MS);
    store.close();
  }
}

function listenFault(host: string, port: number, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use: stop what uses it, or set ROUTER_PORT to another (0 = any).`;
  if (code === 'EACCES') return `Port ${port} on ${host} needs more rights: set ROUTER_PORT to one above 1023.`;
  return `Can't listen on ${host}:${port} (${String(code)}): check ROUTER_HOST and ROUTER_PORT.`;
}
