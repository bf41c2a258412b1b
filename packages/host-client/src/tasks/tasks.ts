import { DAY_MS } from '@phonework/shared/duration';
import { newId, newShortId } from '@phonework/shared/id';
import type { Language, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { TaskComplete } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { visibleLine } from '../texts/visible.ts';
import { excerpt } from './excerpt.ts';
import type { NewTask, ShellSubject, Task, TaskEnd, TaskOutput, TaskState, TaskSubject } from './task.ts';
import { TaskError } from './task.ts';
import { taskTexts } from './task-texts.ts';

/** A task that was interrupted; `text` asks whether it is to be run again. */
export type Interruption = { readonly task: Task; readonly title: Text; readonly text: Text };

export type TasksOptions = {
  /** Stores a notice for the router. Used inside `store.write`. */
  readonly report: (frame: TaskComplete) => void;
  /** Asks the user, with a button that runs the task again. Used inside `store.write`. */
  readonly ask: (interruption: Interruption) => void;
  readonly languageOf: (userId: string) => Language;
  /** Told after each commit that may have changed how many run. */
  readonly onChange?: () => void;
  /** Shell tasks that run at once, of all users. */
  readonly maxRunning?: number;
  /** Of one user. */
  readonly maxQueued?: number;
  /** Ended tasks that are kept of each user, and for how long. */
  readonly maxKept?: number;
  readonly keepMs?: number;
  readonly now?: () => number;
};

const DESCRIPTION_CHARS = 300;

/** Kept of an output in its row: what a person or a model may want to see of it at once. */
const OUTPUT_CHARS = 20_000;

const columns = 'id, user_id, chat_id, description, subject, state, created_at, started_at, ended_at, reason';

type Row = {
  id: string;
  user_id: string;
  chat_id: string;
  description: string;
  subject: string;
  state: string;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  reason: string | null;
};

/** The tasks of this node, on disk: what each is, how far it is, and that its end is told once. */
export class Tasks {
  readonly #store: Store;
  readonly #options: TasksOptions;
  readonly #now: () => number;

  constructor(store: Store, options: TasksOptions) {
    this.#store = store;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** How many run. */
  get running(): number {
    return this.#count("state = 'running'");
  }

  /**
   * Stores a new task and returns its id. One of a session runs from here on; one of the shell waits until `startNext`
   * gives it out. Throws TaskError when too many wait. For use inside `store.write`.
   */
  begin({ userId, chatId, description, subject }: NewTask): string {
    const isShell = subject.kind === 'shell';
    const waiting = isShell ? this.#count("state = 'queued' AND user_id = ?", userId) : 0;
    if (waiting >= (this.#options.maxQueued ?? 20)) throw new TaskError('too_many', taskTexts.tooMany(waiting));
    const id = newShortId();
    const now = this.#now();
    this.#store
      .prepare(
        `INSERT INTO tasks (id, user_id, chat_id, description, kind, subject, state, created_at, started_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        userId,
        chatId,
        visibleLine(description, DESCRIPTION_CHARS),
        subject.kind,
        JSON.stringify(subject),
        isShell ? 'queued' : 'running',
        now,
        isShell ? null : now,
      );
    this.#changed();
    return id;
  }

  /** The shell task that has waited longest, if there is room for one more: it runs from here on. For use inside `store.write`. */
  startNext(): Task<ShellSubject> | undefined {
    if (this.#count("state = 'running' AND kind = 'shell'") >= (this.#options.maxRunning ?? 4)) return undefined;
    const row = this.#store
      .prepare(
        `UPDATE tasks SET state = 'running', started_at = ? WHERE seq =
           (SELECT min(seq) FROM tasks WHERE state = 'queued' AND kind = 'shell' AND ended_at IS NULL)
         RETURNING ${columns}`,
      )
      .get(this.#now());
    if (row === undefined) return undefined;
    this.#changed();
    // Selected by its kind.
    return toTask(row as Row) as Task<ShellSubject>;
  }

  /** Ends the task and tells its user. Doing so twice, or for an unknown one, does nothing. For use inside `store.write`. */
  finish(id: string, end: TaskEnd): void {
    const language = this.#languageFor(id);
    const output = toStored({ text: inLanguage(end.output, language), leftOut: end.leftOut ?? 0 }, language);
    const reason = end.reason === undefined ? null : inLanguage(end.reason, language);
    const row = this.#store
      .prepare(
        `UPDATE tasks SET state = ?, ended_at = ?, reason = ?, output = ?, left_out = ?
         WHERE id = ? AND ended_at IS NULL RETURNING ${columns}`,
      )
      .get(end.outcome, this.#now(), reason, output.text, output.leftOut, id);
    if (row === undefined) return;
    const task = toTask(row as Row);
    this.#tell(task, output);
    this.#prune(task.userId);
    this.#changed();
  }

  /** The user's tasks, newest first. */
  list(userId: string): Task[] {
    const rows = this.#store.prepare(`SELECT ${columns} FROM tasks WHERE user_id = ? ORDER BY seq DESC`).all(userId);
    return rows.map((row) => toTask(row as Row));
  }

  /** Undefined when there is none, or it is another user's. */
  find(userId: string, id: string): Task | undefined {
    const row = this.#store.prepare(`SELECT ${columns} FROM tasks WHERE id = ? AND user_id = ?`).get(id, userId);
    return row === undefined ? undefined : toTask(row as Row);
  }

  /** What an ended task has said; empty for one that has not ended. */
  output(id: string): TaskOutput {
    const row = this.#store.prepare('SELECT output, left_out FROM tasks WHERE id = ?').get(id);
    return { text: String(row?.output ?? ''), leftOut: Number(row?.left_out ?? 0) };
  }

  /** Those that wait for their turn, of all users. */
  queued(): Task[] {
    const rows = this.#store
      .prepare(`SELECT ${columns} FROM tasks WHERE state = 'queued' AND ended_at IS NULL ORDER BY seq`)
      .all();
    return rows.map((row) => toTask(row as Row));
  }

  /** Those that run: at a start, what an earlier process left. */
  left<Kind extends TaskSubject['kind']>(kind: Kind): Task<Extract<TaskSubject, { kind: Kind }>>[] {
    const rows = this.#store
      .prepare(`SELECT ${columns} FROM tasks WHERE state = 'running' AND kind = ? AND ended_at IS NULL ORDER BY seq`)
      .all(kind);
    // Selected by their kind.
    return rows.map((row) => toTask(row as Row) as Task<Extract<TaskSubject, { kind: Kind }>>);
  }

  /** Whether there still is a task of this id, of whatever user. */
  has(id: string): boolean {
    return this.#store.prepare('SELECT 1 FROM tasks WHERE id = ?').get(id) !== undefined;
  }

  /** What is stored of a task is for its user to read. */
  #languageFor(id: string): Language {
    const row = this.#store.prepare('SELECT user_id FROM tasks WHERE id = ?').get(id);
    return this.#options.languageOf(String(row?.user_id ?? ''));
  }

  #tell(task: Task, output: TaskOutput): void {
    const text = taskTexts.notice(task, output);
    if (task.state === 'interrupted') {
      this.#options.ask({ task, title: taskTexts.interruptedTitle(task), text });
      return;
    }
    const { id: task_id, userId: user_id, chatId: chat_id } = task;
    const result = inLanguage(text, this.#options.languageOf(user_id));
    this.#options.report({ type: 'task_complete', id: newId(), task_id, user_id, chat_id, result });
  }

  #prune(userId: string): void {
    const { maxKept = 100, keepMs = 30 * DAY_MS } = this.#options;
    this.#store
      .prepare(
        `DELETE FROM tasks WHERE user_id = ? AND ended_at IS NOT NULL AND (ended_at < ? OR seq <=
           (SELECT seq FROM tasks WHERE user_id = ? AND ended_at IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ?))`,
      )
      .run(userId, this.#now() - keepMs, userId, maxKept);
  }

  #count(condition: string, ...values: readonly string[]): number {
    const sql = `SELECT count(*) AS tasks FROM tasks WHERE ended_at IS NULL AND ${condition}`;
    return Number(this.#store.prepare(sql).get(...values)?.tasks);
  }

  #changed(): void {
    const { onChange } = this.#options;
    if (onChange !== undefined) this.#store.afterCommit(onChange);
  }
}

function toStored(output: TaskOutput, language: Language): TaskOutput {
  const { text, leftOut } = output;
  if (text.length <= OUTPUT_CHARS) return output;
  const stored = excerpt(output, OUTPUT_CHARS, (missing) => taskTexts.leftOut(missing)[language]);
  return { text: stored, leftOut: leftOut + text.length - OUTPUT_CHARS };
}

/** Rows of our own table: columns are as the schema says, and the subject as `begin` wrote it. */
function toTask(row: Row): Task {
  return {
    id: row.id,
    userId: row.user_id,
    chatId: row.chat_id,
    description: row.description,
    subject: JSON.parse(row.subject) as TaskSubject,
    state: row.state as TaskState,
    createdAt: row.created_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}
