/** The languages that people are spoken to in. */
export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** One thing to say, in each language. */
export type Text = Readonly<Record<Language, string>>;

/** What somebody reads: in the language of the reader, or as it is, where a person, a model or a program wrote it. */
export type Said = string | Text;

export function inLanguage(said: Said, language: Language): string {
  return typeof said === 'string' ? said : said[language];
}

/** A text that is put together in each language. */
export function bilingual(make: (language: Language) => string): Text {
  return { en: make('en'), zh: make('zh') };
}

/** Puts parts together; those that are empty are left out. */
export function join(parts: readonly Said[], separator: string): Text {
  return bilingual((language) =>
    parts
      .map((part) => inLanguage(part, language))
      .filter((part) => part !== '')
      .join(separator),
  );
}

const han = /\p{Script=Han}/gu;
/** Japanese holds Han too, and who writes it reads English rather than Chinese. */
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** With the signs around it; a path, an address or a name in code is none. */
const word = /^["'“(]*\p{Script=Latin}{2,}(?:['’-]\p{Script=Latin}+)*[.,;:!?"'”)…]*$/u;

/** "ok" and `npm` are the same in Chinese. */
const MIN_WORDS = 2;

/**
 * The language that a message is written in; undefined where it does not tell, like `42`, `ok`, a command, or code: those
 * are the same words for everybody.
 */
export function languageOf(message: string): Language | undefined {
  // The beginning tells, and a pasted log of a megabyte need not be read for it. What a machine is called does not.
  const text = message
    .slice(0, 500)
    .replaceAll(/```[\s\S]*?(?:```|$)/g, ' ')
    .replace(/^\s*@\S+/, '');
  const characters = kana.test(text) ? 0 : (text.match(han)?.length ?? 0);
  // A log under a sentence says nothing of who sends it.
  const words = countWords(text.trim().split('\n', 1)[0] ?? '', Math.max(MIN_WORDS, characters * 2 + 1));
  // A Chinese sentence about programs is half English, and an English one hardly ever half Chinese.
  if (characters > 0 && characters * 2 >= words) return 'zh';
  if (/^\s*[/!]/.test(text)) return undefined;
  return words >= MIN_WORDS ? 'en' : undefined;
}

/** How many words a line has; not more than `max`, since what follows them changes nothing. */
function countWords(line: string, max: number): number {
  let words = 0;
  for (const [part] of line.matchAll(/\S+/g)) {
    if (word.test(part)) words += 1;
    if (words === max) break;
  }
  return words;
}
