import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { House, HouseOptions } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import type { ModelBrain } from '@phonework/testkit/model-server';
import { TcpProxy } from '@phonework/testkit/tcp-proxy';
import { waitFor } from '@phonework/testkit/wait';
import type { MessageKind } from './numbered-message.ts';
import { drawKind, numberedMessage, replyTo } from './numbered-message.ts';
import { Offers } from './offers.ts';
import type { ProgramRole, ResidentMb } from './programs.ts';
import { Programs, READY_WITHIN_MS } from './programs.ts';
import { Random } from './random.ts';
import type { Evidence, SentMessage } from './verdict.ts';
import { isNotice } from './verdict.ts';

export type SceneOptions = {
  readonly seed: number;
  /** How many messages the fault is to send. */
  readonly messages: number;
  readonly users?: number;
  readonly house?: HouseOptions;
};

type Proxies = { readonly node: TcpProxy; readonly feishu: TcpProxy };

/** Feishu's patience and its schedule of redelivery, shortened, and for as long as an outage may last here. */
const feishu = { ackTimeoutMs: 1_500, redeliverAfterMs: Array.from({ length: 2_000 }, () => 400), limits: true };

/** The real programs, those who write to them, and the two links that can be spoiled: what a fault works with. */
export class Scene {
  readonly house: House;
  readonly programs: Programs;
  /** The fault's own draws. Traffic draws elsewhere, so that they do not depend on each other. */
  readonly random: Random;
  readonly users: readonly string[];
  readonly proxies: Proxies;
  /** How many messages the fault is to send. */
  readonly messages: number;
  readonly #traffic: Random;
  readonly #sent: Omit<SentMessage, 'offers'>[] = [];
  readonly #ledger: string;
  readonly #owned = new DisposableStack();
  #residentMbAtStart: ResidentMb = {};

  private constructor(parts: {
    readonly house: House;
    readonly proxies: Proxies;
    readonly users: readonly string[];
    readonly options: SceneOptions;
  }) {
    const { house, proxies, users, options } = parts;
    const random = new Random(options.seed);
    this.house = house;
    this.proxies = proxies;
    this.users = users;
    this.messages = options.messages;
    this.random = random.fork('fault');
    this.#traffic = random.fork('traffic');
    this.#ledger = join(house.folder, 'ledger');
    this.programs = new Programs(house, options.house?.standalone === true ? ['standalone'] : ['router', 'node']);
    this.answerNumbered();
  }

  /** Everything but the programs. */
  static async open(options: SceneOptions): Promise<Scene> {
    const users = Array.from({ length: options.users ?? 20 }, (_, index) => `ou_user${index}`);
    const proxies = { node: await TcpProxy.start(), feishu: await TcpProxy.start() };
    const house = await startHouse(houseOptions(options.house ?? {}, { users, proxies }));
    proxies.node.passTo(portOf(house.url));
    proxies.feishu.passTo(portOf(house.feishu.url));
    house.feishu.advertisedHost = `127.0.0.1:${proxies.feishu.port}`;
    return new Scene({ house, proxies, users, options });
  }

  /** Starts the programs, each with the environment that is given for it, and waits until messages can flow. */
  async start(environments: Partial<Record<ProgramRole, Readonly<Record<string, string>>>> = {}): Promise<void> {
    const { programs, house } = this;
    await Promise.all(programs.roles.map((role) => programs.start(role, environments[role])));
    await house.connected({ timeoutMs: READY_WITHIN_MS });
    this.#residentMbAtStart = programs.residentMb();
  }

  /** Resident memory of each program once it was connected for the first time, in MB. */
  get residentMbAtStart(): ResidentMb {
    return this.#residentMbAtStart;
  }

  /** How many messages were sent. */
  get sentCount(): number {
    return this.#sent.length;
  }

  /** Feishu's ids of the messages that were sent. */
  get sentIds(): readonly string[] {
    return this.#sent.map(({ id }) => id);
  }

