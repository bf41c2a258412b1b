/** Character classes of scripts written without spaces: no word can be told to go on or to end there. */
export const spaceless = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`;
const letter = String.raw`(?![${spaceless}])[\p{L}\p{N}_-]`;
const startsWithLetter = new RegExp(`^${letter}`, 'u');
const endsWithLetter = new RegExp(`(?:${letter})$`, 'u');
// A dot inside a word belongs to it (`main.ts`), a full stop does not.
const goesOn = new RegExp(String.raw`^\.?${letter}`, 'u');
const cameBefore = new RegExp(String.raw`${letter}\.?$`, 'u');
/** As many UTF-16 units as a letter and a dot can have. */
const CONTEXT = 3;

/** Whether a word can end at `index` of `text`: what stands there does not go on with it. */
export function isWordEnd(text: string, index: number): boolean {
  return (
    !endsWithLetter.test(text.slice(Math.max(0, index - CONTEXT), index)) ||
    !goesOn.test(text.slice(index, index + CONTEXT))
  );
}

/** Whether `name` stands in `text` as a word of its own; `blog` does not in `blog-v2` or `blog.ts`. */
export function hasWord(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (isWordStart(text, at) && isWordEnd(text, at + name.length)) return true;
  }
  return false;
}

function isWordStart(text: string, index: number): boolean {
  return (
    !startsWithLetter.test(text.slice(index, index + CONTEXT)) ||
    !cameBefore.test(text.slice(Math.max(0, index - CONTEXT), index))
  );
}

/** The beginning and the end of a long text, where people say what they want; what lies between is mostly pasted. */
export function excerpt(text: string): string {
  return text.length <= 2000 ? text : `${text.slice(0, 1400)}\n[…]\n${text.slice(-500)}`;
}
