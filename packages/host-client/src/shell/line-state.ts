import type { Assignment } from 'unbash';
import type { Scope, Variable } from './expansion.ts';
import { expandWord, unknown } from './expansion.ts';
import { outputOfScript } from './static-output.ts';

/** What may be expanded in all, in characters: far more than people write, and a moment's work. */
const maxExpandedLength = 128 * 1024;

/** What a line has set so far, when it is read in order: variables, functions, the folder. */
export class LineState implements Scope {
  readonly variables = new Map<string, Variable>([
    ['HOME', { text: '~', list: false }],
    ['IFS', { text: ' \t\n', list: false }],
    ['PATH', { text: '/', list: false }],
    ['PWD', { text: `/${unknown}`, list: false }],
  ]);
  readonly budget = { left: maxExpandedLength };
  readonly functions = new Set<string>();
  readonly outputOf = outputOfScript;
  #folder: string | undefined;

  constructor(folder?: string) {
    this.#folder = folder;
  }

  /** Where commands run; undefined where neither the caller nor the line says so. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** Runs `search`, after which the folder is what it was: a subshell. */
  inSubshell<T>(search: () => T): T {
    const folder = this.#folder;
    const found = search();
    this.#folder = folder;
    return found;
  }

  /** `cd` with these arguments. */
  enter(args: readonly string[]): void {
    const target = args.find((arg) => !/^-[LPe]+$/.test(arg) && arg !== '--') ?? '~';
    if (target === '-' || target.includes(unknown)) this.#folder = undefined;
    else if (/^[/~]/.test(target)) this.#folder = target;
    else if (this.#folder !== undefined) this.#folder += `/${target}`;
  }

  assign({ name, value, append }: Assignment): void {
    const list = value.type === 'ArrayValue';
    const words = list ? value.elements.flatMap((word) => expandWord(word, this)) : expandWord(value, this);
    const before = append ? (this.variables.get(name)?.text ?? '') : '';
    const text = before + (list && before !== '' ? ' ' : '') + words.join(' ');
    this.budget.left -= text.length;
    this.variables.set(name, { text: this.budget.left < 0 ? unknown : text, list });
  }

  setList(name: string, words: readonly string[]): void {
    this.variables.set(name, { text: words.join(' '), list: true });
  }

  /** $0, $1, … */
  setPositional(words: readonly string[]): void {
    for (const [index, word] of words.entries()) this.variables.set(`${index}`, { text: word, list: false });
    this.setList('@', words.slice(1));
    this.setList('*', words.slice(1));
  }
}
