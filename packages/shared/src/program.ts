import { parseArgs } from 'node:util';
import { commonKeys, folder } from './common-keys.ts';
import type { Configuration, Environment, Keys, Values } from './config.ts';
import { ConfigError, readConfig } from './config.ts';
import type { Journey } from './journey.ts';
import { createJourney } from './journey.ts';
import type { Logger } from './log.ts';
import { createLogger } from './log.ts';

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
  /** Resolves when it is ready. Rejects with ConfigError, or with an error whose message tells the operator what to do. */
  start(configuration: Configuration<K>, context: ProgramContext): Promise<Running>;
};

/**
 * The life of a process: flags, configuration, logger, signals, exit code. A fault of the operator's is a line on
 * stderr, never a stack trace. The only place, with main.ts, that knows the process.
 */
export async function runProgram<K extends ProgramKeys>(program: Program<K>, process: NodeJS.Process): Promise<void> {
  const flags = readFlags(program, process);
  if (flags === undefined) return;
  try {
    const { running, logger } = await start(program, flags, process);
    stopOnSignals(running, logger, process);
  } catch (error) {
    process.stderr.write(`${describe(program.name, error)}\n`);
    process.exit(error instanceof ConfigError ? ExitCode.badConfiguration : ExitCode.failed);
  }
}

async function start<K extends ProgramKeys>(
  program: Program<K>,
  flags: Flags,
  process: NodeJS.Process,
): Promise<{ running: Running; logger: Logger }> {
  const environment = flags.dataDir === undefined ? process.env : { ...process.env, DATA_DIR: flags.dataDir };
  const configuration = await readConfig({
    keys: program.keys,
    fileName: program.configFile,
    folders: [process.cwd(), folder.parse(environment.DATA_DIR || commonKeys.DATA_DIR.schema.parse(undefined))],
    ...(flags.config !== undefined && { file: flags.config }),
    environment,
  });
  // Checked by the keys' own schemas; TypeScript does not resolve a mapped type over a parameter.
  const { LOG_LEVEL: level } = configuration.values as Values<Pick<typeof commonKeys, 'LOG_LEVEL'>>;
  const { secrets, warnings } = configuration;
  const logger = await createLogger({ name: program.name, level, secrets, terminal: process.stderr.isTTY });
  for (const warning of warnings) logger.warn(warning);
  const journey = createJourney(logger, environment.PHONEWORK_KILL_AT);
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  return { running: await program.start(configuration, { logger, journey, environment, print }), logger };
}

type Flags = { readonly config?: string; readonly dataDir?: string };
type Described = {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly configFile: string;
};

function readFlags(program: Described, process: NodeJS.Process): Flags | undefined {
  try {
    const { values } = parseArgs({
      // pnpm hands a leading "--" on to the script.
      args: process.argv.slice(2).filter((argument, index) => index > 0 || argument !== '--'),
      options: {
        config: { type: 'string' },
        'data-dir': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
    if (values.help) process.stdout.write(usage(program));
    else if (values.version) process.stdout.write(`${program.name} ${program.version}\n`);
    else {
      return {
        ...(values.config !== undefined && { config: values.config }),
        ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
      };
    }
    process.exitCode = ExitCode.ok;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${program.name}: ${reason}\nTry ${program.name} --help.\n`);
    process.exitCode = ExitCode.usage;
  }
  return undefined;
}

function usage({ name, summary, configFile }: Described): string {
  return `${summary}

Usage: ${name} [--config FILE] [--data-dir DIR]

  --config FILE    the configuration; otherwise ${configFile} in this folder, then in the data directory
  --data-dir DIR   where databases and received files are kept; otherwise DATA_DIR, or ~/.phonework
  --help           this text
  --version        the version

Each key of ${configFile} may also be set in the environment, which wins.
`;
}

/** What the operator reads about a program that could not start. */
function describe(name: string, error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return `${name}: ${error instanceof Error ? error.message : String(error)}`;
}

function stopOnSignals(running: Running, logger: Logger, process: NodeJS.Process): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(ExitCode.failed);
      return;
    }
    firstAt = performance.now();
    logger.info({ signal }, 'stopping');
    running.stop().then(
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
