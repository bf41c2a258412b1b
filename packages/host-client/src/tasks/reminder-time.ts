import { DAY_MS, MINUTE_MS } from '@phonework/shared/duration';
import { readCalendarTime } from './calendar-time.ts';
import type { Reading } from './reading.ts';
import type { Repeat } from './repeat.ts';
import { readSpan } from './time-span.ts';
import type { Clock } from './time-zone.ts';

/** In characters: what is looked at, however long the message is. */
const LONGEST_TIME = 200;

/** When a reminder is to come. Whether that can be done is the scheduler's to say: it may be in the past. */
export type ReminderTime = {
  readonly at: number;
  /** Absent: once. */
  readonly repeat?: Repeat;
  readonly maxRuns?: number;
};

/**
 * Reads the time at the beginning of `text`, in English or Chinese; the rest is the message. Undefined when there is
 * none, or none that is clear. Times of day are those of `clock.zone`, unless the text names an offset as ISO 8601 does.
 */
export function parseReminderTime(text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const trimmed = text.trim();
  const head = trimmed.slice(0, LONGEST_TIME);
  const [greeting = ''] = /^(?:me\s+)?/i.exec(head) ?? [];
  const start = head.slice(greeting.length);
  const reading = readInstant(start) ?? readRepeat(start, clock) ?? readOnce(start, clock);
  if (reading === undefined) return undefined;
  const behind = reading.rest.replace(/^[\s,，:：、。]+/, '');
  const message = greeting === '' ? behind.replace(/^提醒我\s*/, '') : behind.replace(/^(?:to|that|about)\s+/i, '');
  return { value: reading.value, rest: message + trimmed.slice(LONGEST_TIME) };
}

/** A time with its offset, as programs write it. */
function readInstant(text: string): Reading<ReminderTime> | undefined {
  const pattern = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})(?![\w:])/i;
  const [match] = pattern.exec(text) ?? [];
  const at = match === undefined ? Number.NaN : Date.parse(match.replace(' ', 'T').toUpperCase());
  return match === undefined || Number.isNaN(at) ? undefined : { value: { at }, rest: text.slice(match.length) };
}

function readOnce(text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const span = readSpan(text);
  if (span === undefined) return toReminderTime(readCalendarTime(text, clock));
  const { days, ms } = span.value;
  return (
    (days === undefined ? undefined : readDaysAhead(days, span.rest, clock)) ?? {
      value: { at: clock.now + ms },
      rest: span.rest,
    }
  );
}

/** The rest of "in 3 days at 9am". */
function readDaysAhead(days: number, text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const time = readCalendarTime(text, clock);
  if (time === undefined || time.value.day !== undefined) return undefined;
  const day = Math.floor(clock.zone.toWall(clock.now) / DAY_MS) + days;
  return { value: { at: clock.zone.fromWall(day * DAY_MS + time.value.timeOfDayMs) }, rest: time.rest };
}

function toReminderTime(reading: ReturnType<typeof readCalendarTime>): Reading<ReminderTime> | undefined {
  return reading && { value: { at: reading.value.at }, rest: reading.rest };
}

/** `every 30 min`, `every day at 9`, `every monday 9:00`, `每小时`, `每晚8点`; and how often at most: `x5`. */
function readRepeat(text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const opening = /^(?:every|each)\s+|^每(?:隔|个(?=小时|钟头|星期|礼拜))?|^(?=(?:daily|hourly)(?![a-z]))/i.exec(text);
  if (opening === null) return undefined;
  const start = text
    .slice(opening[0].length)
    .replace(/^(?:daily|日)(?![a-z])/i, '天')
    .replace(/^hourly/i, 'hour');
  const reading = readWeekly(start, clock) ?? readInterval(start, clock) ?? readDaily(start, clock);
  // "three times a day" is more than can be said here.
  if (reading === undefined || /^\s*[两三四五六七八九十]+次/.test(reading.rest)) return undefined;
  const { maxRuns, rest } = readMaxRuns(reading.rest);
  return { value: { ...reading.value, ...(maxRuns !== undefined && { maxRuns }) }, rest };
}

function readWeekly(text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const reading = readCalendarTime(text, clock);
  if (reading?.value.day?.isWeekday !== true) return undefined;
  return { value: { at: reading.value.at, repeat: everyDays(7, reading.value.timeOfDayMs) }, rest: reading.rest };
}

function readDaily(text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const reading = readCalendarTime(text, clock);
  if (reading === undefined || reading.value.day !== undefined) return undefined;
  return { value: { at: reading.value.at, repeat: everyDays(1, reading.value.timeOfDayMs) }, rest: reading.rest };
}

function everyDays(days: number, timeOfDayMs: number): Repeat {
  return { kind: 'days', days, minuteOfDay: Math.floor((timeOfDayMs % DAY_MS) / MINUTE_MS) };
}

function readInterval(text: string, clock: Clock): Reading<ReminderTime> | undefined {
  const span = readSpan(text, { countOptional: true });
  if (span === undefined) return undefined;
  const { ms, days } = span.value;
  if (days === undefined) return { value: { at: clock.now + ms, repeat: { kind: 'interval', ms } }, rest: span.rest };
  const time = readDaily(span.rest, clock);
  if (time?.value.repeat?.kind === 'days') {
    return { value: { at: time.value.at, repeat: { ...time.value.repeat, days } }, rest: time.rest };
  }
  const wall = clock.zone.toWall(clock.now);
  return {
    value: { at: clock.zone.fromWall(wall + days * DAY_MS), repeat: everyDays(days, wall % DAY_MS) },
    rest: span.rest,
  };
}

function readMaxRuns(text: string): { readonly maxRuns?: number; readonly rest: string } {
  const match =
    /^[\s,，]*(?:[x×*]\s?([1-9]\d{0,5})(?![\d.a-z])|(?:共|最多)?([1-9]\d{0,5})\s*(?:times(?![a-z])|次))/i.exec(text);
  if (match === null) return { rest: text };
  return { maxRuns: Number(match[1] ?? match[2]), rest: text.slice(match[0].length) };
}
