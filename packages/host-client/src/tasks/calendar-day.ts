import { DAY_MS } from '@phonework/shared/duration';
import type { Reading } from './reading.ts';
import { hanNumber, parseNumber } from './reading.ts';

/** Days are counted from 1 January 1970, a Thursday. */
export type CalendarDay = {
  /** Those that may be meant, earliest first: a Monday is this week's or the next one's. */
  readonly candidates: readonly number[];
  /** A day of any week: what "every" can stand before. */
  readonly isWeekday: boolean;
};

type Groups = Readonly<Record<string, string | undefined>>;
type Rule = { readonly pattern: RegExp; read(groups: Groups, today: number): CalendarDay };

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const weekdayPattern =
  'mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?';
const months = 'january february march april may june july august september october november december'.split(' ');
const monthPattern = months.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|');
const dayOfMonth = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const ofYear = String.raw`(?:,?\s+(?<year>\d{4})(?![\d:]))?`;
const hanDay = String.raw`(?<day>\d{1,2}|${hanNumber})[日号號]`;

const rules: readonly Rule[] = [
  // Today, but the words also say which part of it: they are left for who reads that.
  {
    pattern: /^(?=tonight(?![a-z]))|^this (?=(?:morning|afternoon|evening)(?![a-z]))|^今(?=[早晚])/i,
    read: daysAhead(0),
  },
  { pattern: /^yesterday(?![a-z'’])|^昨[天日]/i, read: daysAhead(-1) },
  { pattern: /^today(?![a-z'’])|^今[天日]/i, read: daysAhead(0) },
  { pattern: /^(?:the )?day after tomorrow(?![a-z'’])|^后[天日]/i, read: daysAhead(2) },
  { pattern: /^tomorrow(?![a-z'’])|^明[天日]|^明(?=[早晚])/i, read: daysAhead(1) },
  { pattern: /^大后[天日]/, read: daysAhead(3) },
  {
    pattern: new RegExp(`^(?<which>this |next |last )?(?<weekday>${weekdayPattern})(?![a-z'’])`, 'i'),
    read: ({ which, weekday = '' }, today) => {
      const index = weekdays.findIndex((name) => name.startsWith(weekday.slice(0, 3).toLowerCase()));
      return weekdayOf(index, englishWeeks.get(which?.trim().toLowerCase() ?? ''), today);
    },
  },
  {
    pattern: /^(?<which>这|本|上|下{1,2})?个?(?:周|星期|礼拜)(?<weekday>[一二三四五六日天])(?!次)/,
    read: ({ which = '', weekday = '' }, today) =>
      weekdayOf('一二三四五六日'.indexOf(weekday.replace('天', '日')), chineseWeeks.get(which), today),
  },
  { pattern: /^(?<year>\d{4})(?<dash>[-/.])(?<month>\d{1,2})\k<dash>(?<day>\d{1,2})(?!\d)/, read: dateOf },
  {
    pattern: new RegExp(
      `^(?:(?:(?<year>\\d{4})年|(?<which>今年|明年))\\s*)?(?<month>\\d{1,2}|${hanNumber})月${hanDay}`,
    ),
    read: dateOf,
  },
  { pattern: new RegExp(`^${hanDay}`), read: ({ day = '' }, today) => inNextMonths(parseNumber(day), today) },
  { pattern: new RegExp(`^(?<name>${monthPattern})\\.? ${dayOfMonth}(?![\\d:a-z])${ofYear}`, 'i'), read: dateOf },
  { pattern: new RegExp(`^${dayOfMonth} (?:of )?(?<name>${monthPattern})(?![a-z'’])${ofYear}`, 'i'), read: dateOf },
];

const englishWeeks = new Map([
  ['this', 0],
  ['next', 1],
  ['last', -1],
]);
const chineseWeeks = new Map([
  ['这', 0],
  ['本', 0],
  ['上', -1],
  ['下', 1],
  ['下下', 2],
]);

/** Reads a day: `tomorrow`, `fri`, `next monday`, `2026-12-01`, `Dec 1`, `后天`, `下周一`, `12月1日`. */
export function readDay(text: string, today: number): Reading<CalendarDay> | undefined {
  for (const { pattern, read } of rules) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const value = read(match.groups ?? {}, today);
    return value.candidates.length === 0 ? undefined : { value, rest: text.slice(match[0].length) };
  }
  return undefined;
}

function daysAhead(days: number): Rule['read'] {
  return (_, today) => ({ candidates: [today + days], isWeekday: false });
}

function weekdayOf(weekday: number, week: number | undefined, today: number): CalendarDay {
  const monday = today - ((today + 3) % 7);
  const day = monday + weekday;
  if (week !== undefined) return { candidates: [day + week * 7], isWeekday: false };
  return { candidates: [day, day + 7], isWeekday: true };
}

function dateOf({ year, which, month, name, day = '' }: Groups, today: number): CalendarDay {
  const thisYear = new Date(today * DAY_MS).getUTCFullYear();
  const monthIndex =
    name === undefined
      ? parseNumber(month ?? '') - 1
      : months.findIndex((full) => full.startsWith(name.slice(0, 3).toLowerCase()));
  const years =
    year !== undefined
      ? [Number(year)]
      : which !== undefined
        ? [thisYear + (which === '明年' ? 1 : 0)]
        : yearsFrom(thisYear);
  return existing(years.map((each) => [each, monthIndex, parseNumber(day)]));
}

/** Enough for the next 29 February. */
function yearsFrom(year: number): number[] {
  return Array.from({ length: 9 }, (_, index) => year + index);
}

/** Two months in a row with less than 31 days there are none. */
function inNextMonths(day: number, today: number): CalendarDay {
  const now = new Date(today * DAY_MS);
  return existing(
    [0, 1, 2].map((ahead) => {
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead));
      return [month.getUTCFullYear(), month.getUTCMonth(), day];
    }),
  );
}

/** Without 30 February and the like. */
function existing(dates: readonly (readonly [year: number, monthIndex: number, day: number])[]): CalendarDay {
  const candidates = dates.flatMap(([year, monthIndex, day]) => {
    const date = new Date(Date.UTC(year, monthIndex, day));
    const exists = date.getUTCMonth() === monthIndex && date.getUTCDate() === day;
    return exists ? [date.getTime() / DAY_MS] : [];
  });
  return { candidates, isWeekday: false };
}
