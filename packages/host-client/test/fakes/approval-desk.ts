import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@phonework/shared/id';
import type { Language } from '@phonework/shared/language';
import { Outbox } from '@phonework/shared/mail';
import type { NodeMessage } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import { EffectApprovals } from '../../src/approvals/effect-approvals.ts';
import { OpenQuestions } from '../../src/approvals/open-questions.ts';
import { ShellRules } from '../../src/approvals/shell-rules.ts';
import { WorkDir } from '../../src/files/work-dir.ts';
import { childEnvironment } from '../../src/shell/environment.ts';
import { LastOutputs } from '../../src/shell/last-outputs.ts';
import { WholeOutputs } from '../../src/shell/whole-outputs.ts';
import type { Taint } from '../../src/taint.ts';
import { createTaint } from '../../src/taint.ts';
import type { RunShellOptions } from '../../src/tools/run-shell.ts';
import type { TurnContext } from '../../src/turn-context.ts';
import { NodeStore } from './node-store.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

type Recorded = Awaited<ReturnType<typeof recordingLogger>>;

/** How long users have for an answer here, from when a test says that they can see the question. */
export const TTL_MS = 600_000;

/** A turn of Alice's whose end the test decides. */
export type TestTurn = TurnContext & {
  readonly taint: Taint;
  /** What it put on record, in order. */
  readonly effects: readonly string[];
  stop(): void;
};

/** Approvals and rules over a real database, and a working folder with an `app` in it. */
export class ApprovalDesk {
  readonly disk: NodeStore;
  readonly questions: OpenQuestions;
  readonly rules: ShellRules;
  readonly approvals: EffectApprovals;
  readonly log: readonly LogEntry[];
  /** English for everybody else. */
  readonly languages = new Map<string, Language>();
  /** A real path. */
  readonly folder: string;
  /** ms since the epoch; stands still until a test moves it. */
  now = Date.now();
  #presses = 0;
  readonly #wholeOutputs: WholeOutputs;
  readonly #lastOutputs: LastOutputs;
  readonly #isOwnFolder: boolean;

  static async open(): Promise<ApprovalDesk> {
    return new ApprovalDesk(new NodeStore(), undefined, await recordingLogger());
  }

  private constructor(disk: NodeStore, folder: string | undefined, { logger, entries }: Recorded) {
    this.disk = disk;
    this.log = entries;
    this.#wholeOutputs = new WholeOutputs({ folder: join(disk.folder, 'outputs'), logger });
    this.#lastOutputs = new LastOutputs({ folder: join(disk.folder, 'last-outputs'), logger });
    this.#isOwnFolder = folder === undefined;
    this.folder = folder ?? realpathSync(mkdtempSync(join(tmpdir(), 'phonework-approvals-')));
    if (folder === undefined) mkdirSync(join(this.folder, 'app'));
    const { store } = disk;
    const outbox = new Outbox<NodeMessage>(store, { box: 'router' });
    this.questions = new OpenQuestions(store, {
      send: (frame) => outbox.put({ id: frame.id, peer: 'router', body: frame }),
      languageOf: (userId) => this.languages.get(userId) ?? 'en',
      now: () => this.now,
      logger,
    });
    this.rules = new ShellRules(store);
    const { questions, rules } = this;
    this.approvals = new EffectApprovals({ store, questions, rules, ttlMs: TTL_MS, logger });
  }

  shell(policy: RunShellOptions['policy'] = 'ask'): RunShellOptions {
    const { approvals, rules, folder } = this;
    const environment = childEnvironment(process.env);
    const outputs = { wholeOutputs: this.#wholeOutputs, lastOutputs: this.#lastOutputs };
    return { policy, nodeId: 'home-pc', approvals, rules, environment, ...outputs, workDir: new WorkDir(folder) };
  }

  turn({ userId = 'alice' } = {}): TestTurn {
    const controller = new AbortController();
    const effects: string[] = [];
    return {
      userId,
      chatId: `chat of ${userId}`,
      turnId: newId(),
      signal: controller.signal,
      taint: createTaint(),
      effects,
      beforeEffect: async (summary) => void effects.push(summary),
      stop: () => controller.abort(),
    };
  }

  /** All frames for the router, in the order in which they were stored. */
  get frames(): readonly NodeMessage[] {
    const rows = this.disk.store.prepare('SELECT body FROM outbox ORDER BY seq').all();
    // Written by Outbox.put out of this type.
    return rows.map((row) => JSON.parse(String(row.body)) as NodeMessage);
  }

  /** Frames with buttons. */
  get asked(): readonly NodeMessage[] {
    return this.frames.filter(({ actions }) => actions !== undefined);
  }

  /** What people were told, but for the questions. */
  get said(): readonly string[] {
    return this.frames.filter(({ actions }) => actions === undefined).map(({ text }) => text);
  }

  /** The `nth` question, counted from 1, once it is stored. */
  async question(nth = 1): Promise<NodeMessage> {
    return await waitFor(() => this.asked[nth - 1], { what: `question ${nth}` });
  }

  async press({ id }: { readonly id: string }, actionId: string, userId = 'alice'): Promise<void> {
    this.#presses += 1;
    await this.questions.receive({
      type: 'action',
      id: `press-${this.#presses}-${this.folder}`,
      user_id: userId,
      chat_id: `chat of ${userId}`,
      message_id: id,
      action_id: actionId,
    });
  }

  /** What a process finds that starts after this one died right now: what was committed, and nothing else. */
  async afterCrash(): Promise<ApprovalDesk> {
    return new ApprovalDesk(this.disk.afterCrash(), this.folder, await recordingLogger());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.questions.stop();
    this.disk[Symbol.dispose]();
    if (this.#isOwnFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The labels on the buttons of a question. */
export function labelsOf({ actions = [] }: Pick<NodeMessage, 'actions'>): readonly string[] {
  return actions.map(({ label }) => label);
}
