import type { NewQuestion, OpenQuestion, QuestionAnswer, QuestionOwner, Reply } from '../approvals/question.ts';
import type { Task } from '../tasks/task.ts';
import { TaskError } from '../tasks/task.ts';
import type { Cancellation } from '../tasks/task-runner.ts';
import type { Interruption } from '../tasks/tasks.ts';
import { taskCommandTexts } from './task-texts.ts';

/** An interrupted task: shall it run again? */
export const TASK_QUESTION = 'task';
/** The buttons under a list of tasks. */
export const TASK_BUTTONS = 'task-buttons';

const MAX_BUTTONS = 10;

/** A list is soon out of date. */
const BUTTONS_TTL_MS = 10 * 60 * 1000;
const INTERRUPTION_TTL_MS = 24 * 3600 * 1000;

/** What is asked about a task that was interrupted. */
export function interruptionQuestion({ task, title, text }: Interruption): NewQuestion {
  const { userId, chatId, id } = task;
  return {
    userId,
    chatId,
    kind: TASK_QUESTION,
    subject: {},
    title,
    text,
    options: [
      { id: `run_again:${id}`, label: taskCommandTexts.runAgainButton, style: 'primary' },
      { id: `dismiss:${id}`, label: taskCommandTexts.dismissButton, style: 'default' },
    ],
    ttlMs: INTERRUPTION_TTL_MS,
  };
}

/** A Cancel button for each of the tasks that has not ended. */
export function cancelButtons(tasks: readonly Task[]): Pick<Reply, 'question'> {
  const open = tasks.filter((task) => task.endedAt === undefined).slice(0, MAX_BUTTONS);
  if (open.length === 0) return {};
  return {
    question: {
      kind: TASK_BUTTONS,
      subject: {},
      title: taskCommandTexts.listTitle,
      // Not `danger`: a typed "no" means the first of those, and nobody who types it means this.
      options: open.map(({ id }) => ({
        id: `cancel:${id}`,
        label: taskCommandTexts.cancelButton(id),
        style: 'default',
      })),
      ttlMs: BUTTONS_TTL_MS,
    },
  };
}

/** What the buttons do; both for use inside `store.write`. */
interface ButtonTasks {
  cancel(userId: string, id: string): Cancellation;
  /** Returns the new task's id; undefined when there is nothing to repeat. Throws TaskError. */
  runAgain(userId: string, id: string): string | undefined;
}

/** Takes the answers to both kinds of question. */
export function taskQuestionOwner(tasks: ButtonTasks): QuestionOwner {
  return {
    answered({ userId }: OpenQuestion, answer: QuestionAnswer) {
      if ('words' in answer) return taskCommandTexts.words;
      const [action, id = ''] = answer.optionId.split(':');
      if (action === 'cancel') return taskCommandTexts.cancelled(id, tasks.cancel(userId, id));
      if (action === 'run_again') return runAgain(tasks, userId, id);
      return undefined;
    },
    expired: ({ kind }: OpenQuestion) =>
      kind === TASK_BUTTONS ? taskCommandTexts.buttonsTooOld : taskCommandTexts.notRunAgain,
  };
}

function runAgain(tasks: ButtonTasks, userId: string, id: string): string {
  try {
    const begun = tasks.runAgain(userId, id);
    return begun === undefined ? taskCommandTexts.notAgain : taskCommandTexts.again(begun);
  } catch (error) {
    if (error instanceof TaskError) return error.message;
    throw error;
  }
}
