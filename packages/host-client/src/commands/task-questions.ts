import type { Said } from '@phonework/shared/language';
import type { NewQuestion, OpenQuestion, QuestionAnswer, QuestionOwner } from '../approvals/question.ts';
import { TaskError } from '../tasks/task.ts';
import type { Cancellation } from '../tasks/task-runner.ts';
import type { Interruption } from '../tasks/tasks.ts';
import { taskCommandTexts } from './task-texts.ts';

/** An interrupted task: shall it run again? */
export const TASK_QUESTION = 'task';
/** The buttons under a list of tasks of an older version's: some are still in the chats. */
export const TASK_BUTTONS = 'task-buttons';

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

function runAgain(tasks: ButtonTasks, userId: string, id: string): Said {
  try {
    const begun = tasks.runAgain(userId, id);
    return begun === undefined ? taskCommandTexts.notAgain : taskCommandTexts.again(begun);
  } catch (error) {
    if (error instanceof TaskError) return error.said;
    throw error;
  }
}
