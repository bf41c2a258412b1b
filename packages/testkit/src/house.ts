import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeishuMessage, FeishuServerOptions } from './feishu-server.ts';
import { FeishuServer } from './feishu-server.ts';
import { ModelServer } from './model-server.ts';
import type { ProgramName } from './program.ts';
import { Program } from './program.ts';
import { waitFor } from './wait.ts';

export type { LogLine, Program } from './program.ts';

export type HouseOptions = {
  /** `debug` by default, so that a message's journey can be read. */
  readonly logLevel?: string;
  /** Two processes by default. */
  readonly standalone?: boolean;
  /** Gives the router the model too: its calls are those that offer `route_to`. */
  readonly routingModel?: boolean;
  readonly feishu?: FeishuServerOptions;
  /** Who may talk to the bot, and is served by the node. */
  readonly users?: readonly string[];
  /** More keys for keyring.yaml, and for host_config.yaml. */
  readonly keyring?: Readonly<Record<string, unknown>>;
  readonly hostConfig?: Readonly<Record<string, unknown>>;
};

const SECRET = 'a-secret-of-the-test-house';

/** Starts the servers at the edge; the programs are started by `start`, or one by one. */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const feishu = await FeishuServer.start(options.feishu);
  const model = await ModelServer.start();
  return new House(options, { feishu, model, port: await freePort() });
}

/** The real programs as processes, with fakes only where the house ends: Feishu and the model. */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'phonework-'));
  readonly workingDir = join(this.folder, 'projects');
  /** The router's, unless `keyring` says otherwise. */
  readonly secret = SECRET;
  readonly feishu: FeishuServer;
  readonly model: ModelServer;
  readonly #options: HouseOptions;
  readonly #port: number;
  readonly #programs: Program[] = [];
  #isClosed = false;

  constructor(
    options: HouseOptions,
    edge: { readonly feishu: FeishuServer; readonly model: ModelServer; readonly port: number },
  ) {
    this.#options = options;
    this.feishu = edge.feishu;
    this.model = edge.model;
    this.#port = edge.port;
    mkdirSync(this.workingDir);
    this.configure('keyring.yaml', this.#keyring());
    this.configure('host_config.yaml', this.#hostConfig());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Writes a configuration file; JSON is YAML too. */
  configure(fileName: 'keyring.yaml' | 'host_config.yaml', values: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.folder, fileName), JSON.stringify(values, null, 2), { mode: 0o600 });
  }

  /** Starts everything and waits until messages can flow. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#options.standalone === true) await this.startStandalone(environment);
    else await Promise.all([this.startRouter(environment), this.startNode(environment)]);
    await this.connected();
  }

  async startStandalone(environment: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = this.launch('phonework', environment);
    await program.waitFor('the standalone program to be ready', ({ stdout }) => stdout.includes('Shell '));
    return program;
  }

  async startRouter(environment: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = this.launch('phonework-router', environment);
    await program.waitFor('the router to listen', ({ stdout }) => stdout.includes('Nodes '));
    return program;
  }

  async startNode(environment: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = this.launch('phonework-host', environment);
    await program.waitFor('the node to start', ({ stdout }) => stdout.includes('Shell '));
    return program;
  }

  /** Starts another node beside the first, and waits until it is registered. */
  async startAnotherNode(nodeId: string, config: Readonly<Record<string, unknown>> = {}): Promise<Program> {
    const file = join(this.folder, `${nodeId}.yaml`);
    writeFileSync(file, JSON.stringify({ ...this.#hostConfig(), NODE_ID: nodeId, ...config }), { mode: 0o600 });
    const flags = ['--config', file, '--data-dir', join(this.folder, `${nodeId}-data`)];
    const program = this.#launch('phonework-host', flags, {});
    await program.waitFor('the node to register', ({ log }) => log.some(({ msg }) => msg === 'registered'));
    return program;
  }

  /** Starts a program without waiting for it. */
  launch(name: ProgramName, environment: Readonly<Record<string, string>> = {}): Program {
    const folder = join(this.folder, name === 'phonework-host' ? 'node-data' : 'data');
    return this.#launch(name, ['--data-dir', folder], environment);
  }

  #launch(name: ProgramName, flags: readonly string[], environment: Readonly<Record<string, string>>): Program {
    // By work that goes on after what has closed it.
    if (this.#isClosed) throw new Error('the house is closed');
    const program = new Program({ name, folder: this.folder, flags, environment });
    this.#programs.push(program);
    return program;
  }

  /** Resolves when a node is registered and the long connection to Feishu is there. */
  async connected({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    await waitFor(
      async () => {
        const health = await this.health();
        return health?.feishu?.state === 'connected' && health.nodes?.some((node) => node.status === 'online');
      },
      { what: 'the house to be connected', timeoutMs },
    );
  }

  /** What `/health` answers; undefined while nobody does. */
  async health(): Promise<Health | undefined> {
    try {
      const response = await fetch(`${this.url}/health`);
      return (await response.json()) as Health;
    } catch {
      return undefined;
    }
  }

  /** The texts that the bot sent to a user, in order. */
  textsTo(openId: string): string[] {
    return this.saidTo(openId).map((message) => message.text);
  }

  /** What the bot has said to a user; without the cards that show turns, which come and go by the clock. */
  saidTo(openId: string): readonly FeishuMessage[] {
    return this.feishu
      .messagesIn(this.feishu.chatOf(openId))
      .filter((message) => message.sender === 'bot' && !showsTurn(message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#programs.map((program) => program.kill()));
    await this.feishu.close();
    await this.model.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #keyring(): Record<string, unknown> {
    return {
      FEISHU_APP_ID: this.feishu.appId,
      FEISHU_APP_SECRET: this.feishu.appSecret,
      FEISHU_DOMAIN: this.feishu.url,
      ALLOWED_OPEN_IDS: this.#users,
      ROUTER_PORT: this.#port,
      LOG_LEVEL: this.#options.logLevel ?? 'debug',
      ...(this.#options.standalone === true || this.#options.routingModel === true ? this.#model : {}),
      ...(this.#options.standalone === true ? {} : { ROUTER_SECRET: SECRET }),
      ...this.#options.keyring,
    };
  }

  #hostConfig(): Record<string, unknown> {
    return {
      NODE_ID: 'home-pc',
      ROUTER_URL: `ws://127.0.0.1:${this.#port}/ws/node`,
      ROUTER_SECRET: SECRET,
      SERVES_USERS: this.#users,
      LOG_LEVEL: this.#options.logLevel ?? 'debug',
      ...this.#model,
      ...this.#options.hostConfig,
    };
  }

  get #users(): readonly string[] {
    return this.#options.users ?? ['ou_alice'];
  }

  get #model(): Record<string, unknown> {
    return {
      WORKING_DIR: this.workingDir,
      OPENAI_BASE_URL: this.model.url,
      OPENAI_API_KEY: 'test-model-key',
      OPENAI_MODEL: 'test-model',
    };
  }
}

type Health = {
  readonly status?: string;
  readonly feishu?: { readonly state: string };
  readonly nodes?: readonly { readonly node_id: string; readonly status: string }[];
  readonly queue?: { readonly inbox: number; readonly outbox: number };
};

/** A port that is free now: the router must come back on the same one after a restart. */
export async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

/** The card of a turn that runs, or whose answer is another message. */
export function showsTurn({ messageType, content, text }: FeishuMessage): boolean {
  if (messageType !== 'interactive') return false;
  return /"value":\{"t":/.test(content) || /^✓ .* (The answer is below\.|回答在下面。)$/.test(text);
}
