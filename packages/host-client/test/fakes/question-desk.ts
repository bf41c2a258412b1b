import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Language } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { mailSchema, Outbox, outboxSchema } from '@phonework/shared/mail';
import type { ActionRequest, NodeMessage } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { OpenQuestions } from '../../src/approvals/open-questions.ts';
import type { NewQuestion, OpenQuestion, QuestionAnswer, QuestionOwner } from '../../src/approvals/question.ts';
import { approvalsSchema, offersSchema } from '../../src/approvals/schema.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

const migrations = [
  mailSchema,
  outboxSchema,
  approvalsSchema,
  offersSchema,
  'CREATE TABLE ledger (entry TEXT NOT NULL) STRICT',
];

/** "May I run make?", of Alice. */
export const mayI: NewQuestion = {
  userId: 'alice',
  chatId: 'chat',
  kind: 'shell',
  subject: { command: 'make' },
  title: 'May I run make?',
  text: 'May I run `make`?',
  options: [
    { id: 'once', label: 'Allow once', style: 'primary' },
    { id: 'deny', label: 'Deny', style: 'danger' },
  ],
  ttlMs: 600_000,
};

/** Writes what it is told into a ledger, in the same transaction; over a real database. */
export class Clerk implements QuestionOwner {
  readonly #store: Store;
  /** What is thrown, after the ledger was written. */
  fault: Error | undefined;
  sentence: string | undefined = 'Running it.';
  readonly seen: { readonly question: OpenQuestion; readonly answer?: QuestionAnswer }[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  answered(question: OpenQuestion, answer: QuestionAnswer): string | undefined {
    this.seen.push({ question, answer });
    this.#note('words' in answer ? answer.words : answer.optionId);
    return this.sentence;
  }

  expired(question: OpenQuestion): string {
    this.seen.push({ question });
    this.#note(`expired: ${question.title}`);
    return 'Nobody answered: denied.';
  }

  #note(entry: string): void {
    this.#store.prepare('INSERT INTO ledger (entry) VALUES (?)').run(entry);
    if (this.fault !== undefined) throw this.fault;
  }
}

/** OpenQuestions as one process has them. */
export class QuestionDesk {
  readonly store: Store;
  readonly questions: OpenQuestions;
  /** English for everybody else. */
  readonly languages = new Map<string, Language>();
  readonly clerk: Clerk;
  readonly log: readonly LogEntry[];
  /** ms since the epoch; stands still until a test moves it. */
  now: number;
  readonly #folder: string;

  static async open({
    folder = mkdtempSync(join(tmpdir(), 'phonework-questions-')),
    now = Date.now(),
    graceMs = 0,
  } = {}) {
    return new QuestionDesk({ folder, now, graceMs }, await recordingLogger());
  }

  private constructor(
    { folder, now, graceMs }: { readonly folder: string; readonly now: number; readonly graceMs: number },
    recorded: Awaited<ReturnType<typeof recordingLogger>>,
  ) {
    const { logger, entries } = recorded;
    this.#folder = folder;
    this.now = now;
    this.log = entries;
    this.store = openStore({ path: join(folder, 'node.db'), migrations, logger });
    const outbox = new Outbox<NodeMessage>(this.store, { box: 'router' });
    this.questions = new OpenQuestions(this.store, {
      send: (frame) => outbox.put({ id: frame.id, peer: 'router', body: frame }),
      languageOf: (userId) => this.languages.get(userId) ?? 'en',
      now: () => this.now,
      graceMs,
      logger,
    });
    this.clerk = new Clerk(this.store);
    this.questions.own('shell', this.clerk);
  }

  /** What a process finds that starts after this one died right now: what was committed, and nothing else. */
  async afterCrash({ graceMs = 0 } = {}): Promise<QuestionDesk> {
    const folder = mkdtempSync(join(tmpdir(), 'phonework-questions-'));
    for (const name of ['node.db', 'node.db-wal']) cpSync(join(this.#folder, name), join(folder, name));
    return await QuestionDesk.open({ folder, now: this.now, graceMs });
  }

  async ask(changes: Partial<NewQuestion> = {}): Promise<string> {
    return await this.store.write(() => this.questions.ask({ ...mayI, ...changes }));
  }

  /** Alice presses a button, unless said otherwise. */
  async press(messageId: string, actionId: string, changes: Partial<ActionRequest> = {}): Promise<void> {
    const press = { id: `press-${this.#presses()}`, user_id: 'alice', chat_id: 'chat' };
    await this.questions.receive({
      type: 'action',
      ...press,
      message_id: messageId,
      action_id: actionId,
      ...changes,
    });
  }

  async answer(words: string, { userId = 'alice', chatId = 'chat' } = {}): Promise<string> {
    const said = await this.store.write(() => this.questions.answerInWords(userId, chatId, words));
    return inLanguage(said, this.languages.get(userId) ?? 'en');
  }

  /** All frames for the router, in the order in which they were stored. */
  get frames(): NodeMessage[] {
    const rows = this.store.prepare('SELECT body FROM outbox ORDER BY seq').all();
    // Written by Outbox.put out of this type.
    return rows.map((row) => JSON.parse(String(row.body)) as NodeMessage);
  }

  /** What people were told, but for the questions. */
  get said(): string[] {
    return this.frames.filter(({ actions }) => actions === undefined).map(({ text }) => text);
  }

  async untilSaid(count: number): Promise<string[]> {
    return await waitFor(() => this.said.length >= count && this.said, { what: `${count} sentences` });
  }

  get ledger(): string[] {
    return this.store
      .prepare('SELECT entry FROM ledger ORDER BY rowid')
      .all()
      .map(({ entry }) => String(entry));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.questions.stop();
    this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #presses(): number {
    return Number(this.store.prepare("SELECT count(*) AS presses FROM inbox WHERE box = 'actions'").get()?.presses);
  }
}
