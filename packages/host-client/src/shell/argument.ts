import type { CommandArgument, DoubleQuotedChild, Word, WordPart } from 'unbash';

/**
 * What can be known of an argument before the shell expands it:
 * - `fixed`: exactly one word, and its text.
 * - `operand`: exactly one word, which starts with `text`: not with a dash, so no program takes it for an option.
 * - `operands`: any number of words of which each is such an operand.
 * - `word`: exactly one word, which may be an option.
 * - `anything`: any number of words, which may be options.
 */
export type Argument = {
  readonly kind: 'fixed' | 'operand' | 'operands' | 'word' | 'anything';
  /** The text, or what is known of its beginning. */
  readonly text: string;
};

export function toArgument(argument: CommandArgument): Argument {
  if (argument.type === 'Assignment') return { kind: 'anything', text: argument.text };
  const parts = argument.parts;
  if (parts === undefined) return { kind: 'fixed', text: argument.value };
  let text = '';
  for (const [index, part] of parts.entries()) {
    const { known, complete } = knownText(part);
    text += known;
    if (!complete) return { kind: openKind(text, parts.slice(index)), text };
  }
  return { kind: 'fixed', text };
}

/** The word's text where no expansion has a say in it. */
export function fixedText(word: Word): string | undefined {
  const argument = toArgument(word);
  return argument.kind === 'fixed' ? argument.text : undefined;
}

function openKind(text: string, rest: readonly WordPart[]): Argument['kind'] {
  if (rest.some(mayGiveAnyWords)) return 'anything';
  const mayGiveSeveral = rest.some(({ type }) => ['Glob', 'ExtendedGlob', 'BraceExpansion'].includes(type));
  // The shell writes the path of a pipe here.
  const startsSafely = text === '' ? rest[0]?.type === 'ProcessSubstitution' : !text.startsWith('-');
  if (startsSafely) return mayGiveSeveral ? 'operands' : 'operand';
  return mayGiveSeveral ? 'anything' : 'word';
}

function knownText(part: WordPart): { readonly known: string; readonly complete: boolean } {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return { known: part.value, complete: true };
    case 'DoubleQuoted':
    case 'LocaleString': {
      const open = part.parts.findIndex((child) => child.type !== 'Literal');
      const known = (open === -1 ? part.parts : part.parts.slice(0, open)).map(literalValue).join('');
      return { known, complete: open === -1 };
    }
    default:
      return { known: '', complete: false };
  }
}

function literalValue(part: DoubleQuotedChild): string {
  return part.type === 'Literal' ? part.value : '';
}

/** Unquoted expansions are split into words; "$@" and "${a[@]}" are even where they are quoted. */
function mayGiveAnyWords(part: WordPart): boolean {
  switch (part.type) {
    case 'SimpleExpansion':
    case 'ParameterExpansion':
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
      return true;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.some(({ type, text }) => type !== 'Literal' && text.includes('@'));
    default:
      return false;
  }
}
