import { commonKeys, folder } from './common-keys.ts';
import type { Configuration, Environment, Keys, Values } from './config.ts';
import { ConfigError, readConfig } from './config.ts';
import type { CommandArguments, CommandDescription, Invocation } from './flags.ts';
import { readInvocation, UsageError, usage } from './flags.ts';
import type { Journey } from './journey.ts';
import { createJourney } from './journey.ts';
import type { Logger } from './log.ts';
import { createLogger, redactor } from './log.ts';

export { type CommandArguments, type CommandDescription, UsageError } from './flags.ts';

/** Ends of a program, as systemd and shells read them. */
const ExitCode = { ok: 0, failed: 1, usage: 2, badConfiguration: 78 } as const;

/** Two signals within this time are one: a terminal's Ctrl-C reaches us directly, and again through the package manager. */
const SAME_SIGNAL_MS = 400;

/** A program that runs until it is told to stop. */
export type Running = { stop(): Promise<void> };

/** What a program gets from its process. */
export type ProgramContext = {
  readonly logger: Logger;
  readonly journey: Journey;
  readonly environment: Environment;
  /** Replaces each secret of the configuration in a text: for whatever is written down beside the log. */
  readonly redact: (text: string) => string;
  /** Writes to the person at the terminal. */
  print(text: string): void;
};

type ProgramKeys = Keys & Pick<typeof commonKeys, 'DATA_DIR' | 'LOG_LEVEL'>;

export type Program<K extends ProgramKeys> = {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly version: string;
  readonly configFile: string;
  readonly keys: K;
  readonly commands?: readonly Command<K>[];
  /** What has to hold between keys before `start`: throws ConfigError. */
  readonly check?: (configuration: Configuration<K>) => unknown;
  /** Resolves when it is ready. Rejects with ConfigError, or with an error whose message tells the operator what to do. */
  start(configuration: Configuration<K>, context: ProgramContext): Promise<Running>;
};

/** Something that the program does at once, and ends. */
export type Command<K extends Keys> = CommandDescription & {
  /** The keys that it uses: what is wrong with the others is no fault. Absent: all. */
  readonly needs?: readonly string[];
  /** Rejects with UsageError, with ConfigError, or with an error whose message tells the operator what to do. */
  run(given: CommandArguments, configuration: Configuration<K>, context: ProgramContext): Promise<void>;
};

/**
 * The life of a process: flags, configuration, logger, signals, exit code. A fault of the operator's is a line on
 * stderr, never a stack trace. The only place, with main.ts, that knows the process.
 */
export async function runProgram<K extends ProgramKeys>(program: Program<K>, process: NodeJS.Process): Promise<void> {
  try {
    // pnpm hands a leading "--" on to the script.
    const words = process.argv.slice(2).filter((word, index) => index > 0 || word !== '--');
    const invocation = readInvocation(program, words);
    if (invocation.help) process.stdout.write(usage(program));
    else if (invocation.version) process.stdout.write(`${program.name} ${program.version}\n`);
    else await run(program, invocation, process);
  } catch (error) {
    process.stderr.write(`${describe(program.name, error)}\n`);
    process.exit(exitCodeFor(error));
  }
}

async function run<K extends ProgramKeys>(
  program: Program<K>,
  invocation: Invocation,
  process: NodeJS.Process,
): Promise<void> {
  const { configuration, context } = await prepare(program, invocation, process);
  const { command: called } = invocation;
  if (called === undefined) {
    const { promise: running, resolve } = Promise.withResolvers<Running>();
    // Before it starts: a signal that comes meanwhile stops it in good order as soon as it has.
    stopOnSignals(running, context.logger, process);
    resolve(await program.start(configuration, context));
    return;
  }
  await program.commands?.find(({ name }) => name === called.name)?.run(called, configuration, context);
}

async function prepare<K extends ProgramKeys>(
  program: Program<K>,
  { config, dataDir, command }: Invocation,
  process: NodeJS.Process,
): Promise<{ configuration: Configuration<K>; context: ProgramContext }> {
  const needs = program.commands?.find(({ name }) => name === command?.name)?.needs;
  const environment = dataDir === undefined ? process.env : { ...process.env, DATA_DIR: dataDir };
  const configuration = await readConfig({
    keys: program.keys,
    fileName: program.configFile,
    folders: [process.cwd(), folder.parse(environment.DATA_DIR || commonKeys.DATA_DIR.schema.parse(undefined))],
    ...(config !== undefined && { file: config }),
    environment,
    ...(needs !== undefined && { needs }),
    // A command needs less than the program itself.
    ...(program.check !== undefined && command === undefined && { check: program.check }),
  });
  // Checked by the keys' own schemas; TypeScript does not resolve a mapped type over a parameter.
  const { LOG_LEVEL: level } = configuration.values as Values<Pick<typeof commonKeys, 'LOG_LEVEL'>>;
  const { secrets, warnings } = configuration;
  const logger = await createLogger({ name: program.name, level, secrets, terminal: process.stderr.isTTY });
  for (const warning of warnings) logger.warn(warning);
  const journey = createJourney(logger, environment.PHONEWORK_KILL_AT);
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  return { configuration, context: { logger, journey, environment, redact: redactor(secrets), print } };
}

function exitCodeFor(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.usage;
  return error instanceof ConfigError ? ExitCode.badConfiguration : ExitCode.failed;
}

/** What the operator reads about a program that could not do what it was called for. */
function describe(name: string, error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof UsageError) return `${name}: ${error.message}\nTry ${name} --help.`;
  return `${name}: ${error instanceof Error ? error.message : String(error)}`;
}

function stopOnSignals(starting: Promise<Running>, logger: Logger, process: NodeJS.Process): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(ExitCode.failed);
      return;
    }
    firstAt = performance.now();
    logger.info({ signal }, 'stopping');
    starting
      .then((running) => running.stop())
      .then(
        () => {
          logger.info('stopped');
          process.exit(ExitCode.ok);
        },
        (error: unknown) => {
          logger.fatal({ err: error }, 'could not stop in good order');
          process.exit(ExitCode.failed);
        },
      );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  const onBug = (error: unknown) => {
    logger.fatal(
      { err: error },
      'unexpected error: the process ends, and goes on from its database when started again',
    );
    process.exit(ExitCode.failed);
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
}
