import type { Language, Said } from './language/language.ts';
import { inLanguage, languages } from './language/language.ts';

type Option = {
  readonly id: string;
  readonly label: string;
  /** What the button is called in the other language, where that is something else. */
  readonly also?: string | undefined;
  readonly style: 'default' | 'primary' | 'danger';
};

/** A label has 200 characters at most: what is much longer is no answer, and not worth a closer look. */
const MAX_LENGTH = 300;

/** What people put around an answer. No dash, since -1 is not 1; no question mark, since "yes?" is not a yes. */
const edges = /^[[\p{P}\s]--[\p{Pd}?\/@]]+|[[\p{P}\s]--[\p{Pd}?\/@]]+$/gv;

const words: ReadonlyMap<string, 'primary' | 'danger'> = new Map([
  ...['y', 'yes', 'ok', '允许', '同意', '是'].map((word) => [word, 'primary'] as const),
  ...['n', 'no', '拒绝', '否', '不'].map((word) => [word, 'danger'] as const),
]);

/** What a button is called for a reader of `language`. */
export function namesOf(label: Said, language: Language): Pick<Option, 'label' | 'also'> {
  const shown = inLanguage(label, language);
  const also = languages.map((each) => inLanguage(label, each)).find((name) => name !== shown);
  return { label: shown, ...(also !== undefined && { also }) };
}

/** The button that a typed text stands for: by its number, counted from 1, its label in any language or its id. */
export function findTyped<T extends Option>(options: readonly T[], text: string): T | undefined {
  const typed = normalize(text);
  if (typed === '') return undefined;
  if (/^\d{1,2}$/.test(typed)) return options[Number(typed) - 1];
  return (
    options.find(({ id, label }) => typed === normalize(id) || typed === normalize(label)) ??
    options.find(({ also }) => also !== undefined && typed === normalize(also))
  );
}

/** The same for "yes" and "no": the first button of the style `primary`, and the first one of `danger`. */
export function findYesOrNo<T extends Option>(options: readonly T[], text: string): T | undefined {
  const meant = words.get(normalize(text));
  return meant && options.find(({ style }) => style === meant);
}

/** Full-width characters become plain ones, capital letters small ones, and punctuation around it is left out. */
function normalize(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > MAX_LENGTH ? '' : trimmed.normalize('NFKC').replace(edges, '').toLowerCase();
}
