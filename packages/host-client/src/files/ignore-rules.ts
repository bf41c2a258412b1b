import { relative, sep } from 'node:path';
import type { Ignore } from 'ignore';
import ignore from 'ignore';

/** More than what people write by hand, comments apart: rules become regular expressions, all in one step. */
const maxChars = 5_000;
/** One long rule takes longer than many short ones of the same length. */
const maxRuleChars = 200;
/** `**` in one rule, and folders in a path: the ways to match one with the other multiply. */
const maxDoubleStars = 3;
const maxFolders = 40;

type Level = { readonly folder: string; readonly rules: Ignore };

/** What the .gitignore files of a folder and of those above it say. */
export class IgnoreRules {
  /** The deepest folder first: its word goes before those of the others. */
  readonly #levels: readonly Level[];

  constructor(levels: readonly Level[] = []) {
    this.#levels = levels;
  }

  /** With those of one more folder below; `text` is its .gitignore. */
  with(folder: string, text: string): IgnoreRules {
    const rules = ignore({ ignorecase: false }).add(firstRules(text));
    return new IgnoreRules([{ folder, rules }, ...this.#levels]);
  }

  /** For a path below all of the folders. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { folder, rules } of this.#levels) {
      const names = relative(folder, path).split(sep);
      if (names.length > maxFolders) continue;
      const way = names.join('/');
      const { ignored, unignored } = rules.test(isFolder ? `${way}/` : way);
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

function firstRules(text: string): string[] {
  let chars = 0;
  return text.split('\n').filter((line) => {
    const isMeant = line.length <= maxRuleChars && line.split('**').length <= maxDoubleStars + 1;
    const isRule = /^[^#\s]/.test(line) && isMeant && chars + line.length <= maxChars;
    if (isRule) chars += line.length;
    return isRule;
  });
}
