import { parseArgs } from 'node:util';

export const modes = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'] as const;

export type Mode = (typeof modes)[number];

export function isMode(value: unknown): value is Mode {
  return modes.some((mode) => mode === value);
}

/** How the stand-in was started. */
export type Flags = {
  readonly sessionId?: string;
  readonly resume?: string;
  readonly mode: Mode;
  readonly model?: string;
  /** Text comes in pieces too. */
  readonly hasPartials: boolean;
  /** Somebody answers permission requests. */
  readonly hasPermissionHost: boolean;
  /** Started so that it may be told later not to ask. */
  readonly mayBypass: boolean;
};

/** What the program says on stderr before it exits with 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws UsageError for what the real program refuses. */
export function parseFlags(args: readonly string[], environment: NodeJS.ProcessEnv): Flags {
  const { values } = parseKnown(args);
  const asked = values['permission-mode'] ?? 'default';
  const mode = asked === 'manual' ? 'default' : asked;
  if (!isMode(mode)) {
    throw new UsageError(
      `error: option '--permission-mode <mode>' argument '${asked}' is invalid. Allowed choices are acceptEdits, auto, bypassPermissions, manual, dontAsk, plan.`,
    );
  }
  requireStreams(values);
  const skips = values['dangerously-skip-permissions'] === true || mode === 'bypassPermissions';
  if (skips && process.getuid?.() === 0 && environment.IS_SANDBOX !== '1') {
    throw new UsageError(
      '--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons',
    );
  }
  if (values['session-id'] !== undefined && !isUuid(values['session-id'])) {
    throw new UsageError('Error: Invalid session ID. Must be a valid UUID.');
  }
  return {
    ...(values['session-id'] === undefined ? {} : { sessionId: values['session-id'] }),
    ...(values.resume === undefined ? {} : { resume: values.resume }),
    ...(values.model === undefined ? {} : { model: values.model }),
    mode: skips ? 'bypassPermissions' : mode,
    hasPartials: values['include-partial-messages'] === true,
    hasPermissionHost: values['permission-prompt-tool'] === 'stdio',
    mayBypass: skips || values['allow-dangerously-skip-permissions'] === true,
  };
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function parseKnown(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        print: { type: 'boolean', short: 'p' },
        verbose: { type: 'boolean' },
        'input-format': { type: 'string' },
        'output-format': { type: 'string' },
        'include-partial-messages': { type: 'boolean' },
        'permission-prompt-tool': { type: 'string' },
        'permission-mode': { type: 'string' },
        'dangerously-skip-permissions': { type: 'boolean' },
        'allow-dangerously-skip-permissions': { type: 'boolean' },
        'session-id': { type: 'string' },
        resume: { type: 'string', short: 'r' },
        model: { type: 'string' },
        'append-system-prompt': { type: 'string' },
        settings: { type: 'string' },
        'setting-sources': { type: 'string' },
        'mcp-config': { type: 'string' },
        'add-dir': { type: 'string', multiple: true },
        'max-turns': { type: 'string' },
        effort: { type: 'string' },
        name: { type: 'string', short: 'n' },
      },
    });
  } catch (cause) {
    const unknown = args.find((arg) => arg.startsWith('--')) ?? '';
    throw new UsageError(`error: unknown option in '${unknown}…': ${String(cause)}`, { cause });
  }
}

function requireStreams(values: {
  readonly print?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly 'input-format'?: string | undefined;
  readonly 'output-format'?: string | undefined;
}): void {
  if (values['input-format'] !== 'stream-json' || values['output-format'] !== 'stream-json') {
    throw new UsageError('The stand-in speaks stream-json both ways, and nothing else.');
  }
  if (values.print === true && values.verbose !== true) {
    throw new UsageError('Error: When using --print, --output-format=stream-json requires --verbose');
  }
}
