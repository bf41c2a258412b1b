import { HOUR_MS, MINUTE_MS } from '@phonework/shared/duration';
import type { Reading } from './reading.ts';
import { hanNumber, parseNumber } from './reading.ts';

type DayPartName = 'dawn' | 'morning' | 'noon' | 'afternoon' | 'evening';

export type DayPart = {
  readonly name: DayPartName;
  /** What is meant when no time is given, ms since midnight. */
  readonly usualMs: number;
};

const dayParts: readonly (DayPart & { readonly pattern: RegExp })[] = [
  { name: 'dawn', usualMs: 5 * HOUR_MS, pattern: /^凌晨/ },
  { name: 'morning', usualMs: 9 * HOUR_MS, pattern: /^(?:(?:in the )?morning(?![a-z])|清晨|早上|早晨|上午|早)/i },
  { name: 'noon', usualMs: 12 * HOUR_MS, pattern: /^中午/ },
  { name: 'afternoon', usualMs: 15 * HOUR_MS, pattern: /^(?:(?:in the )?afternoon(?![a-z])|下午|午后)/i },
  {
    name: 'evening',
    usualMs: 20 * HOUR_MS,
    pattern: /^(?:(?:(?:in the )?evening|(?:at )?night|tonight)(?![a-z])|傍晚|晚上|夜里|夜间|深夜|半夜|晚)/i,
  },
];

/** What a clock shows. */
export type ClockTime = {
  readonly hour: number;
  /** Minutes and seconds, in ms. */
  readonly msOfHour: number;
  /** "pm" or "am" was said: a part of the day changes nothing more. */
  readonly isOfDay: boolean;
};

const withMinutes =
  /^(?:at\s+)?(?<hour>\d{1,2})[:：](?<minute>\d{2})(?::(?<second>\d{2}))?(?![:：]?\d)(?:\s*(?<half>[ap])\.?m\.?(?![a-z]))?/i;
const withHalf = /^(?:at\s+)?(?<hour>\d{1,2})\s*(?<half>[ap])\.?m\.?(?![a-z])/i;
const withHour = /^(?:at\s+)?(?<hour>\d{1,2})\s*o['’]?clock(?![a-z])|^at\s+(?<bare>\d{1,2})(?![\d:.：%a-z])/i;
const inChinese = new RegExp(
  String.raw`^(?<hour>\d{1,2}|${hanNumber})[点點时時](?:钟|整)?(?:(?<half>半)|(?<quarter>[一三])刻|(?<minute>\d{2}|${hanNumber})分?(?!\d|个)|(?<shortMinute>\d)分)?`,
);
const named = /^(?:at\s+)?(?:(?<noon>noon(?![a-z])|正午)|midnight(?![a-z])|午夜)/i;

/** Reads a part of the day: `morning`, `下午`, `晚`. */
export function readDayPart(text: string): Reading<DayPart> | undefined {
  for (const { pattern, ...value } of dayParts) {
    const [match] = pattern.exec(text) ?? [];
    if (match !== undefined) return { value, rest: text.slice(match.length) };
  }
  return undefined;
}

/** Reads a time of day: `18:30`, `9am`, `at 9`, `noon`, `9点半`, `三点一刻`. A number alone is none. */
export function readClockTime(text: string): Reading<ClockTime> | undefined {
  const match = [withMinutes, withHalf, withHour, inChinese, named].map((pattern) => pattern.exec(text)).find(Boolean);
  if (!match) return undefined;
  const value = named.test(text) ? namedTime(match) : toClockTime(match.groups ?? {});
  return value && { value, rest: text.slice(match[0].length) };
}

function namedTime({ groups }: RegExpExecArray): ClockTime {
  return { hour: groups?.noon === undefined ? 24 : 12, msOfHour: 0, isOfDay: true };
}

function toClockTime(groups: Readonly<Record<string, string | undefined>>): ClockTime | undefined {
  const hour = parseNumber(groups.hour ?? groups.bare ?? '');
  const minute = minuteOf(groups);
  const second = Number(groups.second ?? 0);
  const isInDay = hour <= 24 && minute < 60 && second < 60 && !(hour === 24 && minute + second > 0);
  if (!isInDay) return undefined;
  const msOfHour = minute * MINUTE_MS + second * 1000;
  const half = groups.half?.toLowerCase();
  if (half !== 'a' && half !== 'p') return { hour, msOfHour, isOfDay: false };
  if (hour < 1 || hour > 12) return undefined;
  return { hour: (hour % 12) + (half === 'p' ? 12 : 0), msOfHour, isOfDay: true };
}

function minuteOf({ half, quarter, minute, shortMinute }: Readonly<Record<string, string | undefined>>): number {
  if (half === '半') return 30;
  if (quarter !== undefined) return parseNumber(quarter) * 15;
  const digits = minute ?? shortMinute;
  return digits === undefined ? 0 : parseNumber(digits);
}

/**
 * The time as ms since the day's midnight. It can lie beyond the day: 12 in the evening is its end, and 1 at night is
 * an hour later.
 */
export function msOfDay({ hour, msOfHour, isOfDay }: ClockTime, part: DayPart | undefined): number {
  return (isOfDay ? hour : hourOf(hour, part?.name)) * HOUR_MS + msOfHour;
}

function hourOf(hour: number, part: DayPartName | undefined): number {
  switch (part) {
    case 'dawn':
      return hour === 12 ? 0 : hour;
    case 'noon':
      return hour < 4 ? hour + 12 : hour;
    case 'afternoon':
      return hour < 12 ? hour + 12 : hour;
    case 'evening':
      if (hour < 5) return hour + 24;
      return hour <= 12 ? hour + 12 : hour;
    case 'morning':
    case undefined:
      return hour;
  }
}
