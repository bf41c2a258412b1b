import type { Said } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import type { Reply } from '../approvals/question.ts';
import type { Task, TaskOutput } from '../tasks/task.ts';
import type { Cancellation } from '../tasks/task-runner.ts';
import type { ImmediateCommand } from './command.ts';
import type { CommandButton } from './command-buttons.ts';
import { offer } from './command-buttons.ts';
import { taskCommandTexts } from './task-texts.ts';

/** What these commands need of the tasks. */
export type TaskCommandParts = {
  /** Newest first. */
  readonly list: (userId: string) => readonly Task[];
  readonly find: (userId: string, id: string) => Task | undefined;
  readonly output: (userId: string, id: string) => TaskOutput | undefined;
  readonly logPath: (id: string) => string;
  readonly cancel: (userId: string, id: string) => Cancellation;
};

/** Ended tasks in a list: `/task` shows any of the others. */
const MAX_ENDED = 10;

const MAX_WITH_BUTTONS = 10;

/** `/tasks`: what runs and waits, and what ended last, with buttons to look and to cancel. */
export function tasksCommand({ list }: Pick<TaskCommandParts, 'list'>): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/tasks',
    run({ userId }): Reply {
      const tasks = list(userId);
      if (tasks.length === 0) return { text: taskCommandTexts.none };
      const now = Date.now();
      // Running before waiting ones, and each in the order in which they came.
      const open = tasks.filter((task) => task.endedAt === undefined).toReversed();
      const running = open.filter((task) => task.state === 'running');
      const queued = open.filter((task) => task.state === 'queued');
      const ended = tasks.filter((task) => task.endedAt !== undefined);
      const lines = [...running, ...queued, ...ended.slice(0, MAX_ENDED)].map((task) =>
        taskCommandTexts.line(task, now),
      );
      const older = ended.length > MAX_ENDED ? [taskCommandTexts.older(ended.length - MAX_ENDED)] : [];
      return { text: join([...lines, ...older], '\n'), ...taskButtons([...running, ...queued]) };
    },
  };
}

/** `/task <id>`: one task with its output; `/task <id> cancel` ends it. */
export function taskCommand(parts: TaskCommandParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/task',
    run({ userId, argument }): Said | Reply {
      const [first = '', word] = argument.toLowerCase().split(/\s+/);
      const id = first.replace(/^#/, '');
      if (id === '') return taskCommandTexts.usage;
      const task = parts.find(userId, id);
      if (task === undefined) return taskCommandTexts.unknown(id);
      if (word === 'cancel') return taskCommandTexts.cancelled(id, parts.cancel(userId, id));
      const output = parts.output(userId, id) ?? { text: '', leftOut: 0 };
      const text = taskCommandTexts.details(task, output, { now: Date.now(), logPath: parts.logPath(id) });
      return { text, ...offer(taskCommandTexts.listTitle, task.endedAt === undefined ? [cancelButton(task)] : []) };
    },
  };
}

/** Of those that have not ended. */
function taskButtons(open: readonly Task[]): Pick<Reply, 'question'> {
  const buttons = open
    .slice(0, MAX_WITH_BUTTONS)
    .flatMap((task) => (task.state === 'running' ? [showButton(task), cancelButton(task)] : [cancelButton(task)]));
  return offer(taskCommandTexts.listTitle, buttons);
}

function showButton({ id }: Task): CommandButton {
  return { label: taskCommandTexts.showButton(id), command: `/task ${id}` };
}

function cancelButton({ id }: Task): CommandButton {
  return { label: taskCommandTexts.cancelButton(id), command: `/task ${id} cancel`, style: 'danger' };
}
