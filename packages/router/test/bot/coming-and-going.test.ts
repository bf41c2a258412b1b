import { setTimeout as delay } from 'node:timers/promises';
import type { ModelReply } from '@phonework/testkit/model-server';
import { ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FakeChat } from '../fakes/fake-chat.ts';
import { RestlessNode } from '../fakes/restless-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import type { TestRouterOptions } from '../fakes/test-router.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { routedBy, routeTo } from './machines.ts';

const MESSAGES = 200;
const nodeIds = ['home-pc', 'work-server', 'lab-box'];
const chatIds = ['chat-of-ou_alice', 'oc_group'];

/** Mulberry32: numbers from 0 to 1, the same for each seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(random: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}

/** What a model of little help says. */
function thought(random: () => number): ModelReply {
  return pick<ModelReply>(random, [
    ...nodeIds.map(routeTo),
    { toolCalls: [{ name: 'route_to', arguments: { node_id: 'home-pc' } }], delayMs: 5 },
    { status: 400 },
    { silence: true },
    'ambiguous',
    routeTo('cellar'),
  ]);
}

/** A day with three restless machines, and a user who presses buttons. */
class Day {
  readonly #random: () => number;
  readonly chat = new FakeChat();
  readonly nodes: readonly RestlessNode[];
  readonly #pressed = new Set<string>();
  readonly #options: TestRouterOptions;
  #router: TestRouter | undefined;

  constructor(random: () => number, options: TestRouterOptions) {
    this.#options = { ...options, chat: this.chat };
    this.#random = random;
    this.nodes = nodeIds.map((nodeId) => new RestlessNode(nodeId, random));
  }

  /** Starts the router, after it was stopped where it runs already. */
  async startRouter(): Promise<void> {
    await this.#router?.stop();
    this.#router = await TestRouter.start(this.#options);
  }

  async connect(node: RestlessNode): Promise<void> {
    if (this.#router !== undefined) await node.come(this.#router.router.nodeUrl);
  }

  async say(word: string): Promise<void> {
    const text = pick(this.#random, [word, word, `/run ${word}`, `@${pick(this.#random, nodeIds)} ${word}`]);
    await this.chat.say(text, { id: `om_${word}`, chatId: pick(this.#random, chatIds) });
  }

  /** Presses a button of each question that was not seen before; sometimes two at once. */
  async pressSome(): Promise<void> {
    for (const message of [...this.chat.shown]) {
      const ids = (message.actions ?? []).map(({ id }) => id).filter((id) => id !== 'cancel');
      if (ids.length === 0 || this.#pressed.has(message.id)) continue;
      this.#pressed.add(message.id);
      // Many leave a message to wait for its node.
      if (message.text.includes('offline') && this.#random() < 0.5) continue;
      const choices =
        this.#random() < 0.3 ? [pick(this.#random, ids), pick(this.#random, ids)] : [pick(this.#random, ids)];
      await Promise.all(choices.map((id) => this.chat.press(message, id)));
    }
  }

  get answers(): { readonly word: string; readonly replyTo: string | undefined }[] {
    return this.chat.shown
      .filter(({ text }) => text.startsWith('done: '))
      .map(({ text, replyTo }) => ({ word: wordOf(text.split('\n')[0] ?? ''), replyTo }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) node.leave();
    await this.#router?.stop();
  }
}

function wordOf(text: string): string {
  return text.split(' ').at(-1) ?? '';
}

test.each([1, 2, 3])(
  'machines come and go, and each message is answered once, by one of them (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    using folder = new TempFolder();
    await using model = await ModelServer.start({ brain: () => thought(random) });
    const config = { ...routedBy(model), nodeOfflineGraceMs: 20 };
    await using day = new Day(random, { folder, config, timings: { routingTimeoutMs: 50 } });
    await day.startRouter();
    for (const node of day.nodes) await day.connect(node);
    const words = Array.from({ length: MESSAGES }, (_, index) => `m${index}`);
    for (const [index, word] of words.entries()) {
      await day.say(word);
      const node = pick(random, day.nodes);
      if (random() < 0.1) node.leave();
      else if (!node.isConnected && random() < 0.5) await day.connect(node);
      if (random() < 0.3) await day.pressSome();
      // The pace of the day, not a wait for anything.
      await delay(random() * 8);
      if (index === 70 || index === 140) await day.startRouter();
    }
    await waitFor(
      async () => {
        for (const node of day.nodes) if (!node.isConnected) await day.connect(node);
        await day.pressSome();
        return day.answers.length >= MESSAGES;
      },
      { timeoutMs: 20_000, what: 'an answer to each message' },
    );
    const byNumber = (a: string, b: string) => Number(a.slice(1)) - Number(b.slice(1));
    expect(day.answers.map(({ word }) => word).sort(byNumber)).toEqual(words);
    for (const { word, replyTo } of day.answers) expect(replyTo).toBe(`om_${word}`);
    const runs = day.nodes.flatMap((node) => node.runs.map(wordOf));
    expect(runs.sort(byNumber)).toEqual(words);
    expect(day.nodes.every((node) => node.runs.length > 0)).toBe(true);
  },
);
