import { formatDuration } from '@phonework/shared/duration';
import { excerpt } from '../tasks/excerpt.ts';
import type { Task, TaskOutput } from '../tasks/task.ts';
import { elapsedMs } from '../tasks/task.ts';
import type { Cancellation } from '../tasks/task-runner.ts';
import { outputBlock } from '../texts/markdown.ts';
import { visibleLine } from '../texts/visible.ts';

/** In a list: half a line of a phone is enough to know it by. */
const DESCRIPTION_CHARS = 80;

const OUTPUT_CHARS = 3_500;

const marks = { queued: '🕒', running: '⏳', done: '✅', failed: '❌', cancelled: '🚫', interrupted: '⚠️' } as const;

/** What the commands and buttons for tasks say. */
export const taskCommandTexts = {
  none: 'There are no tasks. A long command goes into the background when you ask for it, such as: run the tests in the background.',
  usage: 'Write the id after it, such as: /task k3f9x2. /tasks lists them.',
  unknown: (id: string) => `There is no task #${visibleLine(id, 20)}. /tasks lists them.`,
  older: (count: number) => `… and ${count} older.`,
  listTitle: 'Tasks that can be cancelled',
  cancelButton: (id: string) => `Cancel #${id}`,
  runAgainButton: 'Run again',
  dismissButton: 'Dismiss',
  again: (id: string) => `⏳ Task #${id} started. I'll notify you when it's done.`,
  notAgain: "It can't be run again: this machine no longer knows what it was.",
  notRunAgain: 'It was not run again.',
  buttonsTooOld: 'These buttons are too old. /tasks shows how things are now.',
  words: 'Nothing was done: press one of the buttons, or send /tasks.',
  cancelled: (id: string, outcome: Cancellation): string => {
    switch (outcome) {
      case 'cancelled':
        return `Task #${id} will not start.`;
      case 'ending':
        return `Ending task #${id}.`;
      case 'ended':
        return `Task #${id} has ended already.`;
      case 'unknown':
        return taskCommandTexts.unknown(id);
    }
  },
  line: (task: Task, now: number) =>
    `${marks[task.state]} #${task.id} ${progress(task, now)}: ${visibleLine(task.description, DESCRIPTION_CHARS)}`,
  details: (task: Task, output: TaskOutput, { now, logPath }: { readonly now: number; readonly logPath: string }) =>
    [
      `${marks[task.state]} Task #${task.id} ${progress(task, now)}`,
      task.description,
      ...place(task),
      ...(task.reason === undefined || task.state === 'failed' ? [] : [task.reason]),
      ...(task.startedAt === undefined ? [] : ['', shown(task, output)]),
      ...(task.startedAt === undefined || task.subject.kind !== 'shell' ? [] : [`Whole output: ${logPath}`]),
    ].join('\n'),
} as const;

function progress(task: Task, now: number): string {
  const elapsed = formatDuration(elapsedMs(task, now));
  switch (task.state) {
    case 'queued':
      return `waiting for ${formatDuration(now - task.createdAt)}`;
    case 'running':
      return `running for ${elapsed}`;
    case 'failed':
      return `failed (${task.reason ?? 'unknown'}) after ${elapsed}`;
    case 'done':
      return `done (${elapsed})`;
    case 'cancelled':
    case 'interrupted':
      return task.state;
  }
}

function place({ subject }: Task): readonly string[] {
  return subject.kind === 'shell' ? [outputBlock(visibleLine(subject.command, 500)), `in ${subject.cwd}`] : [];
}

function shown({ subject }: Task, output: TaskOutput): string {
  const text = excerpt(
    { ...output, text: output.text.trimEnd() },
    OUTPUT_CHARS,
    (missing) => `[… ${missing} characters left out …]`,
  );
  if (text === '') return '(no output)';
  return subject.kind === 'shell' ? outputBlock(text) : text;
}
