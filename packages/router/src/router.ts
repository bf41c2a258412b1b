import { once } from 'node:events';
import { join } from 'node:path';
import websocket from '@fastify/websocket';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import { Outbox } from '@phonework/shared/mail';
import { openaiChatModel } from '@phonework/shared/openai';
import { CloseCode, MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { Bot } from './bot/bot.ts';
import type { ChatChannel } from './bot/chat-channel.ts';
import { toNodeStates } from './bot/console/node-states.ts';
import { CONSOLE_USER_ID } from './bot/console/user.ts';
import { peerOf } from './bot/deliveries.ts';
import type { RouterConfig } from './config.ts';
import { health } from './health.ts';
import { countedModel } from './metrics/counted-model.ts';
import { Tally } from './metrics/tally.ts';
import { metrics } from './metrics.ts';
import { ActiveNodes } from './nodes/active-nodes.ts';
import type { NodeParcel } from './nodes/connection.ts';
import { Doorman } from './nodes/doorman.ts';
import { nodeFiles } from './nodes/files.ts';
import { PassingFiles } from './nodes/passing-files.ts';
import { NodeRegistry } from './nodes/registry.ts';
import { NODE_BOX, Rpc } from './nodes/rpc.ts';
import { nodeSocket } from './nodes/ws.ts';
import { RoutingAgent } from './routing/routing-agent.ts';
import { migrations } from './schema.ts';
import { cutSlowBodies } from './slow-bodies.ts';
import { refuseStraySockets } from './stray-sockets.ts';

/** Durations that are no configuration: tests and the bench shorten them. */
export type RouterTimings = {
  readonly registerTimeoutMs: number;
  readonly ackTimeoutMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly announcerTickMs: number;
  /** An answer that took longer is a message of its own. */
  readonly inPlaceMs: number;
  readonly routingTimeoutMs: number;
};

const defaultTimings: RouterTimings = {
  registerTimeoutMs: 10_000,
  ackTimeoutMs: 10_000,
  retryMinMs: 500,
  retryMaxMs: 30_000,
  announcerTickMs: 1000,
  inPlaceMs: 30_000,
  routingTimeoutMs: 10_000,
};

/** For a request to come in whole; and for one that brings a file, as long as it keeps coming. */
const BODY_MS = 30_000;
const SLOW_BODY_MS = 30 * 60_000;

/** Who finds no place in the queue of the operating system tries again a second later: after a restart all nodes come at once. */
const BACKLOG = 4096;

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

  const tally = new Tally();
  const nodeOutbox = new Outbox<NodeParcel>(store, { box: NODE_BOX });
  const rpc = new Rpc(store, {
    outbox: nodeOutbox,
    queueTtlMs: config.offlineQueueTtlMs,
    onAnswered: (tookMs) => tally.forwards.add(tookMs),
  });
  const registry = new NodeRegistry(store, {
    onChange: () => {
      localConsole?.nodesChanged();
      // It is asked only where there are nodes to choose from.
      model?.preload();
    },
    beforeAway: () => rpc.noteSendTimes(),
  });

  const doorman = new Doorman({ store, secret: config.secret, registry, logger });
  // Not in files/, where a node that shares this folder keeps what it has received.
  const files = new PassingFiles(store, { folder: join(config.dataDir, 'passing'), logger });

  const languages = new ReaderLanguages(store, config.language);
  // What a channel needs is loaded only where it is on: half of all there is.
  const { createFeishuChannel } = config.feishu ? await import('./bot/feishu/channel.ts') : {};
  const { createConsole } = config.console ? await import('./bot/console/channel.ts') : {};
  const feishu =
    config.feishu &&
    createFeishuChannel?.({ ...config.feishu, store, logger: logger.child({ room: 'feishu' }), journey });
  const localConsole = createConsole?.({
    store,
    files,
    logger,
    journey,
    nodes: () => toNodeStates(registry.nodesFor(CONSOLE_USER_ID)),
    languageSetting: config.language,
    language: (chatId) => languages.of(peerOf({ channel: 'console', chatId })),
  });
  const channels = options.channels ?? [feishu, localConsole].filter((channel) => channel !== undefined);

  const model = config.model && openaiChatModel({ ...config.model, logger });
  const allowed = new Set(config.allowedOpenIds);
  const bot = new Bot({
    store,
    channels,
    registry,
    activeNodes: new ActiveNodes(store),
    rpc,
    nodeOutbox,
    agent: new RoutingAgent({
      logger,
      model: model && countedModel(model, (outcome) => tally.modelCalls.add({ outcome })),
      timeoutMs: timings.routingTimeoutMs,
    }),
    // The console's user has shown the token; everybody else is checked by open_id.
    mayTalk: ({ channel, userId }) => (channel === 'console' ? userId === CONSOLE_USER_ID : allowed.has(userId)),
    timings: {
      retryMinMs: timings.retryMinMs,
      retryMaxMs: timings.retryMaxMs,
      tickMs: timings.announcerTickMs,
      inPlaceMs: timings.inPlaceMs,
      offlineGraceMs: config.nodeOfflineGraceMs,
      forwardTimeoutMs: config.forwardTimeoutMs,
    },
    files,
    broughtFile: (nodeId, id) => {
      const file = files.find(id);
      return file?.origin.kind === 'node' && doorman.mayBe(file.origin, nodeId) ? file : undefined;
    },
    queueTtlMs: config.offlineQueueTtlMs,
    languages,
    onSend: (channel, outcome) => tally.sends.add({ channel, outcome }),
    journey,
    logger,
  });

  const app = fastify({
    logger: false,
    bodyLimit: MAX_FRAME_BYTES,
    forceCloseConnections: true,
    // Of an id, each character written as up to three.
    routerOptions: { maxParamLength: 3 * 128 },
    requestTimeout: SLOW_BODY_MS,
  });
  cutSlowBodies(app, BODY_MS);
  await app.register(websocket, { options: socketOptions });
  refuseStraySockets(app);
  const feishuChannel = channels.find(({ name }) => name === 'feishu');
  await app.register(health, {
    store,
    registry,
    rpc,
    undelivered: () => bot.undelivered,
    feishu: feishuChannel && (() => feishuChannel.health()),
  });
  await app.register(metrics, {
    token: config.metricsToken,
    tally,
    readings: {
      nodes: () => registry.list().map(({ connection }) => ({ online: connection !== undefined })),
      queues: () => ({ forwards: rpc.size, node_outbox: nodeOutbox.size, chat_outbox: bot.undelivered }),
      channels: () =>
        channels.map((channel) => ({ name: channel.name, connected: channel.health().state === 'connected' })),
      storeWritable: () => store.isWritable(),
    },
  });
  await app.register(nodeSocket, {
    store,
    doorman,
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
    onFrame: (connection, frame) => bot.receive(connection, frame),
    observeFrame: (direction, type) => tally.frames.add({ direction, type }),
  });
  await app.register(nodeFiles, { doorman, files, logger });
  if (feishu?.webhook !== undefined) await app.register(feishu.webhook);
  if (localConsole !== undefined) await app.register(localConsole.plugin);

  return new Router({
    app,
    store,
    registry,
    rpc,
    bot,
    files,
    logger,
    consoleUrl: (base) => localConsole?.url(base),
  });
}

/** The address could not be listened on. The message says which, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

type RouterParts = {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly registry: NodeRegistry;
  readonly rpc: Rpc;
  readonly bot: Bot;
  readonly files: PassingFiles;
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
    const { app, bot, files, logger } = this.#parts;
    try {
      this.#baseUrl = await app.listen({ host, port, backlog: BACKLOG });
    } catch (cause) {
      await this.stop();
      throw new ListenError(listenFault(host, port, cause), { cause });
    }
    if (this.#stopping !== undefined) return;
    files.start();
    await bot.start();
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
    const { app, store, registry, rpc, bot, files } = this.#parts;
    files.stop();
    await bot.closeDoors();
    for (const { connection } of registry.list()) connection?.close(CloseCode.shuttingDown, 'the router shuts down');
    const socketsClosed = once(app.websocketServer, 'close');
    await app.close();
    // The server is closed a moment before the sockets' own handlers have run, and those still write.
    await socketsClosed;
    await bot.stop();
    rpc.noteSendTimes();
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
