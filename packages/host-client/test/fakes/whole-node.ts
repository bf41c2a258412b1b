import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForwardRequest } from '@phonework/shared/protocol';
import { ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import type { HostConfig } from '../../src/config.ts';
import type { Host } from '../../src/host.ts';
import { createHost } from '../../src/host.ts';
import { FakeRunner } from './fake-runner.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';
import type { RawFrame } from './router-side.ts';
import { RouterSide, registered } from './router-side.ts';

const lossless = new Set(['forward_response', 'message', 'task_complete']);

/** A whole node, as it is assembled, on real sockets: its router, its model and its coding agent are the test's. */
export class WholeNode {
  readonly runner = new FakeRunner();
  readonly model: ModelServer;
  readonly router: RouterSide;
  readonly log: readonly LogEntry[];
  /** Everything that came from the node, over restarts. */
  readonly frames: RawFrame[] = [];
  readonly #logger: Awaited<ReturnType<typeof recordingLogger>>['logger'];
  readonly #config: HostConfig;
  readonly #folder: string;
  #host: Host | undefined;

  static async start(config: Partial<HostConfig> = {}): Promise<WholeNode> {
    const [router, model, recording] = await Promise.all([
      RouterSide.start(),
      ModelServer.start({ brain: () => 'done' }),
      recordingLogger(),
    ]);
    const node = new WholeNode({ router, model, recording, config });
    await node.#begin();
    return node;
  }

  private constructor(parts: {
    readonly router: RouterSide;
    readonly model: ModelServer;
    readonly recording: Awaited<ReturnType<typeof recordingLogger>>;
    readonly config: Partial<HostConfig>;
  }) {
    const { router, model, recording, config } = parts;
    this.router = router;
    this.model = model;
    this.log = recording.entries;
    this.#logger = recording.logger;
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), 'phonework-whole-')));
    this.#config = {
      ...toConfig(this.#folder, router.url),
      model: { baseUrl: model.url, apiKey: 'key', model: 'm' },
      ...config,
    };
    router.onRegister = (link) => {
      link.send(registered);
      link.socket.on('message', (data) => {
        // As RouterLink takes it.
        const frame = JSON.parse(data.toString()) as RawFrame;
        this.frames.push(frame);
        if (lossless.has(frame.type)) link.send({ type: 'ack', id: String(frame.id) });
      });
    };
  }

  get workingDir(): string {
    return this.#config.workingDir;
  }

  /** Alice's message, or what stands in `changes`. */
  async say(id: string, text: string, changes: Partial<ForwardRequest> = {}): Promise<void> {
    const link = await this.router.link(this.router.links.length);
    link.send({ type: 'forward', id, user_id: 'ou_alice', chat_id: 'chat', text, ...changes });
    await waitFor(() => link.ids('ack').includes(id), { what: `${id} to be taken in` });
  }

  /** The router hands on that Alice took her message back. */
  async recall(id: string): Promise<void> {
    const link = await this.router.link(this.router.links.length);
    link.send({ type: 'cancel', id, only_waiting: true });
  }

  /** What Alice reads as the answer to a message of hers. */
  async answerTo(id: string): Promise<string> {
    const frame = await waitFor(() => this.answersTo(id)[0], { what: `the answer to ${id}` });
    return [frame.reply, frame.error].filter(Boolean).join('\n\n');
  }

  answersTo(id: string): readonly RawFrame[] {
    return this.frames.filter((frame) => frame.type === 'forward_response' && frame.id === id);
  }

  /** The first frame of this type, once it has come. */
  async frame(type: string): Promise<RawFrame> {
    return await waitFor(() => this.frames.find((frame) => frame.type === type), { what: `a frame of ${type}` });
  }

  /** What the model was given last, by role. */
  lastWords(role: string): string {
    const messages = this.model.requests.at(-1)?.body.messages ?? [];
    return messages.findLast((message) => message.role === role)?.content ?? '';
  }

  /** Ends the process in good order, and begins a new one. */
  async restart(): Promise<void> {
    await this.#host?.stop();
    await this.#begin();
  }

  async #begin(): Promise<void> {
    this.#host = createHost(this.#config, {
      logger: this.#logger,
      journey: () => {},
      version: '1.2.3',
      environment: { PATH: process.env.PATH },
      redact: (text) => text,
      runner: this.runner,
      linkTimings: { minMs: 5, maxMs: 40 },
    });
    const links = this.router.links.length;
    await this.#host.start();
    await this.router.link(links + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host?.stop();
    await this.model.close();
    await this.router[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function toConfig(folder: string, routerUrl: string): HostConfig {
  const workingDir = join(folder, 'code');
  const dataDir = join(folder, 'data');
  for (const made of [workingDir, dataDir]) mkdirSync(made, { recursive: true });
  return {
    nodeId: 'home-pc',
    displayName: 'Home PC',
    routerUrl,
    routerSecret: 'a-secret-of-the-house',
    servesUsers: ['ou_alice'],
    workingDir,
    dataDir,
    model: undefined,
    shellPolicy: 'ask',
    claude: { command: 'claude', permissionMode: 'default', turnTimeoutMs: 600_000, idleMs: 600_000 },
    questionTtlMs: 600_000,
    language: 'auto',
  };
}
