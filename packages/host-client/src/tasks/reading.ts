/** What stood at the beginning of a text, and what is left of it. */
export type Reading<T> = { readonly value: T; readonly rest: string };

/** A number of up to three Chinese digits, for use in a pattern; `parseNumber` reads what it matches. */
export const hanNumber = '[零〇一二两三四五六七八九十]{1,3}';

const hanDigits = new Map([...'零一二三四五六七八九'].map((digit, value) => [digit, value]));

/** `12`, `2.5`, `十二`, `二十`, `零五`, `两`. NaN for anything else. */
export function parseNumber(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const han = text.replace('〇', '零').replace('两', '二');
  const match = /^(?:零|(?<tens>[一二三四五六七八九]?)十)?(?<ones>[零一二三四五六七八九]?)$/.exec(han);
  if (match === null || han === '') return Number.NaN;
  const { tens, ones = '' } = match.groups ?? {};
  return (tens === undefined ? 0 : (hanDigits.get(tens) ?? 1) * 10) + (hanDigits.get(ones) ?? 0);
}
