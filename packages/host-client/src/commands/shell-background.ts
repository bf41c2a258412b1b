import type { QuestionAnswer, QuestionOwner, Reply } from '../approvals/question.ts';
import type { NewTask, ShellSubject } from '../tasks/task.ts';
import { TaskError } from '../tasks/task.ts';
import { visibleLine } from '../texts/visible.ts';
import { shellBackgroundTexts as texts } from './shell-background-texts.ts';
import type { SendOutput } from './whole-output.ts';
import { sendOption } from './whole-output.ts';

/** A command that was ended since it took too long: shall it run as a task? */
export const SHELL_BACKGROUND = 'shell-background';

/** A command as it ran: judged, and in the folder with this real path. */
export type SlowCommand = Pick<ShellSubject, 'command' | 'cwd'> & { readonly readsOnly: boolean };

const TTL_MS = 10 * 60 * 1000;

/** In a list, and in the notice of its end. */
const DESCRIPTION_CHARS = 200;

type Subject = SlowCommand & { readonly wholeOutput?: string };

/** `wholeOutput` is the path of what it has said, where not all of that was shown. */
export function backgroundQuestion(command: SlowCommand, wholeOutput?: string): NonNullable<Reply['question']> {
  const subject: Subject = { ...command, ...(wholeOutput !== undefined && { wholeOutput }) };
  return {
    kind: SHELL_BACKGROUND,
    subject,
    title: texts.title(visibleLine(command.command)),
    options: [
      { id: 'background', label: texts.background, style: 'primary' },
      { id: 'leave', label: texts.leave, style: 'danger' },
      ...(wholeOutput === undefined ? [] : [sendOption]),
    ],
    ttlMs: TTL_MS,
  };
}

/** Takes the answers. `begin` stores a task and returns its id, inside `store.write`; it throws TaskError. */
export function shellBackgroundOwner(
  tasks: { begin(task: NewTask<ShellSubject>): string },
  sendOutput: SendOutput,
): QuestionOwner {
  return {
    answered({ userId, chatId, subject }, answer: QuestionAnswer) {
      // Written by backgroundQuestion out of this type.
      const { command, cwd, readsOnly, wholeOutput } = subject as Subject;
      const chosen = 'words' in answer ? undefined : answer.optionId;
      if (chosen === sendOption.id && wholeOutput !== undefined) {
        sendOutput({ userId, chatId, path: wholeOutput });
        return texts.sent;
      }
      if (chosen !== 'background') return texts.left;
      const description = visibleLine(command, DESCRIPTION_CHARS);
      try {
        return texts.started(
          tasks.begin({ userId, chatId, description, subject: { kind: 'shell', command, cwd, readsOnly } }),
        );
      } catch (error) {
        if (error instanceof TaskError) return error.said;
        throw error;
      }
    },
    expired: () => texts.left,
  };
}
