import { DAY_MS, MINUTE_MS } from '@phonework/shared/duration';
import type { Store } from '@phonework/shared/store';
import * as z from 'zod';
import type { NewJob } from '../tasks/job.ts';
import { SchedulerError } from '../tasks/job.ts';
import { reminderTexts } from '../tasks/reminder-texts.ts';
import type { ReminderTime } from '../tasks/reminder-time.ts';
import { parseReminderTime } from '../tasks/reminder-time.ts';
import type { Repeat } from '../tasks/repeat.ts';
import { intervalOf } from '../tasks/repeat.ts';
import type { Scheduler } from '../tasks/scheduler.ts';
import type { Clock } from '../tasks/time-zone.ts';
import { visibleLine } from '../texts/visible.ts';
import type { TurnContext } from '../turn-context.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

const parameters = z.object({
  action: z.enum(['remind', 'repeat', 'list', 'cancel']),
  message: z.string().optional().describe('remind, repeat: what the user is to read, or the prompt for the session.'),
  delay_seconds: z.int().positive().optional().describe('remind, repeat: seconds until the first time.'),
  at: z
    .string()
    .optional()
    .describe(
      'Instead of delay_seconds, a time of the user\'s clock: "2026-12-01 09:00", "tomorrow 9:00"; for repeat also "every day 9:00", "every monday 9:00", which need no interval_seconds.',
    ),
  interval_seconds: z.int().positive().optional().describe('repeat: seconds from one time to the next, at least 10.'),
  max_runs: z.int().positive().optional().describe('repeat: how many times in all. Default: until it is cancelled.'),
  conv_id: z
    .string()
    .min(1)
    .optional()
    .describe('remind, repeat: the session that gets the message as its prompt; its answer goes to the user.'),
  job_id: z.string().min(1).optional().describe('cancel: which one.'),
});

type Request = z.output<typeof parameters>;

export type SchedulerToolOptions = {
  readonly scheduler: Scheduler;
  readonly store: Store;
  /** Whether the user has this session. */
  readonly hasSession: (userId: string, sessionId: string) => boolean;
};

/** The `scheduler` tool: messages to the user, or prompts for a session, at a later time. */
export function schedulerTool(options: SchedulerToolOptions): Tool {
  return defineTool({
    name: 'scheduler',
    description:
      'Send the user a message, or a session a prompt, at a later time: once (remind) or again and again (repeat). Also lists and cancels what was set. It comes over restarts of this machine too.',
    parameters,
    async run(request, context) {
      switch (request.action) {
        case 'remind':
        case 'repeat':
          return await set(options, request, context);
        case 'cancel':
          return await cancel(options, request, context);
        case 'list':
          return reminderTexts.list(options.scheduler.list(context.userId), options.scheduler.clock).en;
      }
    },
  });
}

async function set(
  { scheduler, store, hasSession }: SchedulerToolOptions,
  request: Request,
  { userId, chatId, beforeEffect }: TurnContext,
): Promise<string> {
  const { clock } = scheduler;
  const { action, message = '', conv_id: sessionId } = request;
  const job = { userId, chatId, message, ...toTimes(request, clock), ...(sessionId !== undefined && { sessionId }) };
  if (sessionId !== undefined && !hasSession(userId, sessionId)) {
    throw new ToolError(`There is no session ${visibleLine(sessionId)}: list_sessions names them.`);
  }
  await beforeEffect(`scheduler: ${action} "${visibleLine(message, 100)}"`);
  try {
    return reminderTexts.set(await store.write(() => scheduler.add(job)), clock).en;
  } catch (error) {
    if (error instanceof SchedulerError) throw new ToolError(error.said, { cause: error });
    throw error;
  }
}

async function cancel(
  { scheduler, store }: SchedulerToolOptions,
  { job_id: id }: Request,
  { userId, beforeEffect }: TurnContext,
): Promise<string> {
  if (id === undefined) throw new ToolError('cancel needs job_id: list names them.');
  await beforeEffect(`scheduler: cancel ${visibleLine(id)}`);
  const job = await store.write(() => scheduler.cancel(userId, id));
  if (job === undefined) throw new ToolError(reminderTexts.notFound(id));
  return reminderTexts.cancelled(job).en;
}

/** When the job is to run. Throws ToolError for a request that leaves it open. */
function toTimes(request: Request, clock: Clock): Pick<NewJob, 'at' | 'repeat' | 'runsLeft'> {
  const first = readFirst(request, clock);
  const repeat = first?.repeat ?? (request.action === 'repeat' ? toRepeat(request, first, clock) : undefined);
  const at = first?.at ?? (repeat && clock.now + intervalOf(repeat));
  if (at === undefined) throw new ToolError('remind needs delay_seconds or at.');
  const runsLeft = repeat && (request.max_runs ?? first?.maxRuns);
  return { at, ...(repeat && { repeat }), ...(runsLeft !== undefined && { runsLeft }) };
}

function readFirst({ delay_seconds: delay, at }: Request, clock: Clock): ReminderTime | undefined {
  if (delay !== undefined && at !== undefined) throw new ToolError('Give delay_seconds or at, not both.');
  if (delay !== undefined) return { at: clock.now + delay * 1000 };
  if (at === undefined) return undefined;
  const reading = parseReminderTime(at, clock);
  if (reading?.rest === '') return reading.value;
  throw new ToolError(`at can't be read: ${visibleLine(at)}. Write it like "2026-12-01 09:00" or "tomorrow 9:00".`);
}

function toRepeat({ interval_seconds: seconds, at }: Request, first: ReminderTime | undefined, clock: Clock): Repeat {
  if (seconds === undefined) throw new ToolError('repeat needs interval_seconds, or an at such as "every day 9:00".');
  const ms = seconds * 1000;
  if (at === undefined || first === undefined || ms % DAY_MS !== 0) return { kind: 'interval', ms };
  // "At nine, every day" stays at nine when clocks change.
  const minuteOfDay = Math.floor((clock.zone.toWall(first.at) % DAY_MS) / MINUTE_MS);
  return { kind: 'days', days: ms / DAY_MS, minuteOfDay };
}
