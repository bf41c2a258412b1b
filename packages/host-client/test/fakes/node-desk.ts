import { Inbox, Outbox } from '@phonework/shared/mail';
import type { ForwardRequest, ForwardResponse } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import { clearCommand } from '../../src/commands/clear.ts';
import { statusCommand } from '../../src/commands/status.ts';
import { stopCommand } from '../../src/commands/stop.ts';
import { ROUTER } from '../../src/link/node-client.ts';
import { Answering } from '../../src/mailboy/answer.ts';
import { Conversations } from '../../src/mailboy/conversations.ts';
import { Effects } from '../../src/mailboy/effects.ts';
import type { Answer, Turn } from '../../src/mailboy/front-desk.ts';
import { FrontDesk } from '../../src/mailboy/front-desk.ts';
import { RunningTurns } from '../../src/mailboy/running-turns.ts';
import type { NodeStore } from './node-store.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

/** A turn that runs until the test ends it, or it is aborted. */
export type OpenTurn = Turn & {
  finish(answer?: Partial<Answer>): void;
  fail(error: Error): void;
  readonly isOpen: boolean;
};

/** Answers at once, with an echo. */
export const echo = (turn: Turn): Promise<Answer> => Promise.resolve({ reply: `echo: ${turn.text}` });

/** A front desk over a real database, with the commands that are answered at once; turns are the test's to end. */
export class NodeDesk {
  readonly desk: FrontDesk;
  readonly conversations: Conversations;
  readonly running = new RunningTurns();
  readonly inbox: Inbox<ForwardRequest>;
  readonly log: readonly LogEntry[];
  /** Every turn that began, in that order. */
  readonly turns: OpenTurn[] = [];
  readonly progress: { readonly id: string; readonly text: string; readonly step: string | undefined }[] = [];
  /** What answers a message; without one, the test does. */
  answerWith: ((turn: Turn) => Promise<Answer>) | undefined;
  readonly #disk: NodeStore;

  static async over(disk: NodeStore): Promise<NodeDesk> {
    return new NodeDesk(disk, await recordingLogger());
  }

  private constructor(disk: NodeStore, { logger, entries }: Awaited<ReturnType<typeof recordingLogger>>) {
    const { store } = disk;
    this.#disk = disk;
    this.log = entries;
    this.inbox = new Inbox<ForwardRequest>(store, { box: 'router' });
    const outbox = new Outbox<ForwardResponse>(store, { box: 'router' });
    this.conversations = new Conversations(store);
    const turns = {
      stop: (userId: string) => this.running.stop(userId),
      elapsedMs: (userId: string) => this.running.elapsedMs(userId),
      waiting: (userId: string) => Math.max(0, this.inbox.waiting(userId) - (this.running.isRunning(userId) ? 1 : 0)),
    };
    const facts = { nodeId: 'home-pc', workingDir: '/home/alice', model: undefined, shellPolicy: 'ask' };
    const commands = [
      stopCommand(turns),
      statusCommand(facts, turns),
      clearCommand((userId) => {
        this.conversations.clear(userId);
        this.running.forget(userId);
      }),
    ];
    const answering = new Answering({
      commands,
      agent: undefined,
      conversations: this.conversations,
      nodeId: 'home-pc',
      logger,
    });
    this.desk = new FrontDesk({
      store,
      inbox: this.inbox,
      running: this.running,
      effects: new Effects(store),
      conversations: this.conversations,
      answerNow: (userId, text) => answering.now(userId, text),
      answer: (turn) => this.answerWith?.(turn) ?? this.#open(turn),
      respond: (id, { reply, error = '' }) =>
        outbox.put({ id, peer: ROUTER, body: { type: 'forward_response', id, reply, error } }),
      showProgress: (id, text, step) => this.progress.push({ id, text, step }),
      journey: () => {},
      logger,
    });
  }

  /** Sends a message; resolves when it is stored. */
  async say(id: string, { text = `do ${id}`, userId = 'alice' } = {}): Promise<void> {
    await this.desk.receive({ type: 'forward', id, user_id: userId, chat_id: `chat of ${userId}`, text });
  }

  /** The turn of message `id`, once it has begun. */
  async turn(id: string, nth = 1): Promise<OpenTurn> {
    return await waitFor(() => this.turns.filter((turn) => turn.id === id)[nth - 1], { what: `turn ${id} to begin` });
  }

  /** The messages whose turns began, in that order. */
  get begun(): string[] {
    return this.turns.map(({ id }) => id);
  }

  /** All answers for the router, in the order in which they were stored. */
  get answers(): ForwardResponse[] {
    const rows = this.#disk.store.prepare('SELECT body FROM outbox ORDER BY seq').all();
    // Written by Outbox.put out of this type.
    return rows.map((row) => JSON.parse(String(row.body)) as ForwardResponse);
  }

  /** The answer to message `id`, once it is stored. */
  async answerTo(id: string): Promise<string> {
    const { reply, error } = await waitFor(() => this.answers.find((answer) => answer.id === id), {
      what: `the answer to ${id}`,
    });
    return error === '' ? reply : error;
  }

  async #open(turn: Turn): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    let isOpen = true;
    turn.signal.addEventListener('abort', () => reject(turn.signal.reason));
    this.turns.push({
      ...turn,
      finish: (answer = {}) => resolve({ reply: `did ${turn.id}`, ...answer }),
      fail: reject,
      get isOpen() {
        return isOpen;
      },
    });
    try {
      return await promise;
    } finally {
      isOpen = false;
    }
  }
}
