import { formatDuration } from '@phonework/shared/duration';
import type { Text } from '@phonework/shared/language';
import * as z from 'zod';
import { readOnlyEnvironment } from '../shell/environment.ts';
import type { LastOutputs } from '../shell/last-outputs.ts';
import type { ShellResult } from '../shell/run.ts';
import { runShell } from '../shell/run.ts';
import { ShellError } from '../shell/shell-error.ts';
import type { KeptOutput, WholeOutputs } from '../shell/whole-outputs.ts';
import { visibleLine } from '../texts/visible.ts';
import type { TurnContext } from '../turn-context.ts';
import type { AdmittedCommand, ShellGate } from './shell-gate.ts';
import { admit } from './shell-gate.ts';
import { shellTexts as texts } from './shell-texts.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

export type RunShellOptions = ShellGate & {
  /** What commands get: see childEnvironment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where all of an output goes of which only a part is shown. */
  readonly wholeOutputs: Pick<WholeOutputs, 'begin'>;
  /** Where it can be read, after a crash, what a command with effects had said. */
  readonly lastOutputs: Pick<LastOutputs, 'begin'>;
  readonly limits?: {
    /** Kept of stdout, and of stderr. */
    readonly maxOutputBytes?: number;
    readonly killAfterMs?: number;
  };
};

const defaultTimeoutS = 30;
export const maxTimeoutS = 120;

/** The model gets to see so much of a tool's output; more would lose its middle. */
const shownChars = 12_000;

/** What is quicker needs no word about it. */
export const toldFromMs = 1_000;

const parameters = z.object({
  command: z.string().min(1).describe('A bash command line. It has no input and no terminal.'),
  cwd: z.string().optional().describe('Folder to run in, relative to the working folder. Default: the working folder.'),
  timeout: z
    .int()
    .positive()
    .max(maxTimeoutS, `at most ${maxTimeoutS} seconds; what takes longer belongs in a background task`)
    .optional()
    .describe(`Seconds until the command is ended, at most ${maxTimeoutS}. Default: ${defaultTimeoutS}.`),
});

/** The `run_shell` tool: one command line, judged first, asked about where that is needed, then run to its end. */
export function runShellTool(options: RunShellOptions): Tool {
  return defineTool({
    name: 'run_shell',
    description: 'Run a command on this machine and get its output. What it leaves running in the background is ended.',
    parameters,
    toOutcome,
    async run({ command, cwd, timeout = defaultTimeoutS }, context) {
      const admitted = await admit(options, { command, cwd, inBackground: false }, context);
      const isCut = (result: ShellResult) => result.omittedBytes > 0 || toModelText(result).length > shownChars;
      return toModelText(await runAdmitted(options, admitted, { ...context, timeoutMs: timeout * 1000, isCut }));
    },
  });
}

/** What came of a command; `whole` where only a part of its output is shown. */
export type AdmittedResult = ShellResult & { readonly whole?: KeptOutput };

/** Runs what was admitted, put on the turn's record where it may change something. Rejects with ToolError. */
export async function runAdmitted(
  {
    environment,
    wholeOutputs,
    lastOutputs,
    limits = {},
  }: Pick<RunShellOptions, 'environment' | 'wholeOutputs' | 'lastOutputs' | 'limits'>,
  { command, cwd, readsOnly }: AdmittedCommand,
  {
    turnId,
    signal,
    beforeEffect,
    timeoutMs,
    isCut,
  }: Pick<TurnContext, 'turnId' | 'signal' | 'beforeEffect'> & {
    readonly timeoutMs: number;
    /** Whether less of the output will be shown than there was. */
    readonly isCut: (result: ShellResult) => boolean;
  },
): Promise<AdmittedResult> {
  if (!readsOnly) await beforeEffect(`run_shell: ${visibleLine(command, 200)}`);
  const env = readsOnly ? readOnlyEnvironment(environment) : environment;
  const output = wholeOutputs.begin();
  // Of a command that only reads nobody asks: its turn runs again.
  const lastOutput = readsOnly ? undefined : lastOutputs.begin(turnId);
  const onOutput = (chunk: Buffer) => {
    lastOutput?.write(chunk);
    return output.write(chunk);
  };
  try {
    const result = await runShell({ command, cwd, env, timeoutMs, signal, onOutput, ...limits });
    const whole = isCut(result) ? await output.keep() : undefined;
    return { ...result, ...(whole !== undefined && { whole }) };
  } catch (error) {
    if (error instanceof ShellError) throw new ToolError(error.said, { cause: error });
    throw error;
  } finally {
    await lastOutput?.end();
    await output.discard();
  }
}

function toModelText(result: AdmittedResult): string {
  const { whole } = result;
  const notes = [
    ...notesOn(result).map(({ en }) => en),
    ...(result.timedOut ? [texts.offerBackground] : []),
    ...(whole === undefined ? [] : [texts.wholeOutput(whole.missingBytes)]),
  ];
  return JSON.stringify({
    stdout: result.stdout,
    stderr: result.stderr,
    exit_code: result.exitCode,
    ...(result.durationMs > toldFromMs && { time: formatDuration(result.durationMs) }),
    ...(result.timedOut && { timed_out: true }),
    ...(whole !== undefined && { whole_output: whole.name }),
    ...(notes.length > 0 && { note: notes.join(' ') }),
  });
}

/** Read out of the text, in which secrets may have been replaced: quotes of the command's own are escaped in it. */
function toOutcome(output: string): string | undefined {
  const [, code] = /"exit_code":(\d+|null)/.exec(output) ?? [];
  if (code === undefined) return undefined;
  return code === 'null' ? 'ended by a signal' : `exit code ${code}`;
}

/** What is to be said of how it ended, in sentences. */
export function notesOn(result: ShellResult): readonly Text[] {
  return [
    ...(result.timedOut ? [texts.tooSlow(formatDuration(result.durationMs))] : []),
    ...(result.aborted ? [texts.stopped] : []),
    ...(result.backgroundEnded ? [texts.backgroundEnded] : []),
    ...(result.allEnded ? [] : [texts.notEnded]),
    ...(result.signal !== undefined && !result.timedOut && !result.aborted ? [texts.endedBy(result.signal)] : []),
  ];
}
