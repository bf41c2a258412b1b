import type { Said } from '@phonework/shared/language';
import type { Reply } from '../approvals/question.ts';
import { SchedulerError } from '../tasks/job.ts';
import { reminderTexts } from '../tasks/reminder-texts.ts';
import { parseReminderTime } from '../tasks/reminder-time.ts';
import type { Scheduler } from '../tasks/scheduler.ts';
import type { CommandRequest, ImmediateCommand } from './command.ts';
import { offer } from './command-buttons.ts';
import { remindTexts as texts } from './remind-texts.ts';

const MAX_CANCEL_BUTTONS = 5;

/** `/remind <time> <message>`: sets a reminder, without the model. */
export function remindCommand(scheduler: Scheduler): ImmediateCommand {
  return { kind: 'immediate', name: '/remind', run: (request) => remind(scheduler, request) };
}

/** `/reminders`: what the user has set, with buttons to cancel; `/reminders cancel <id>` takes one back. */
export function remindersCommand(scheduler: Scheduler): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/reminders',
    run({ userId, argument }) {
      if (argument === '') return list(scheduler, userId);
      const [, id] = /^cancel\s+#?([0-9a-z]+)$/i.exec(argument) ?? [];
      if (id === undefined) return reminderTexts.listUsage;
      const cancelled = scheduler.cancel(userId, id.toLowerCase());
      return cancelled === undefined ? reminderTexts.notFound(id) : reminderTexts.cancelled(cancelled);
    },
  };
}

function list(scheduler: Scheduler, userId: string): Reply {
  const jobs = scheduler.list(userId);
  const buttons = jobs.slice(0, MAX_CANCEL_BUTTONS).map(({ id }) => ({
    label: texts.cancelButton(id),
    command: `/reminders cancel ${id}`,
    style: 'danger' as const,
  }));
  return { text: reminderTexts.list(jobs, scheduler.clock), ...offer(texts.listTitle, buttons) };
}

function remind(scheduler: Scheduler, { userId, chatId, argument }: CommandRequest): Said {
  const { clock } = scheduler;
  const reading = parseReminderTime(argument, clock);
  if (reading === undefined) return reminderTexts.usage;
  const { maxRuns, ...time } = reading.value;
  try {
    const job = scheduler.add({
      userId,
      chatId,
      message: reading.rest,
      ...time,
      ...(maxRuns !== undefined && { runsLeft: maxRuns }),
    });
    return reminderTexts.set(job, clock);
  } catch (error) {
    if (error instanceof SchedulerError) return error.said;
    throw error;
  }
}
