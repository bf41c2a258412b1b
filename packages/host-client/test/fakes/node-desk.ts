import { join } from 'node:path';
import { Inbox } from '@phonework/shared/mail';
import type { ForwardRequest, ForwardResponse } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import { ShellRules } from '../../src/approvals/shell-rules.ts';
import type { Settling } from '../../src/commands/command.ts';
import { WorkDir } from '../../src/files/work-dir.ts';
import { listCommands } from '../../src/host/command-list.ts';
import { directTo } from '../../src/host/direct.ts';
import { Answering } from '../../src/mailboy/answer.ts';
import { Conversations } from '../../src/mailboy/conversations.ts';
import { Effects } from '../../src/mailboy/effects.ts';
import type { Answer, Turn } from '../../src/mailboy/front-desk.ts';
import { FrontDesk } from '../../src/mailboy/front-desk.ts';
import { INTERRUPTED_TURN, Interruptions, interruptionOwner } from '../../src/mailboy/interruptions.ts';
import { RunningTurns } from '../../src/mailboy/running-turns.ts';
import { LastOutputs } from '../../src/shell/last-outputs.ts';
import { WholeOutputs } from '../../src/shell/whole-outputs.ts';
import { texts } from '../../src/texts.ts';
import type { NodeStore } from './node-store.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';
import { SessionNode } from './session-node.ts';

/** A turn that runs until the test ends it, or it is aborted. */
export type OpenTurn = Turn & {
  finish(answer?: Partial<Answer>): void;
  fail(error: Error): void;
  readonly isOpen: boolean;
};

/** Answers at once, with an echo. */
export const echo = (turn: Turn): Promise<Answer> => Promise.resolve({ reply: `echo: ${turn.text}` });

type NodeDeskOptions = {
  /** Kept by the caller. */
  readonly sessions?: SessionNode;
  /** Of /shell. */
  readonly shellTimeoutMs?: number;
};

/**
 * A front desk over a real database, with all commands and the sessions of a node that has a model; what becomes a turn
 * of the mailboy's is the test's to end.
 */
export class NodeDesk {
  readonly desk: FrontDesk;
  readonly answering: Answering;
  readonly conversations: Conversations;
  readonly running = new RunningTurns();
  readonly inbox: Inbox<ForwardRequest>;
  readonly sessions: SessionNode;
  readonly rules: ShellRules;
  /** Of commands with effects. */
  readonly lastOutputs: LastOutputs;
  readonly log: readonly LogEntry[];
  /** Every turn that began, in that order. */
  readonly turns: OpenTurn[] = [];
  readonly progress: { readonly id: string; readonly text: string; readonly step: string | undefined }[] = [];
  /** What answers a message; without one, the test does. */
  answerWith: ((turn: Turn) => Promise<Answer | Settling<Answer>>) | undefined;

  static async over(disk: NodeStore, options: NodeDeskOptions = {}): Promise<NodeDesk> {
    const sessions = options.sessions ?? (await SessionNode.open({ disk, folder: disk.folder }));
    return new NodeDesk(sessions, await recordingLogger(), options.shellTimeoutMs);
  }

  private constructor(
    sessions: SessionNode,
    { logger, entries }: Awaited<ReturnType<typeof recordingLogger>>,
    shellTimeoutMs: number | undefined,
  ) {
    const { disk, room, taskRoom, questions, mail, config, workingDir } = sessions;
    const { store } = disk;
    this.sessions = sessions;
    this.log = entries;
    this.inbox = new Inbox<ForwardRequest>(store, { box: 'router' });
    this.conversations = new Conversations(store);
    this.rules = new ShellRules(store);
    const { manager, desk } = room;
    this.lastOutputs = new LastOutputs({ folder: join(config.dataDir, 'last-outputs'), logger });
    const effects = new Effects(store, this.lastOutputs);
    const interruptions = new Interruptions(effects, this.lastOutputs);
    const talksTo = (userId: string) => manager.talksTo(userId) ?? 'mailboy';
    const workDir = new WorkDir(workingDir);
    const commands = listCommands(config, {
      sessions: {
        store,
        manager,
        desk,
        workDir,
        talksTo,
        hasModel: true,
        surroundings: () => ({ workingDir, home: '/home/alice', now: Date.now() }),
      },
      taskRoom,
      questions,
      turns: {
        stop: (userId) => this.running.stop(userId),
        elapsedMs: (userId) => this.running.elapsedMs(userId),
        waiting: (userId) => Math.max(0, this.inbox.waiting(userId) - (this.running.isRunning(userId) ? 1 : 0)),
      },
      shell: {
        workDir,
        environment: {},
        wholeOutputs: new WholeOutputs({ folder: join(config.dataDir, 'outputs'), logger }),
        lastOutputs: this.lastOutputs,
        ...(shellTimeoutMs !== undefined && { timeoutMs: shellTimeoutMs }),
      },
      rules: this.rules,
      forget: (userId) => {
        this.conversations.clear(userId);
        this.running.forget(userId);
      },
    });
    this.answering = new Answering({
      commands,
      direct: directTo({ manager, desk, questions, talksTo, noSession: texts.noSession }),
      agent: undefined,
      conversations: this.conversations,
      logger,
    });
    this.desk = new FrontDesk({
      store,
      inbox: this.inbox,
      running: this.running,
      effects,
      interruption: (letter) => interruptions.answerTo(letter),
      conversations: this.conversations,
      answerNow: (message) => this.answering.now(message),
      answer: (turn) => this.answerWith?.(turn) ?? this.#open(turn),
      respond: ({ id: forwardId, user_id: userId, chat_id: chatId }, answer) =>
        mail.respond({ forwardId, userId, chatId }, answer),
      onWaiting: ({ user_id: userId, chat_id: chatId }, place) => mail.say({ userId, chatId }, texts.waiting(place)),
      // Which language each user reads is in `sessions.languages`.
      onMessage: () => {},
      later: sessions.later,
      showProgress: (id, text, step) => this.progress.push({ id, text, step }),
      journey: () => {},
      logger,
    });
    questions.own(
      INTERRUPTED_TURN,
      interruptionOwner({ retry: (message) => this.desk.retry(message), ask: (question) => questions.ask(question) }),
    );
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
  get answers(): readonly ForwardResponse[] {
    return this.sessions.answers;
  }

  /** What was said beside the answers. */
  get notices(): readonly string[] {
    return this.sessions.messages.map(({ text }) => text);
  }

  /** The answer to message `id`, once it is stored. */
  async answerTo(id: string): Promise<string> {
    const { reply, error } = await this.sessions.answer(id);
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
