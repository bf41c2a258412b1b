import { DAY_MS, formatDuration, MINUTE_MS } from '@phonework/shared/duration';
import type { Job } from './job.ts';
import type { Repeat } from './repeat.ts';
import type { Clock } from './time-zone.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Of a message in a list, in characters. */
const LISTED_LENGTH = 60;

type When = Clock & { readonly at: number };

/** What the scheduler says to people. */
export const reminderTexts = {
  fired: ({ message, lateMs, missedRuns }: { message: string; lateMs: number; missedRuns: number }) => {
    const note = lateNote(lateMs, missedRuns);
    return note === undefined ? `⏰ ${message}` : `⏰ ${message}\n${note}`;
  },
  set: ({ id, at, repeat, runsLeft }: Job, clock: Clock) => {
    const { now, zone } = clock;
    const repeated = repeat === undefined ? '' : `, then ${describeRepeat(repeat, runsLeft, 'in all')}`;
    const time = `${localTime({ at, ...clock })} (${zone.name}), in ${exactDuration(at - now)}`;
    return `⏰ Set for ${time}${repeated}. Cancel: /reminders cancel ${id}`;
  },
  list: (jobs: readonly Job[], clock: Clock) => {
    const [first] = jobs;
    if (first === undefined) return 'No reminders are set. Set one: /remind 10m deploy check';
    return [
      `Reminders (${clock.zone.name}):`,
      ...jobs.map((job) => listed(job, clock)),
      `Cancel one: /reminders cancel ${first.id}`,
    ].join('\n');
  },
  cancelled: ({ id, message }: Job) => `Reminder ${id} is cancelled: ${oneLine(message)}`,
  notFound: (id: string) => `There is no reminder ${oneLine(id)}. /reminders lists yours.`,
  usage:
    'Write when, then what, such as: /remind 10m deploy check, or: /remind tomorrow 9:00 stand-up. /reminders lists what is set.',
  listUsage: '/reminders lists what is set, and /reminders cancel k3f9x2 cancels the one with that id.',
  refusals: {
    empty: 'Write what to remind you of behind the time, such as: /remind 10m deploy check',
    tooLong: (length: number, most: number) =>
      `The message has ${length} characters, and a reminder holds ${most}: make it shorter.`,
    past: (when: When) =>
      `That time is over: here it is ${localTime({ ...when, at: when.now })} (${when.zone.name}), and that was ${localTime(when)}. Give a later one.`,
    tooFar: 'That is more than 5 years away: choose a nearer time.',
    tooOften: (leastMs: number) =>
      `Repeats need at least ${formatDuration(leastMs)} between them: choose a longer time.`,
    tooMany: (most: number) =>
      `You have ${most} reminders, which is the most there can be: /reminders lists them, cancel some.`,
  },
} as const;

function lateNote(lateMs: number, missedRuns: number): string | undefined {
  if (missedRuns > 0) return missedRuns === 1 ? '(1 run was missed)' : `(${missedRuns} runs were missed)`;
  return lateMs > 0 ? `(due ${formatDuration(lateMs)} ago: this machine was off)` : undefined;
}

function listed({ id, at, repeat, runsLeft, message, sessionId }: Job, clock: Clock): string {
  return [
    id,
    `${localTime({ at, ...clock })}, in ${exactDuration(at - clock.now)}`,
    ...(repeat === undefined ? [] : [describeRepeat(repeat, runsLeft, 'left')]),
    ...(sessionId === undefined ? [] : [`to session ${sessionId}`]),
    oneLine(message),
  ].join(' · ');
}

function describeRepeat(repeat: Repeat, runs: number | undefined, what: string): string {
  const limit = runs === undefined ? '' : `, ${runs} ${runs === 1 ? 'time' : 'times'} ${what}`;
  return `every ${describeInterval(repeat)}${limit}`;
}

function describeInterval(repeat: Repeat): string {
  if (repeat.kind === 'interval') return exactDuration(repeat.ms);
  if (repeat.days === 1) return 'day';
  return repeat.days === 7 ? 'week' : `${repeat.days} days`;
}

/** `Tue 24 Nov 09:00`, with the year where it is another one. */
function localTime({ at, now, zone }: When): string {
  const time = new Date(zone.toWall(at));
  const year = time.getUTCFullYear();
  const date = `${weekdays[time.getUTCDay()]} ${time.getUTCDate()} ${months[time.getUTCMonth()]}`;
  const ofYear = year === new Date(zone.toWall(now)).getUTCFullYear() ? '' : ` ${year}`;
  return `${date}${ofYear} ${time.toISOString().slice(11, 16)}`;
}

/** `1h 30m`: the two largest units, since somebody has just asked for just that. */
function exactDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  const parts = [
    [Math.floor(ms / DAY_MS), 'd'],
    [Math.floor(ms / (60 * MINUTE_MS)) % 24, 'h'],
    [Math.floor(ms / MINUTE_MS) % 60, 'm'],
    [Math.floor(ms / 1000) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ');
}

function oneLine(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  const isLong = characters.length > LISTED_LENGTH;
  return isLong ? `${characters.slice(0, LISTED_LENGTH - 1).join('')}…` : characters.join('');
}
