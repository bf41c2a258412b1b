import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@phonework/shared/id';
import type { Language } from '@phonework/shared/language';
import { createLogger } from '@phonework/shared/log';
import { mailSchema, Outbox, outboxSchema } from '@phonework/shared/mail';
import type { NodeMessage, TaskComplete } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { childEnvironment } from '../../src/shell/environment.ts';
import { tasksSchema } from '../../src/tasks/schema.ts';
import type { NewTask, ShellSubject, Task } from '../../src/tasks/task.ts';
import type { TaskRunnerOptions } from '../../src/tasks/task-runner.ts';
import { TaskRunner } from '../../src/tasks/task-runner.ts';
import type { TasksOptions } from '../../src/tasks/tasks.ts';
import { Tasks } from '../../src/tasks/tasks.ts';

const logger = await createLogger({ name: 'test', level: 'silent', secrets: [], terminal: false });

export type TaskHouseOptions = Pick<TasksOptions, 'maxRunning' | 'maxQueued' | 'maxKept' | 'keepMs' | 'now'> &
  Pick<TaskRunnerOptions, 'limits' | 'endTurn'>;

/** A node's tasks over a real database and real processes; what they tell their users ends in an outbox. */
export class TaskHouse {
  readonly store: Store;
  readonly tasks: Tasks;
  readonly runner: TaskRunner;
  readonly folder: string;
  /** English for everybody else. */
  readonly languages = new Map<string, Language>();
  /** How many ran, after each commit that may have changed it. */
  readonly counts: number[] = [];
  readonly #options: TaskHouseOptions;
  #dying: Promise<void> | undefined;

  constructor(options: TaskHouseOptions = {}, folder = newFolder()) {
    this.folder = folder;
    this.#options = options;
    const { limits = {}, endTurn, ...taskOptions } = options;
    this.store = openStore({
      path: join(folder, 'node.db'),
      migrations: [`${mailSchema}; ${outboxSchema} ${tasksSchema}`],
      logger,
    });
    const outbox = new Outbox<TaskComplete | NodeMessage>(this.store, { box: 'router' });
    const put = (frame: TaskComplete | NodeMessage) => outbox.put({ id: frame.id, peer: 'router', body: frame });
    const languageOf = (userId: string) => this.languages.get(userId) ?? 'en';
    this.tasks = new Tasks(this.store, {
      ...taskOptions,
      report: put,
      ask: ({ task: { userId, chatId }, text }) =>
        put({ type: 'message', id: newId(), user_id: userId, chat_id: chatId, text: text[languageOf(userId)] }),
      languageOf,
      onChange: () => this.counts.push(this.tasks.running),
    });
    this.runner = new TaskRunner({
      store: this.store,
      tasks: this.tasks,
      folder: join(folder, 'tasks'),
      environment: childEnvironment(process.env),
      ...(endTurn && { endTurn }),
      limits: { killAfterMs: 300, ...limits },
      logger,
    });
  }

  /** What a process finds that starts after this one was killed right now. The commands of this one go on. */
  afterCrash(): TaskHouse {
    const folder = newFolder();
    for (const name of ['node.db', 'node.db-wal', 'tasks']) {
      if (existsSync(join(this.folder, name))) cpSync(join(this.folder, name), join(folder, name), { recursive: true });
    }
    // Were it dead, it would not begin what waits.
    this.#dying = this.runner.stop(60_000);
    return new TaskHouse(this.#options, folder);
  }

  async submit(command: string, task: Partial<Omit<NewTask, 'subject'>> & Partial<ShellSubject> = {}): Promise<string> {
    const { userId = 'alice', chatId = 'chat', description = 'a task', cwd = this.folder, timeLimitMs } = task;
    const subject = { kind: 'shell', command, cwd, ...(timeLimitMs !== undefined && { timeLimitMs }) } as const;
    return await this.runner.submit({ userId, chatId, description, subject });
  }

  /** Everything that was told to users, in that order. */
  get told(): (TaskComplete | NodeMessage)[] {
    const rows = this.store.prepare('SELECT body FROM outbox ORDER BY seq').all();
    // Written by Outbox.put out of this type.
    return rows.map((row) => JSON.parse(String(row.body)) as TaskComplete | NodeMessage);
  }

  get notices(): string[] {
    return this.told.map((frame) => (frame.type === 'task_complete' ? frame.result : frame.text));
  }

  /** The notice about one task, once it is stored. */
  async noticeOf(id: string): Promise<string> {
    return await waitFor(() => this.notices.find((text) => text.includes(`#${id} `) || text.includes(`#${id}\n`)), {
      what: `the notice of task ${id}`,
    });
  }

  /** Resolves when the task is in this state. */
  async reaches(id: string, state: Task['state'], userId = 'alice'): Promise<Task> {
    return await waitFor(
      () => {
        const task = this.tasks.find(userId, id);
        return task?.state === state && task;
      },
      { what: `task ${id} to be ${state}` },
    );
  }

  /** A file that a command made, once it is there. */
  async made(name: string): Promise<string> {
    await waitFor(() => existsSync(join(this.folder, name)), { what: name });
    return readFileSync(join(this.folder, name), 'utf8');
  }

  async close(): Promise<void> {
    await this.runner.stop(0);
    await this.#dying;
    this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function newFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'phonework-tasks-')));
}

/** The pids of running processes whose command line contains `text`. */
export async function pidsOf(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  );
  return lines.filter(([, line]) => line.replaceAll('\0', ' ').includes(text)).map(([pid]) => pid);
}

/** A sleep that nobody else has: to be found by its length. */
export function uniqueSleep(): string {
  return `sleep ${1000 + Math.random() * 1000}`;
}
