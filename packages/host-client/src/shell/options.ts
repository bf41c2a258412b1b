import type { Argument } from './argument.ts';

/** The options of a command that are known to change nothing. All others count as dangerous. */
export type HarmlessOptions = {
  /** Short options without a value, one character each. */
  readonly flags?: string;
  /** Short options with a value, one character each. */
  readonly values?: string;
  /** Long options (without dashes) that never take the next word as a value; `=value` may be attached. */
  readonly long?: readonly string[];
  /** Long options that have a value: harmless only where it is attached by `=`. */
  readonly longAttached?: readonly string[];
  /** Long options whose value is attached, or is the next word. */
  readonly longValues?: readonly string[];
  readonly maxOperands?: number;
  /** What an operand has to begin with. */
  readonly operandPattern?: RegExp;
};

/**
 * The first argument that is not known to be harmless, as text for a person. An option must stand in the list that tells
 * exactly how it takes its value: read differently from the program, `--author -- --output=x` would hide an option.
 */
export function findForeignArgument(args: readonly Argument[], options: HarmlessOptions): string | undefined {
  const operands: Argument[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === undefined) break;
    if (!isOption(argument)) {
      if (mayBeOption(argument)) return shown(argument);
      operands.push(argument);
    } else if (argument.text === '--') {
      operands.push(...args.slice(index + 1));
      break;
    } else {
      const takesNext = readOption(argument.text, options);
      if (takesNext === undefined) return argument.text;
      if (takesNext && !isOneWord(args[++index])) return argument.text;
    }
  }
  return findForeignOperand(operands, options);
}

export function shown(argument: Argument): string {
  return argument.kind === 'fixed' ? argument.text : `${argument.text}…`;
}

function isOption({ kind, text }: Argument): boolean {
  return kind === 'fixed' && text.length > 1 && text.startsWith('-');
}

function mayBeOption({ kind }: Argument): boolean {
  return kind === 'word' || kind === 'anything';
}

function findForeignOperand(operands: readonly Argument[], options: HarmlessOptions): string | undefined {
  const { maxOperands = Number.POSITIVE_INFINITY, operandPattern } = options;
  const foreign =
    operands.find(({ text }) => operandPattern?.test(text) === false) ??
    (maxOperands === Number.POSITIVE_INFINITY ? undefined : operands.find((operand) => !isOneWord(operand))) ??
    operands[maxOperands];
  return foreign && shown(foreign);
}

/** Also true for a value that is missing: the program will complain. */
function isOneWord(argument: Argument | undefined): boolean {
  return argument?.kind !== 'operands' && argument?.kind !== 'anything';
}

/** Whether the option takes the next word as its value; undefined for an option that is not known to be harmless. */
function readOption(text: string, options: HarmlessOptions): boolean | undefined {
  if (text.startsWith('--')) {
    const [name = '', value] = text.slice(2).split('=', 2);
    if (options.longValues?.includes(name)) return value === undefined;
    if (options.longAttached?.includes(name)) return value === undefined ? undefined : false;
    return options.long?.includes(name) ? false : undefined;
  }
  for (let index = 1; index < text.length; index++) {
    const char = text.charAt(index);
    if (options.values?.includes(char)) return index === text.length - 1;
    if (!options.flags?.includes(char)) return undefined;
  }
  return false;
}
