import { parseArgs } from 'node:util';

/** A command of a program's: something that is done at once instead of starting it. */
export type CommandDescription = {
  /** The words that call it: `node add`. */
  readonly name: string;
  /** What follows them, as `--help` shows it. */
  readonly parameters: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Its own flags; each takes a value and may be repeated. */
  readonly flags: readonly string[];
};

export type ProgramDescription = {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly configFile: string;
  readonly commands?: readonly CommandDescription[];
};

/** What was typed after a command's name. */
export type CommandArguments = {
  readonly operands: readonly string[];
  readonly flags: Readonly<Record<string, readonly string[]>>;
};

export type Invocation = {
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
  /** Undefined: the program itself is to be started. */
  readonly command: ({ readonly name: string } & CommandArguments) | undefined;
};

/** It was called in a way that it does not know. The message is a line for the person at the terminal. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

const options = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** `words` are the arguments behind the program's name. Throws UsageError. */
export function readInvocation({ commands = [] }: ProgramDescription, words: readonly string[]): Invocation {
  const ownFlags = [...new Set(commands.flatMap(({ flags }) => flags))];
  const { values, positionals } = parse(words, ownFlags, commands.length > 0);
  const given = Object.fromEntries(
    ownFlags.flatMap((flag) => {
      const value: unknown = Reflect.get(values, flag);
      return Array.isArray(value) ? [[flag, value.map(String)]] : [];
    }),
  );
  const { config, 'data-dir': dataDir, help = false, version = false } = values;
  const invocation = { config, dataDir, help, version, command: undefined };
  if (help || version) return invocation;
  const command = commands.find(({ name }) => positionals.slice(0, nameLength(name)).join(' ') === name);
  if (command === undefined && positionals.length > 0) {
    const known = commands.map(({ name }) => name).join(', ');
    throw new UsageError(`There is no command "${positionals.join(' ')}": there are ${known}.`);
  }
  const stray = Object.keys(given).find((flag) => command?.flags.includes(flag) !== true);
  if (stray !== undefined) {
    const takers = commands.filter(({ flags }) => flags.includes(stray)).map(({ name }) => name);
    throw new UsageError(`--${stray} is for ${takers.join(', ')} only.`);
  }
  if (command === undefined) return invocation;
  const operands = positionals.slice(nameLength(command.name));
  return { ...invocation, command: { name: command.name, operands, flags: given } };
}

function parse(words: readonly string[], ownFlags: readonly string[], allowPositionals: boolean) {
  const more = Object.fromEntries(ownFlags.map((flag) => [flag, { type: 'string', multiple: true } as const]));
  try {
    return parseArgs({ args: [...words], options: { ...more, ...options }, allowPositionals });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function nameLength(name: string): number {
  return name.split(' ').length;
}

/** The text of `--help`. */
export function usage({ name, summary, configFile, commands = [] }: ProgramDescription): string {
  const calls = commands.map((command) => `       ${name} ${command.name} ${command.parameters}`.trimEnd());
  const summaries = commands.map((command) => `  ${command.name.padEnd(15)}  ${command.summary}`);
  return `${summary}

Usage: ${[`${name} [--config FILE] [--data-dir DIR]`, ...calls].join('\n')}
${summaries.length === 0 ? '' : `\n${summaries.join('\n')}\n`}
  --config FILE    the configuration; otherwise ${configFile} in this folder, then in the data directory
  --data-dir DIR   where databases and received files are kept; otherwise DATA_DIR, or ~/.phonework
  --help           this text
  --version        the version

Each key of ${configFile} may also be set in the environment, which wins.
`;
}
