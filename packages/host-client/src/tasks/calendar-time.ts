import { DAY_MS } from '@phonework/shared/duration';
import type { CalendarDay } from './calendar-day.ts';
import { readDay } from './calendar-day.ts';
import type { Reading } from './reading.ts';
import type { ClockTime, DayPart } from './time-of-day.ts';
import { msOfDay, readClockTime, readDayPart } from './time-of-day.ts';
import type { Clock } from './time-zone.ts';

export type CalendarTime = {
  /** ms since the epoch; not after now where all that may be meant is over. */
  readonly at: number;
  /** The time of day, from its midnight; it may lie beyond the next one. */
  readonly timeOfDayMs: number;
  /** The day as it was given; absent: a time of day alone. */
  readonly day?: CalendarDay;
};

/** "tomorrow" alone means the morning. */
const USUAL_MS = 9 * 3_600_000;

type Pieces = { readonly day?: CalendarDay; readonly part?: DayPart; readonly clockTime?: ClockTime };

/** Reads a day, a time of day, or both, in either order: `tomorrow 9:00`, `at 18:30`, `周五 9:00`, `9am on friday`. */
export function readCalendarTime(text: string, { now, zone }: Clock): Reading<CalendarTime> | undefined {
  const today = Math.floor(zone.toWall(now) / DAY_MS);
  const { value: pieces, rest } = readPieces(text, today);
  const { day, part, clockTime } = pieces;
  if (Object.keys(pieces).length === 0) return undefined;
  // Better not understood than a time that nobody meant: "tomorrow 25:00", "mon and thu 9:00".
  if (clockTime === undefined && (/^\s*\d/.test(rest) || isListOfDays(rest, today))) return undefined;
  const ms = clockTime === undefined ? (part?.usualMs ?? USUAL_MS) : msOfDay(clockTime, part);
  // "1 at night" is of the evening before, if that was yesterday.
  const candidates = day?.candidates ?? [today - 1, today, today + 1];
  const times = candidates.map((candidate) => zone.fromWall(candidate * DAY_MS + ms));
  const at = times.find((time) => time > now) ?? times.at(-1) ?? now;
  return { value: { at, timeOfDayMs: ms, ...(day && { day }) }, rest };
}

function readPieces(text: string, today: number): Reading<Pieces> {
  let pieces: Pieces = {};
  let rest = text;
  for (;;) {
    const next = readPiece(rest, pieces, today);
    if (next === undefined) return { value: pieces, rest };
    pieces = { ...pieces, ...next.value };
    rest = next.rest;
  }
}

/** One piece more. Each comes once, and behind a time of day stands only what clearly belongs to it. */
function readPiece(text: string, pieces: Pieces, today: number): Reading<Pieces> | undefined {
  const start = text.replace(/^[\s,，]*(?:on\s+|T(?=\d))?/i, '');
  const isBehindTime = pieces.clockTime !== undefined;
  if (pieces.day === undefined && !(isBehindTime && /^[^\x20-\x7f]/.test(start))) {
    const day = readDay(start, today);
    if (day !== undefined) return { value: { day: day.value }, rest: day.rest };
  }
  if (pieces.part === undefined && (!isBehindTime || /^(?:in the |at night|tonight)/i.test(start))) {
    const part = readDayPart(start);
    if (part !== undefined) return { value: { part: part.value }, rest: part.rest };
  }
  const clockTime = isBehindTime ? undefined : readClockTime(start);
  return clockTime && { value: { clockTime: clockTime.value }, rest: clockTime.rest };
}

function isListOfDays(rest: string, today: number): boolean {
  const [link] = /^\s*(?:and\s|to\s|[-–,，、&/和与到至])\s*/i.exec(rest) ?? [];
  return link !== undefined && readDay(rest.slice(link.length), today) !== undefined;
}
