import { join } from 'node:path';
import { newId } from '@phonework/shared/id';
import type { Language } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { NewQuestion } from '../approvals/question.ts';
import { SHELL_BACKGROUND, shellBackgroundOwner } from '../commands/shell-background.ts';
import { interruptionQuestion, TASK_BUTTONS, TASK_QUESTION, taskQuestionOwner } from '../commands/task-questions.ts';
import type { SendOutput } from '../commands/whole-output.ts';
import type { HostConfig } from '../config.ts';
import type { RouterMail } from '../link/router-mail.ts';
import { cutQuestion } from '../sessions/cut-turns.ts';
import type { Firing } from '../tasks/job.ts';
import { Scheduler } from '../tasks/scheduler.ts';
import type { Task } from '../tasks/task.ts';
import { TaskRunner } from '../tasks/task-runner.ts';
import type { Interruption } from '../tasks/tasks.ts';
import { Tasks } from '../tasks/tasks.ts';
import { TimeZone } from '../tasks/time-zone.ts';

export type TaskRoomParts = {
  readonly store: Store;
  readonly mail: RouterMail;
  readonly questions: OpenQuestions;
  readonly sendOutput: SendOutput;
  /** What commands get: see childEnvironment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the turn of a session's task. */
  readonly endTurn: (turnId: string) => void;
  /** Hands the message of a job to its session. False when there is no such session. For use inside `store.write`. */
  readonly tellSession: (job: Firing['job']) => boolean;
  readonly languageOf: (userId: string) => Language;
  readonly onChange: () => void;
  readonly logger: Logger;
};

/** What goes on beside the chat: background tasks, reminders and schedules. */
export class TaskRoom {
  readonly tasks: Tasks;
  readonly runner: TaskRunner;
  readonly scheduler: Scheduler;
  readonly #store: Store;
  /** Not always those whose work an earlier process has left. */
  readonly #serves: ReadonlySet<string>;

  constructor(config: HostConfig, parts: TaskRoomParts) {
    const { store, mail, questions, sendOutput, environment, endTurn, languageOf, onChange, logger } = parts;
    this.#store = store;
    this.#serves = new Set(config.servesUsers);
    this.tasks = new Tasks(store, {
      report: (frame) => mail.report(frame),
      ask: (interruption) => questions.ask(toQuestion(interruption)),
      languageOf,
      onChange,
    });
    this.runner = new TaskRunner({
      store,
      tasks: this.tasks,
      folder: join(config.dataDir, 'tasks'),
      environment,
      endTurn: ({ turnId }) => endTurn(turnId),
      logger,
    });
    this.scheduler = new Scheduler({
      store,
      zone: new TimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone),
      fire: (firing) => {
        if (this.#serves.has(firing.job.userId)) fire(firing, parts);
        else logger.info({ job: firing.job.id }, 'a reminder was due whose user is not served any more');
      },
      logger,
    });
    const owner = taskQuestionOwner(this.runner);
    for (const kind of [TASK_QUESTION, TASK_BUTTONS]) questions.own(kind, owner);
    questions.own(SHELL_BACKGROUND, shellBackgroundOwner(this.runner, sendOutput));
  }

  /** Those of a user that have not ended. */
  open(userId: string): readonly Task[] {
    return this.tasks.list(userId).filter(({ endedAt }) => endedAt === undefined);
  }

  /** Resolves when what waits for users who are not served any more is taken out. */
  async start(): Promise<void> {
    await this.#store.write(() => this.#cancelOfDeparted());
    this.runner.start();
    this.scheduler.start();
  }

  /** Tasks that run get `graceMs`, then they are ended and reported as interrupted. */
  async stop(graceMs: number): Promise<void> {
    this.scheduler.stop();
    await this.runner.stop(graceMs);
  }

  #cancelOfDeparted(): void {
    for (const { id, userId } of this.tasks.queued()) {
      if (!this.#serves.has(userId)) this.tasks.finish(id, { outcome: 'cancelled', output: '' });
    }
  }
}

function fire({ job, text }: Firing, { mail, tellSession, languageOf }: TaskRoomParts): void {
  const { id: task_id, userId: user_id, chatId: chat_id } = job;
  if (job.sessionId !== undefined && tellSession(job)) return;
  const result = text[languageOf(user_id)];
  mail.report({ type: 'task_complete', id: newId(), task_id, user_id, chat_id, result });
}

function toQuestion(interruption: Interruption): NewQuestion {
  const { userId, chatId, description, subject } = interruption.task;
  if (subject.kind === 'shell') return interruptionQuestion(interruption);
  const { sessionId, turnId } = subject;
  return { userId, chatId, text: interruption.text, ...cutQuestion({ sessionId, turnId, name: description }) };
}
