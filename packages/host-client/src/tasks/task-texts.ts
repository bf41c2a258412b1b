import { formatDuration } from '@phonework/shared/duration';
import { outputBlock } from '../texts/markdown.ts';
import { excerpt } from './excerpt.ts';
import type { Task, TaskOutput } from './task.ts';
import { elapsedMs } from './task.ts';

/** Characters of the output in a notice: a screen of a phone. */
const NOTICE_CHARS = 800;

/** What people read about tasks. */
export const taskTexts = {
  tooMany: (waiting: number) => `${waiting} of your tasks wait already: let some end, or cancel some with /tasks.`,
  exitCode: (code: number) => `exit code ${code}`,
  endedBy: (signal: string) => `ended by ${signal}`,
  tookTooLong: (limitMs: number) => `took longer than ${formatDuration(limitMs)}`,
  unexpected: 'something unexpected went wrong on this machine; its log says what',
  backgroundEnded: 'Something was still running in the background at the end, and was ended.',
  mayStillRun: 'Some of its processes could not be found or ended, and may still run.',
  interruptedTitle: (task: Task) => `Task #${task.id} was interrupted: ${task.description}`,
  notice: (task: Task, output: TaskOutput) =>
    [headline(task), task.description, ...explanation(task), ...shownOutput(task, output)].join('\n'),
} as const;

function headline(task: Task): string {
  const name = `Task #${task.id}`;
  switch (task.state) {
    case 'done':
      return `✅ ${name} done (${formatDuration(elapsedMs(task, task.endedAt ?? 0))})`;
    case 'failed':
      return `❌ ${name} failed (${task.reason ?? taskTexts.unexpected})`;
    case 'cancelled':
      return `🚫 ${name} cancelled`;
    case 'interrupted':
      return `⚠️ ${name} interrupted`;
    case 'queued':
    case 'running':
      return `⏳ ${name} ${task.state}`;
  }
}

function explanation({ state, reason }: Task): readonly string[] {
  const why = reason === undefined || state === 'failed' ? [] : [reason];
  return state === 'interrupted'
    ? ['PhoneWork was stopped on this machine before it was done. Nothing was run again.', ...why]
    : why;
}

function shownOutput({ id, subject, startedAt }: Task, output: TaskOutput): readonly string[] {
  if (startedAt === undefined) return [];
  const text = excerpt(
    { ...output, text: output.text.trimEnd() },
    NOTICE_CHARS,
    (missing) => `[… ${missing} characters left out; /task ${id} shows more …]`,
  );
  if (text === '') return ['', '(no output)'];
  // What a session writes is Markdown by itself.
  return ['', subject.kind === 'shell' ? outputBlock(text) : text];
}