  /** A user sends the next numbered message; who and what are drawn where they are not given. */
  say({ user, kind }: { readonly user?: string; readonly kind?: MessageKind } = {}): number {
    // Drawn in any case, so that the messages after it stay the same.
    const drawn = { user: this.#traffic.pick(this.users), kind: drawKind(this.#traffic) };
    const openId = user ?? drawn.user;
    const number = this.#sent.length + 1;
    const message = numberedMessage(number, kind ?? drawn.kind, this.#ledger);
    const { feishu } = this.house;
    const sentAt = Date.now();
    const id = feishu.say({ openId, text: message.text });
    this.#sent.push({ number, kind: message.kind, id, chatId: feishu.chatOf(openId), sentAt });
    return number;
  }

  /**
   * Sends `count` numbered messages at a pace. `after` is called after each, with how many of these were sent; the next
   * one waits for what it returns. A seed means the same plan only where faults come by these counts, not by the clock.
   */
  async traffic(
    count: number,
    options: { readonly perSecond?: number; readonly after?: (sent: number) => Promise<void> | void } = {},
  ): Promise<void> {
    const { perSecond = 30, after } = options;
    for (let sent = 1; sent <= count; sent += 1) {
      this.say();
      await after?.(sent);
      await delay(1000 / perSecond);
    }
  }

  /** Resolves when at least `count` of the messages so far have an answer of any kind. Rejects after `timeoutMs`. */
  async settled(count: number, timeoutMs = 60_000): Promise<void> {
    await waitFor(() => this.answeredIds().size >= count, { what: `${count} messages to be answered`, timeoutMs });
  }

  /** Feishu's ids of the messages that have an answer of any kind. */
  answeredIds(): ReadonlySet<string> {
    const asked = new Set(this.#sent.map(({ id }) => id));
    const answers = this.house.feishu.sent.filter((message) => !isNotice(message));
    return new Set(answers.flatMap(({ replyTo }) => (replyTo !== undefined && asked.has(replyTo) ? [replyTo] : [])));
  }

  /** The model answers numbered messages, which it also does at first; `otherwise` goes first where it gives something. */
  answerNumbered(otherwise?: (...request: Parameters<ModelBrain>) => ReturnType<ModelBrain> | undefined): void {
    this.house.model.answerWith(async (request) => (await otherwise?.(request)) ?? replyTo(request, this.#ledger));
  }

  /** What has to stay until everything is judged: it ends with the scene. Returns it. */
  own<T extends Disposable>(resource: T): T {
    return this.#owned.use(resource);
  }

  /** Ends every fault of links, of Feishu and of the model, and starts the programs that do not run. */
  async heal(): Promise<void> {
    this.proxies.node.pass();
    this.proxies.feishu.pass();
    this.house.feishu.clearFaults();
    this.house.feishu.sockets.admission = 'open';
    this.answerNumbered();
    await this.programs.revive();
  }

  /** What has left the house so far. */
  evidence(): Evidence {
    const offers = new Offers(this.house.feishu);
    return {
      sent: this.#sent.map((message) => ({ ...message, offers: offers.of(message.id) })),
      said: this.house.feishu.sent,
      ledger: this.#readLedger(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#owned.dispose();
    await this.house[Symbol.asyncDispose]();
    await this.proxies.node.close();
    await this.proxies.feishu.close();
  }

  #readLedger(): number[] {
    if (!existsSync(this.#ledger)) return [];
    const lines = readFileSync(this.#ledger, 'utf8').split('\n');
    return lines.flatMap((line) => (line === '' ? [] : [Number(line.slice(1))]));
  }
}

function houseOptions(
  house: HouseOptions,
  { users, proxies }: { readonly users: readonly string[]; readonly proxies: Proxies },
): HouseOptions {
  const settings = { LANGUAGE: 'en', ...(house.standalone === true ? { SHELL_POLICY: 'auto' } : {}) };
  return {
    logLevel: 'warn',
    users,
    ...house,
    feishu: { ...feishu, ...house.feishu },
    // A restart on a busy machine is no absence to tell of.
    keyring: {
      NODE_OFFLINE_GRACE_S: 60,
      ...settings,
      FEISHU_DOMAIN: `http://127.0.0.1:${proxies.feishu.port}`,
      ...house.keyring,
    },
    hostConfig: {
      SHELL_POLICY: 'auto',
      LANGUAGE: 'en',
      ROUTER_URL: `ws://127.0.0.1:${proxies.node.port}/ws/node`,
      ...house.hostConfig,
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
