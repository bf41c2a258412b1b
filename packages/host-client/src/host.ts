import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '@phonework/shared/config';
import { newId } from '@phonework/shared/id';
import type { Journey } from '@phonework/shared/journey';
import type { ChatModel } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import { Inbox, Outbox } from '@phonework/shared/mail';
import { openaiChatModel } from '@phonework/shared/openai';
import type { ForwardRequest, ForwardResponse, Register } from '@phonework/shared/protocol';
import { PROTOCOL_VERSION } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { createCommands } from './commands/index.ts';
import type { HostConfig } from './config.ts';
import { WorkDir } from './files/work-dir.ts';
import { fitFrame } from './link/fit-frame.ts';
import type { LinkTimings, RouterParcel } from './link/node-client.ts';
import { NodeClient, ROUTER } from './link/node-client.ts';
import { MailboyAgent } from './mailboy/agent.ts';
import { Answering } from './mailboy/answer.ts';
import { Conversations } from './mailboy/conversations.ts';
import { Effects } from './mailboy/effects.ts';
import type { Answer } from './mailboy/front-desk.ts';
import { FrontDesk } from './mailboy/front-desk.ts';
import { systemPrompt } from './mailboy/prompt.ts';
import { RunningTurns } from './mailboy/running-turns.ts';
import { migrations } from './schema.ts';
import { childEnvironment } from './shell/environment.ts';
import { texts } from './texts.ts';
import { createTools } from './tools/index.ts';
import { shellCommand } from './tools/run-shell.ts';
import type { Tool } from './tools/tool.ts';

/** What running turns get before they are ended at a shutdown. */
const DRAIN_MS = 10_000;

export type HostOptions = {
  readonly logger: Logger;
  readonly journey: Journey;
  readonly version: string;
  /** The process's environment: children get a chosen part of it. */
  readonly environment: Environment;
  readonly linkTimings?: Partial<LinkTimings>;
};

/** How long the last answers may take to the router: it may be away. */
const LAST_MAIL_MS = 1000;

/** Makes a node out of its rooms, and opens its database. Nothing connects or runs before `start`. */
export function createHost(config: HostConfig, options: HostOptions): Host {
  const { logger, journey } = options;
  const store = openStore({ path: join(config.dataDir, 'node.db'), migrations, logger });
  const outbox = new Outbox<RouterParcel>(store, { box: 'router' });
  const inbox = new Inbox<ForwardRequest>(store, { box: 'router' });
  const conversations = new Conversations(store);
  const effects = new Effects(store);
  const running = new RunningTurns();

  const workDir = new WorkDir(config.workingDir);
  const shell = { workDir, policy: config.shellPolicy, environment: childEnvironment(options.environment) };
  const tools = createTools({ shell });
  const agent = config.model && createAgent(config, openaiChatModel({ ...config.model, logger }), tools, logger);
  const commands = createCommands({
    runShell: (command, context) => shellCommand(shell, command, context),
    turns: {
      stop: (userId) => running.stop(userId),
      elapsedMs: (userId) => running.elapsedMs(userId),
      waiting: (userId) => Math.max(0, inbox.waiting(userId) - (running.isRunning(userId) ? 1 : 0)),
    },
    clear: (userId) => {
      conversations.clear(userId);
      running.forget(userId);
    },
    facts: {
      nodeId: config.nodeId,
      workingDir: config.workingDir,
      model: config.model?.model,
      shellPolicy: config.shellPolicy,
    },
  });
  const answering = new Answering({ commands, agent, conversations, nodeId: config.nodeId, logger });

  const served = new Set(config.servesUsers);
  const desk = new FrontDesk({
    store,
    inbox,
    running,
    effects,
    conversations,
    // The router has checked already; what runs here is this machine's own decision all the same.
    answerNow: (userId, text) => (served.has(userId) ? answering.now(userId, text) : texts.notServed(config.nodeId)),
    answer: (turn) => answering.answer(turn),
    respond: (id, answer) => outbox.put({ id, peer: ROUTER, body: fitFrame(toResponse(id, answer)) }),
    showProgress: (id, text, step) =>
      link.sendLossy(fitFrame({ type: 'progress', id, text, ...(step !== undefined && { step }) })),
    journey,
    logger,
  });
  const link = new NodeClient({
    url: config.routerUrl,
    secret: config.routerSecret,
    register: toRegister(config, options.version, instanceId(store)),
    outbox,
    onForward: (forward) => desk.receive(forward),
    onCancel: (id) => running.stopTurn(id),
    onRegistered: () => link.sendLossy({ type: 'status', sessions: [], tasks: 0 }),
    journey,
    logger,
    ...(options.linkTimings && { timings: options.linkTimings }),
  });
  return new Host({ store, desk, link, outbox });
}

function createAgent(config: HostConfig, model: ChatModel, tools: readonly Tool[], logger: Logger): MailboyAgent {
  const { nodeId, workingDir, shellPolicy } = config;
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return new MailboyAgent({
    model,
    tools,
    logger,
    systemPrompt: () =>
      systemPrompt({
        nodeName: nodeId,
        workingDir,
        shellPolicy,
        tools,
        now: new Date(),
        timeZone,
        platform: process.platform,
      }),
  });
}

function toResponse(id: string, { reply, error = '' }: Answer): ForwardResponse {
  return { type: 'forward_response', id, reply, error };
}

function toRegister(config: HostConfig, version: string, instance: string): Register {
  return {
    type: 'register',
    node_id: config.nodeId,
    display_name: config.displayName,
    serves_users: [...config.servesUsers],
    working_dir: config.workingDir,
    capabilities: ['shell'],
    protocol: PROTOCOL_VERSION,
    version,
    instance_id: instance,
  };
}

/** Tells this installation from another one with the same NODE_ID: made once, and kept with its data. */
function instanceId(store: Store): string {
  const stored = store.prepare("SELECT value FROM settings WHERE name = 'instance_id'").get();
  if (stored !== undefined) return String(stored.value);
  const made = newId();
  store.writeLater(() => {
    store.prepare("INSERT INTO settings (name, value) VALUES ('instance_id', ?)").run(made);
  });
  store.flush();
  return made;
}

/** A node: `start` connects it, `stop` ends it with everything it started. */
export class Host {
  readonly #store: Store;
  readonly #desk: FrontDesk;
  readonly #link: NodeClient;
  readonly #outbox: Outbox<RouterParcel>;
  #stopping: Promise<void> | undefined;

  constructor(parts: {
    readonly store: Store;
    readonly desk: FrontDesk;
    readonly link: NodeClient;
    readonly outbox: Outbox<RouterParcel>;
  }) {
    this.#store = parts.store;
    this.#desk = parts.desk;
    this.#link = parts.link;
    this.#outbox = parts.outbox;
  }

  start(): void {
    this.#desk.start();
    this.#link.start();
  }

  /** Running turns get up to 10 s; then state is on disk and the link closed. Stopping twice is fine. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    await this.#desk.stop(DRAIN_MS);
    // What has just been answered should not wait for the next start.
    const deadline = performance.now() + LAST_MAIL_MS;
    while (this.#outbox.size > 0 && performance.now() < deadline) await delay(10);
    this.#link.stop();
    this.#store.close();
  }
}
