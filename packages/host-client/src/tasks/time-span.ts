import { DAY_MS, MINUTE_MS } from '@phonework/shared/duration';
import type { Reading } from './reading.ts';
import { hanNumber, parseNumber } from './reading.ts';

/** Longer than any that can be asked for, and short enough to be added to a date. */
const MAX_SPAN_MS = 100 * 366 * DAY_MS;

type Unit = { readonly name: 'second' | 'minute' | 'hour' | 'day'; readonly pattern: RegExp; readonly ms: number };

const units: readonly Unit[] = [
  { name: 'day', pattern: /^(?:weeks?|w|周|个?(?:星期|礼拜))$/i, ms: 7 * DAY_MS },
  { name: 'day', pattern: /^(?:days?|d|天)$/i, ms: DAY_MS },
  { name: 'hour', pattern: /^(?:hours?|hrs?|h|个?(?:小时|钟头))$/i, ms: 60 * MINUTE_MS },
  { name: 'minute', pattern: /^刻钟$/, ms: 15 * MINUTE_MS },
  { name: 'minute', pattern: /^(?:minutes?|mins?|m|分钟?)$/i, ms: MINUTE_MS },
  { name: 'second', pattern: /^(?:seconds?|secs?|s|秒钟?)$/i, ms: 1000 },
];

const unitPattern =
  '(?<unit>(?:weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[wdhms])(?![a-z])|个?(?:星期|礼拜|小时|钟头)|周|天|刻钟|分钟?|秒钟?)';
const words = ['half', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const countPattern = String.raw`(?:(?<digits>\d{1,9}(?:\.\d{1,3})?)\s*|(?<han>半|${hanNumber})\s*|(?<word>half an?|an?|${words.join('|')})\s+)`;
const piece = new RegExp(
  String.raw`^\s*(?:and\s+)?${countPattern}(?<half>个?半|and a half\s+)?${unitPattern}(?<halfAfter>半)?`,
  'i',
);
const unitAlone = new RegExp(`^${unitPattern}`, 'i');

export type Span = {
  readonly ms: number;
  /** Absent where it is not made of whole days: days are what a calendar counts, hours what a stop-watch does. */
  readonly days?: number;
};

/**
 * Reads a span of time: `90s`, `1h30m`, `1 h 30 min`, `in 2 hours`, `half an hour`, `10分钟`, `一个半小时后`. With
 * `countOptional`, for what stands behind "every", also `hour` and `天`.
 */
export function readSpan(text: string, options: { readonly countOptional?: boolean } = {}): Reading<Span> | undefined {
  let rest = text.replace(/^(?:in|after)\s+|^过/i, '');
  let ms = 0;
  let unit = options.countOptional === true ? unitAtStart(rest) : undefined;
  if (unit !== undefined) {
    ms = unit.ms;
    rest = rest.replace(unitAlone, '');
  }
  for (;;) {
    const next = readPiece(rest);
    // Units fall: "10m 5 min plank" is one of ten minutes, with a plank of five.
    if (next === undefined || next.unit.ms >= (unit?.ms ?? Number.POSITIVE_INFINITY)) break;
    ({ unit, rest } = next);
    ms += next.count * unit.ms;
  }
  if (unit === undefined) return undefined;
  if (unit.name === 'hour') {
    // 1h30
    const [minutes = ''] = /^[0-5]?\d(?![\d:.])/.exec(rest) ?? [];
    ms += Number(minutes) * MINUTE_MS;
    rest = rest.slice(minutes.length);
  }
  const isWholeDays = unit.name === 'day' && ms % DAY_MS === 0;
  ms = Math.min(Math.round(ms), MAX_SPAN_MS);
  rest = rest.replace(/^\s*(?:later(?![a-z])|from now(?![a-z])|后|之后|以后)/i, '');
  return { value: isWholeDays ? { ms, days: ms / DAY_MS } : { ms }, rest };
}

function unitAtStart(text: string): Unit | undefined {
  const unit = toUnit(unitAlone.exec(text)?.groups?.unit);
  // "every second day" is no matter of seconds.
  return unit?.name === 'second' ? undefined : unit;
}

function readPiece(text: string): { readonly count: number; readonly unit: Unit; readonly rest: string } | undefined {
  const match = piece.exec(text);
  const { digits, han, word, half, halfAfter, unit: name } = match?.groups ?? {};
  const unit = toUnit(name);
  if (match === null || unit === undefined) return undefined;
  const extra = half === undefined && halfAfter === undefined ? 0 : 0.5;
  const count = word === undefined ? toCount(digits ?? han ?? '') : toWordCount(word);
  return Number.isNaN(count) ? undefined : { count: count + extra, unit, rest: text.slice(match[0].length) };
}

function toUnit(name: string | undefined): Unit | undefined {
  return name === undefined ? undefined : units.find(({ pattern }) => pattern.test(name));
}

function toCount(text: string): number {
  return text === '半' ? 0.5 : parseNumber(text);
}

function toWordCount(word: string): number {
  if (/^half/i.test(word)) return 0.5;
  return /^an?$/i.test(word) ? 1 : words.indexOf(word.toLowerCase());
}
