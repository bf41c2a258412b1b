import type { CommandArgument, ParameterExpansionPart, ParsedScript, SyntaxNode, Word, WordPart } from 'unbash';
import { parse } from 'unbash';

/** Stands in a text for what cannot be seen. No argument of a program can contain it. */
export const unknown = '\0';

/** Begins the word that a `<(…)` whose output can be seen gives: the output follows. */
export const inlineFile = '\u0001';

export type Variable = {
  readonly text: string;
  /** More words than one even in quotes: an array, or a loop's variable. */
  readonly list: boolean;
};

/** What the line has said so far, when it is read in order. */
export type Scope = {
  readonly variables: Map<string, Variable>;
  /** Counts down what may still be read, in characters: a short line can expand without end. */
  readonly budget: { left: number };
  /** What a substitution prints, as far as it can be told. */
  readonly outputOf: (script: ParsedScript, scope: Scope) => string | undefined;
};

/**
 * The words that the shell makes of `word`, as far as the line itself tells: with its own variables, braces and the
 * output of simple substitutions such as `$(echo rm)`. A search for bad commands reads on with `unknown` in the rest.
 */
export function expandWord(word: CommandArgument, scope: Scope): readonly string[] {
  if (word.type === 'Assignment') return [word.text];
  if (word.parts === undefined) return [word.value];
  const brace = word.parts.findIndex(({ type }) => type === 'BraceExpansion');
  if (brace !== -1) return expandBrace(word.parts, brace, scope);
  const words = new Words();
  for (const part of word.parts) addPart(words, part, scope);
  return words.finish();
}

/** One text, whatever is in it: for assignments and here-documents. */
export function expandText(parts: readonly WordPart[] | undefined, fallback: string, scope: Scope): string {
  return parts === undefined ? fallback : parts.map((part) => partValue(part, scope).text).join('');
}

/** Words under construction: quoted text goes on with the last one, unquoted expansions begin new ones. */
class Words {
  readonly #finished: string[] = [];
  #current: string | undefined;

  append(text: string): void {
    this.#current = (this.#current ?? '') + text;
  }

  appendSplit(text: string): void {
    const [first = '', ...rest] = text.split(/[ \t\n]+/);
    if (first !== '') this.append(first);
    for (const word of rest) {
      if (this.#current !== undefined) this.#finished.push(this.#current);
      this.#current = word === '' ? undefined : word;
    }
  }

  finish(): readonly string[] {
    return this.#current === undefined ? this.#finished : [...this.#finished, this.#current];
  }
}

function addPart(words: Words, part: WordPart, scope: Scope): void {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') {
    words.append('');
    for (const child of part.parts) {
      const { text, list } = partValue(child, scope);
      if (list) words.appendSplit(text);
      else words.append(text);
    }
    return;
  }
  const { text } = partValue(part, scope);
  if (['SimpleExpansion', 'ParameterExpansion', 'CommandExpansion'].includes(part.type)) words.appendSplit(text);
  else words.append(text);
}

/** Takes what it finds off the budget; without one left nothing is looked at any more. */
function partValue(part: WordPart, scope: Scope): Variable {
  const value = uncheckedValue(part, scope);
  scope.budget.left -= value.text.length;
  return scope.budget.left < 0 ? single(unknown) : value;
}

function uncheckedValue(part: WordPart, scope: Scope): Variable {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'Glob':
      return single(part.value);
    case 'DoubleQuoted':
    case 'LocaleString':
      return single(expandText(part.parts, '', scope));
    case 'SimpleExpansion':
      return scope.variables.get(part.text.slice(1)) ?? single(unknown);
    case 'ParameterExpansion':
      return expandParameter(part, scope);
    case 'CommandExpansion':
      return single(outputOf(part.script, scope).replace(/\n+$/, ''));
    case 'ProcessSubstitution':
      return single(inlineFile + outputOf(part.script, scope));
    default:
      return single(unknown);
  }
}

function expandParameter({ parameter, prefix, operation }: ParameterExpansionPart, scope: Scope): Variable {
  if (prefix === '#') return single(unknown);
  const direct = scope.variables.get(parameter);
  const found = prefix === '!' ? scope.variables.get(direct?.text ?? '') : direct;
  switch (operation?.type) {
    case undefined:
      return found ?? single(unknown);
    case 'Default':
      if (operation.operator.endsWith('+') || found === undefined) return single(textOf(operation.operand, scope));
      return found;
    case 'Slice':
      return single(slice(found?.text ?? unknown, operation.offset.value, operation.length?.value));
    case 'CaseModification':
      // Names are compared without regard to case.
      return found ?? single(unknown);
    default:
      return single(unknown);
  }
}

function slice(text: string, offset: string, length: string | undefined): string {
  if (!/^\s*\d+$/.test(offset) || (length !== undefined && !/^\s*\d+$/.test(length))) return unknown;
  const start = Number(offset);
  return text.slice(start, length === undefined ? undefined : start + Number(length));
}

function textOf(word: Word, scope: Scope): string {
  return expandWord(word, scope).join(' ');
}

function outputOf(script: ParsedScript | undefined, scope: Scope): string {
  return (script && scope.outputOf(script, scope)) ?? unknown;
}

function single(text: string): Variable {
  return { text, list: false };
}

/** `{rm,-rf}` becomes two words, each read again with the text around it: braces come before everything else. */
function expandBrace(parts: readonly WordPart[], index: number, scope: Scope): readonly string[] {
  const before = sourceOf(parts.slice(0, index));
  const after = sourceOf(parts.slice(index + 1));
  return splitBrace(parts[index]?.text ?? '').flatMap((alternative) => {
    const source = `_ ${before}${alternative}${after}`;
    // Reading it again takes longer than its length says.
    scope.budget.left -= source.length + 200;
    if (scope.budget.left < 0) return [unknown];
    const call = firstCommand(parse(source));
    return call?.type === 'Command' ? call.args.flatMap((word) => expandWord(word, scope)) : [unknown];
  });
}

function firstCommand(script: ParsedScript): SyntaxNode | undefined {
  return script.commands[0]?.command;
}

function sourceOf(parts: readonly WordPart[]): string {
  return parts.map(({ text }) => text).join('');
}

/** `{a,{b,c}}` → `a`, `{b,c}`; a sequence such as `{1..3}` is nothing that can be seen. */
function splitBrace(text: string): readonly string[] {
  const alternatives: string[] = [];
  let depth = 0;
  let start = 1;
  for (const match of text.matchAll(/\\.|'[^']*'|"(?:\\.|[^"\\])*"|[{},]/gs)) {
    if (match[0] === '{') depth += 1;
    const ends = (match[0] === ',' && depth === 1) || (match[0] === '}' && depth === 1);
    if (match[0] === '}') depth -= 1;
    if (!ends) continue;
    alternatives.push(text.slice(start, match.index));
    start = match.index + 1;
  }
  return alternatives.length > 1 ? alternatives : ["'?'"];
}
