import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastifyWebsocket from '@fastify/websocket';
import type { Language } from '@phonework/shared/language';
import { createLogger } from '@phonework/shared/log';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { fastify } from 'fastify';
import { WebSocket } from 'ws';
import type { ActionOutcome, IncomingAction, IncomingMessage, IncomingStop } from '../../../src/bot/chat-channel.ts';
import type { ConsoleChannel } from '../../../src/bot/console/channel.ts';
import { createConsole } from '../../../src/bot/console/channel.ts';
import type { ConsoleFrame, NodeState } from '../../../src/bot/console/frames.ts';
import { PassingFiles } from '../../../src/nodes/passing-files.ts';
import { migrations } from '../../../src/schema.ts';

export type ConsoleRouterOptions = {
  /** A folder of an earlier one, to go on with its database; it is then not removed here. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly heartbeatMs?: number;
  readonly turnForgetMs?: number;
  readonly languageSetting?: LanguageSetting;
};

/** A router of which only the console is there: the channel on a real server and a real store. */
export class ConsoleRouter {
  readonly channel: ConsoleChannel;
  readonly files: PassingFiles;
  readonly origin: string;
  readonly dataDir: string;
  /** What the channel handed on, in order. */
  readonly handled: IncomingMessage[] = [];
  /** What Fastify logged, as JSON lines. */
  readonly log: string[];
  /** Called with each message; its rejection is the handler's. */
  handle: (message: IncomingMessage) => Promise<void> = async () => {};
  /** The presses that the channel handed on, in order. */
  readonly presses: IncomingAction[] = [];
  /** What each press leads to. */
  act: (action: IncomingAction) => Promise<ActionOutcome> = async () => ({ kind: 'success', toast: 'Done.' });
  /** The presses of *Stop* that the channel handed on, in order. */
  readonly stops: IncomingStop[] = [];
  /** What each *Stop* leads to. */
  end: (stop: IncomingStop) => Promise<ActionOutcome> = async () => ({ kind: 'success', toast: 'Stopping…' });
  nodes: NodeState[] = [];
  /** What the user is answered in. */
  language: Language = 'en';
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.channel = parts.channel;
    this.files = parts.files;
    this.origin = parts.origin;
    this.dataDir = parts.dataDir;
    this.log = parts.log;
    this.#parts = parts;
  }

  static async start(options: ConsoleRouterOptions = {}): Promise<ConsoleRouter> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'phonework-console-')));
    const log: string[] = [];
    const logger = await createLogger({ name: 'router', level: 'silent', secrets: [], terminal: false });
    const store = openStore({ path: join(dataDir, 'router.db'), migrations, logger });
    const app = fastify({
      logger: { level: 'debug', stream: { write: (line: string) => void log.push(line) } },
      forceCloseConnections: true,
    });
    // The channel asks for these of the router that is made with it.
    const asked: { router?: ConsoleRouter } = {};
    const files = new PassingFiles(store, { folder: join(dataDir, 'passing'), logger });
    const channel = createConsole({
      store,
      files,
      logger,
      nodes: () => asked.router?.nodes ?? [],
      languageSetting: options.languageSetting ?? 'auto',
      language: () => asked.router?.language ?? 'en',
      ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
      ...(options.turnForgetMs === undefined ? {} : { turnForgetMs: options.turnForgetMs }),
    });
    await app.register(fastifyWebsocket, { options: { maxPayload: 1024 * 1024, perMessageDeflate: false } });
    await app.register(channel.plugin);
    const origin = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
    const router = new ConsoleRouter({
      channel,
      files,
      origin,
      dataDir,
      log,
      app,
      store,
      ownsDataDir: options.dataDir === undefined,
    });
    asked.router = router;
    await channel.start({
      onMessage: async (message) => {
        await router.handle(message);
        router.handled.push(message);
      },
      onAction: async (action) => {
        router.presses.push(action);
        return await router.act(action);
      },
      onStop: async (stop) => {
        router.stops.push(stop);
        return await router.end(stop);
      },
      onRecall: async () => {},
      onVisit: async () => {},
      onGap: async () => {},
    });
    return router;
  }

  get token(): string {
    return new URL(this.channel.url(this.origin)).searchParams.get('token') ?? '';
  }

  get cookie(): string {
    return `phonework_${new URL(this.origin).port}=${this.token}`;
  }

  /** A page's socket, once it has its history. */
  async openPage(after = 0): Promise<PageSocket> {
    const url = `${this.origin.replace('http', 'ws')}/console/ws?after=${after}`;
    const page = new PageSocket(url, { cookie: this.cookie, origin: this.origin });
    await page.next('history');
    return page;
  }

  /** From now on nothing can be stored. */
  breakStore(): void {
    this.#parts.store.close();
  }

  /** As when their time is over. */
  async removeFiles(): Promise<void> {
    const { store } = this.#parts;
    await store.write(() => store.prepare('DELETE FROM files').run());
  }

  countMessages(): number {
    return Number(this.#parts.store.prepare('SELECT count(*) AS count FROM console_messages').get()?.count);
  }

  /** Ends the process it stands for; its folder stays, for a restart. */
  async stop(): Promise<void> {
    await this.channel.stop();
    await this.#parts.app.close();
    this.#parts.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#parts.ownsDataDir) await rm(this.dataDir, { recursive: true });
  }
}

type Parts = {
  readonly channel: ConsoleChannel;
  readonly files: PassingFiles;
  readonly origin: string;
  readonly dataDir: string;
  readonly ownsDataDir: boolean;
  readonly log: string[];
  readonly app: { close(): Promise<unknown> };
  readonly store: Store;
};

/** The page's end of the socket, without a browser. */
export class PageSocket {
  readonly socket: WebSocket;
  readonly frames: ConsoleFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  #read = 0;

  constructor(url: string, headers: Record<string, string>, options: { readonly autoPong?: boolean } = {}) {
    this.socket = new WebSocket(url, { headers, ...options });
    // The router wrote it, as frames.ts says.
    this.socket.on('message', (data) => this.frames.push(JSON.parse(data.toString()) as ConsoleFrame));
    this.socket.on('error', () => {});
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  say(id: string, text: string): void {
    this.socket.send(JSON.stringify({ type: 'say', id, text }));
  }

  press(messageId: string, actionId: string): void {
    this.socket.send(JSON.stringify({ type: 'press', messageId, actionId }));
  }

  stop(turnId: string): void {
    this.socket.send(JSON.stringify({ type: 'stop', turnId }));
  }

  /** The next frame of this type; those before it are passed over. */
  async next<Type extends ConsoleFrame['type']>(type: Type): Promise<Extract<ConsoleFrame, { type: Type }>> {
    return await waitFor(
      () => {
        while (this.#read < this.frames.length) {
          const frame = this.frames[this.#read];
          this.#read += 1;
          // Narrowed by the comparison, which TypeScript does not carry over to the type parameter.
          if (frame?.type === type) return frame as Extract<ConsoleFrame, { type: Type }>;
        }
        if (this.closed !== undefined) throw new Error(`closed with ${this.closed.code} ${this.closed.reason}`);
        return undefined;
      },
      { what: `a ${type} frame` },
    );
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    return await waitFor(() => this.closed, { what: 'the close of the socket' });
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
