import { readdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

type Text = { readonly en: string; readonly zh: string };

export type Catalogue = {
  /** How many texts were looked at. */
  readonly texts: number;
  /** What is wrong with them: `turn-texts.ts turnTexts.waiting: …`. */
  readonly faults: readonly string[];
  /** Functions that no made-up arguments fit. */
  readonly uncalled: readonly string[];
};

/**
 * Imports every `*texts.ts` below `folder`, and looks at all texts in two languages that they export. Functions get
 * made-up arguments, or those that `samples` has under their names: `turnTexts waiting`.
 */
export async function readCatalogues(
  folder: URL,
  samples: Readonly<Record<string, readonly unknown[]>> = {},
): Promise<Catalogue> {
  const found: Findings = { texts: 0, faults: [], uncalled: [] };
  for (const file of await readdir(fileURLToPath(folder), { recursive: true })) {
    if (!file.endsWith('texts.ts')) continue;
    const module: unknown = await import(pathToFileURL(`${fileURLToPath(folder)}/${file}`).href);
    for (const [name, value] of leaves(module, ''))
      look(value, { path: `${file} ${name}`, sample: samples[name] }, found);
  }
  return found;
}

type Findings = { texts: number; readonly faults: string[]; readonly uncalled: string[] };

function look(
  value: unknown,
  { path, sample }: { readonly path: string; readonly sample: readonly unknown[] | undefined },
  found: Findings,
): void {
  const said = isFunction(value) ? call(value, sample) : value;
  if (said === 'uncalled') found.uncalled.push(path);
  if (!isText(said)) return;
  found.texts += 1;
  found.faults.push(...faultsOf(said).map((fault) => `${path}: ${fault}`));
}

/** Texts, functions, and what is neither, by their paths. */
function leaves(value: unknown, path: string): (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || isText(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inside]) => leaves(inside, `${path} ${name}`.trim()));
}

function isText(value: unknown): value is Text {
  return typeof value === 'object' && value !== null && 'en' in value && 'zh' in value;
}

type Make = (...args: readonly unknown[]) => unknown;

function isFunction(value: unknown): value is Make {
  return typeof value === 'function';
}

/** In place of arguments: each is seen again where a text holds it, in either language. */
const made = ['argone', 'argtwo', 'argthree', 'argfour'];

/** What the `index`-th argument may be. Of the numbers the first is no duration and no size to speak of. */
function guesses(index: number): readonly unknown[] {
  const word = made[index] ?? 'argmore';
  const number = 3 + index;
  const text = { en: word, zh: word };
  return [word, text, number, number * 3_600_000, [word], [text], undefined, anything(word, number)];
}

/** An object with every property: names are words, times and counts are numbers. */
function anything(word: string, number: number): unknown {
  return new Proxy(
    {},
    {
      get(_target, name) {
        if (typeof name === 'symbol') return undefined;
        if (/(Ms|At|at|Count|number|length|bytes|size)$/.test(name)) return number;
        return word;
      },
      has: () => false,
    },
  );
}

/** The first result of made-up arguments that reads as if they were meant; `uncalled` where there is none. */
function call(make: Make, sample: readonly unknown[] | undefined): unknown {
  let other: unknown = 'uncalled';
  for (const args of sample === undefined ? combinations(Math.max(3, make.length)) : [sample]) {
    const result = attempt(make, args);
    if (isText(result) && isClean(result)) return result;
    // A text for the model alone, which stays in English.
    if (typeof result === 'string' && isClean({ en: result, zh: result })) other = undefined;
  }
  return other;
}

function attempt(make: Make, args: readonly unknown[]): unknown {
  try {
    return make(...args);
  } catch {
    // Arguments of the wrong kind.
    return undefined;
  }
}

function isClean({ en, zh }: Text): boolean {
  return [en, zh].every((text) => typeof text === 'string' && !/undefined|NaN|\[object|Invalid Date/.test(text));
}

function combinations(length: number, index = 0): readonly (readonly unknown[])[] {
  if (index >= Math.min(length, 4)) return [[]];
  const rest = combinations(length, index + 1);
  return guesses(index).flatMap((guess) => rest.map((others) => [guess, ...others]));
}

const han = /\p{Script=Han}/u;

/** What both languages have to hold: arguments, commands, the names of settings, and numbers. */
const kept = [/\b(?:argone|argtwo|argthree|argfour)\b/g, /(?<![\w<])\/[a-z]{2,}\b/g, /\b[A-Z]+(?:_[A-Z]+)+\b/g, /\d+/g];

function faultsOf({ en, zh }: Text): readonly string[] {
  if (en.trim() === '' || zh.trim() === '') return en === zh ? [] : ['empty in one language'];
  const missing = kept.flatMap((pattern) => en.match(pattern) ?? []).filter((part) => !zh.includes(part));
  return [
    ...(hasWords(en) && !han.test(zh) ? [`not Chinese: ${zh}`] : []),
    ...(han.test(en) ? [`Chinese in the English: ${en}`] : []),
    ...(missing.length > 0 ? [`the Chinese lacks ${missing.join(', ')}: ${zh}`] : []),
  ];
}

/** They are the same in Chinese. */
const names = /\b(?:Shell|Claude|Code|PhoneWork)\b/g;

/** Whether there is anything to translate: not in a mark, a number, a name, or what is only passed on. */
function hasWords(en: string): boolean {
  const own = [...kept, names].reduce((text, pattern) => text.replaceAll(pattern, ''), en);
  return /\p{Script=Latin}{3,}/u.test(own);
}
