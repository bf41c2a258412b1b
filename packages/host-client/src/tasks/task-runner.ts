import { setTimeout as delay } from 'node:timers/promises';
import { isDoneWithin } from '@phonework/shared/done-within';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import { boundedOutput } from '../shell/output.ts';
import { endRun } from '../shell/run.ts';
import { OUTPUT_BYTES, RunningTask } from './running-task.ts';
import type { NewTask, ShellSubject, Task, TaskEnd, TaskOutput, TaskSubject } from './task.ts';
import { TaskLog } from './task-log.ts';
import { TaskLogs } from './task-logs.ts';
import { taskTexts } from './task-texts.ts';
import type { Tasks } from './tasks.ts';

export type TaskRunnerOptions = {
  readonly store: Store;
  readonly tasks: Tasks;
  /** For the logs of the tasks; made when it is not there. */
  readonly folder: string;
  /** What commands get: see childEnvironment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the turn of a session's task. Whoever runs that turn says how it ended. */
  readonly endTurn?: (subject: Extract<TaskSubject, { kind: 'session' }>) => void;
  readonly logger: Logger;
  readonly limits?: {
    readonly maxLogBytes?: number;
    /** Between SIGTERM and SIGKILL. */
    readonly killAfterMs?: number;
  };
};

/** What became of the wish to cancel a task; `ending` is followed by the task's own notice. */
export type Cancellation = 'cancelled' | 'ending' | 'ended' | 'unknown';

const STORE_RETRY_MS = 1000;

/**
 * Runs the shell tasks, a few at once and the others in the order in which they came. A command begins when its task is
 * on the disk as running; one that this process's end cuts off is reported, and never run again by itself.
 */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  readonly #logs: TaskLogs;
  readonly #running = new Map<string, RunningTask>();
  /** All that is going on: settles when a task's end is stored. */
  readonly #work = new Set<Promise<void>>();
  #closing = false;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#logs = new TaskLogs(options.folder);
  }

  /** Goes on with what waits, and reports what an earlier process was running as interrupted. */
  start(): void {
    // Before anything new can be among them.
    const left = this.#options.tasks.left('shell');
    this.#own(this.#startWaiting());
    this.#own(this.#sweep());
    for (const task of left) this.#own(this.#interrupt(task));
  }

  /** No task begins any more; those that run get `graceMs`, then they are ended, and reported as interrupted. */
  async stop(graceMs: number): Promise<void> {
    this.#closing = true;
    if (await isDoneWithin(this.#allDone(), graceMs)) return;
    for (const running of this.#running.values()) running.stop('interrupted');
    await this.#allDone();
  }

  /** Resolves to the task's id once it is stored. Rejects with TaskError when too many wait. */
  submit(task: NewTask<ShellSubject>): Promise<string> {
    return this.#options.store.write(() => this.begin(task));
  }

  /** The same for use inside `store.write`. */
  begin(task: NewTask<ShellSubject>): string {
    const id = this.#options.tasks.begin(task);
    this.#startMore();
    return id;
  }

  /** Begins a new task that does the same; undefined when there is none to repeat. For use inside `store.write`. */
  runAgain(userId: string, id: string): string | undefined {
    const task = this.#options.tasks.find(userId, id);
    if (task?.subject.kind !== 'shell') return undefined;
    const { chatId, description, subject } = task;
    return this.begin({ userId, chatId, description, subject });
  }

  /** For use inside `store.write`. */
  cancel(userId: string, id: string): Cancellation {
    const { store, tasks } = this.#options;
    const task = tasks.find(userId, id);
    if (task === undefined) return 'unknown';
    if (task.endedAt !== undefined) return 'ended';
    if (task.state === 'queued') {
      tasks.finish(id, { outcome: 'cancelled', output: '' });
      return 'cancelled';
    }
    store.afterCommit(() => this.#end(task));
    return 'ending';
  }

  /** Cancels all that the user has, and returns how many these are. For use inside `store.write`. */
  cancelAll(userId: string): number {
    const open = this.#options.tasks.list(userId).filter((task) => task.endedAt === undefined);
    for (const task of open) this.cancel(userId, task.id);
    return open.length;
  }

  /** What the task has said so far, or in all; undefined when the user has no such task. */
  output(userId: string, id: string): TaskOutput | undefined {
    const { tasks } = this.#options;
    if (tasks.find(userId, id) === undefined) return undefined;
    return this.#running.get(id)?.output ?? tasks.output(id);
  }

  /** Where the whole output of a shell task is. */
  logPath(id: string): string {
    return this.#logs.path(id);
  }

  #end({ id, subject }: Task): void {
    if (subject.kind === 'shell') this.#running.get(id)?.stop('cancelled');
    else this.#options.endTurn?.(subject);
  }

  /** For use inside `store.write`. */
  #startMore(): void {
    const { store, tasks } = this.#options;
    while (!this.#closing) {
      const task = tasks.startNext();
      if (task === undefined) return;
      store.afterCommit(() => this.#own(this.#run(task)));
    }
  }

  async #startWaiting(): Promise<void> {
    await this.#persist(() => this.#startMore());
  }

  async #run(task: Task<ShellSubject>): Promise<void> {
    const { environment, logger, limits = {} } = this.#options;
    const { maxLogBytes = 10 * 1024 * 1024, ...shellLimits } = limits;
    const log = new TaskLog({ path: this.logPath(task.id), maxBytes: maxLogBytes, logger });
    const running = new RunningTask(task, { log, environment, logger, ...shellLimits });
    this.#running.set(task.id, running);
    logger.info({ task: task.id }, 'a background task began');
    const end = await running.ended;
    await this.#settle(task.id, end);
    this.#running.delete(task.id);
    await this.#sweep();
  }

  /** Reports a task that an earlier process was running, with what it said last. */
  async #interrupt({ id }: Task): Promise<void> {
    const { killAfterMs } = this.#options.limits ?? {};
    const isGone = await endRun(id, killAfterMs === undefined ? {} : { killAfterMs });
    const output = boundedOutput(OUTPUT_BYTES);
    await this.#logs.read(id, output);
    await this.#settle(id, {
      outcome: 'interrupted',
      output: output.text(),
      leftOut: output.omittedBytes,
      ...(!isGone && { reason: taskTexts.mayStillRun }),
    });
  }

  async #settle(id: string, end: TaskEnd): Promise<void> {
    const { tasks, logger } = this.#options;
    logger.info({ task: id, outcome: end.outcome }, 'a background task ended');
    await this.#persist(() => {
      tasks.finish(id, end);
      this.#startMore();
    });
  }

  /** Stores it, however long the disk refuses; at a shutdown the next start sees to it. Never rejects. */
  async #persist(work: () => void): Promise<void> {
    const { store, logger } = this.#options;
    for (;;) {
      try {
        await store.write(work);
        return;
      } catch (error) {
        logger.error({ err: error }, 'the state of a background task could not be stored, trying again');
      }
      if (this.#closing) return;
      await delay(STORE_RETRY_MS);
    }
  }

  async #sweep(): Promise<void> {
    const { tasks, logger } = this.#options;
    try {
      await this.#logs.sweep((id) => tasks.has(id));
    } catch (error) {
      logger.warn({ err: error }, 'the logs of forgotten tasks could not be removed');
    }
  }

  /** Sees to it that `stop` waits for this. */
  #own(work: Promise<void>): void {
    const owned = work
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'work on a background task broke off'))
      .finally(() => this.#work.delete(owned));
    this.#work.add(owned);
  }

  /** Also for what began in the meantime. */
  async #allDone(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}
