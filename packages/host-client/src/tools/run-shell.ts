import { formatDuration } from '@phonework/shared/duration';
import * as z from 'zod';
import type { WorkDir } from '../files/work-dir.ts';
import { WorkDirError } from '../files/work-dir.ts';
import { readOnlyEnvironment } from '../shell/environment.ts';
import type { Verdict } from '../shell/policy.ts';
import { judge } from '../shell/policy.ts';
import type { ShellResult } from '../shell/run.ts';
import { runShell } from '../shell/run.ts';
import { ShellError } from '../shell/shell-error.ts';
import { readsAsJudged } from '../shell/shell-program.ts';
import { printable } from '../shell/syntax.ts';
import type { TurnContext } from '../turn-context.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

export type RunShellOptions = {
  readonly workDir: WorkDir;
  /** `read-only` and `ask` run only what is known to change nothing, as long as nobody can be asked. */
  readonly policy: 'read-only' | 'ask' | 'auto';
  /** What commands get: see childEnvironment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits?: {
    /** Kept of stdout, and of stderr. */
    readonly maxOutputBytes?: number;
    readonly killAfterMs?: number;
  };
};

const defaultTimeoutS = 30;
const maxTimeoutS = 120;

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

/** The `run_shell` tool: one command line, judged first, then run to its end. */
export function runShellTool(options: RunShellOptions): Tool {
  return defineTool({
    name: 'run_shell',
    description: 'Run a command on this machine and get its output. What it leaves running in the background is ended.',
    parameters,
    async run({ command, cwd, timeout = defaultTimeoutS }, context) {
      const result = await runJudged(options, { command, cwd, timeoutMs: timeout * 1000 }, context);
      const note = noteOn(result);
      return JSON.stringify({
        stdout: result.stdout,
        stderr: result.stderr,
        exit_code: result.exitCode,
        ...(result.timedOut ? { timed_out: true } : {}),
        ...(note === undefined ? {} : { note }),
      });
    },
  });
}

/**
 * The same for a command that the user typed (`/shell ls`): resolves to a text for the phone, also when the command was
 * refused or did not start.
 */
export async function shellCommand(
  options: RunShellOptions,
  command: string,
  context: Pick<TurnContext, 'signal' | 'beforeEffect'>,
): Promise<string> {
  // A phone shows a few screens; the model's 100 KB would be hundreds.
  const limits = { maxOutputBytes: 8_000, ...options.limits };
  try {
    const request = { command, timeoutMs: maxTimeoutS * 1000 };
    return toPhoneText(await runJudged({ ...options, limits }, request, context));
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

type JudgedRequest = {
  readonly command: string;
  readonly cwd?: string | undefined;
  readonly timeoutMs: number;
};

async function runJudged(
  { workDir, policy, environment, limits = {} }: RunShellOptions,
  { command, cwd, timeoutMs }: JudgedRequest,
  { signal, beforeEffect }: Pick<TurnContext, 'signal' | 'beforeEffect'>,
): Promise<ShellResult> {
  const verdict = judge(command);
  const readsOnly = verdict.kind === 'read-only' && readsAsJudged;
  const refusal = refusalOf(verdict, readsOnly, policy);
  if (refusal !== undefined) throw new ToolError(`Blocked: ${refusal}`);
  try {
    const folder = await workDir.resolve(cwd);
    if (!readsOnly) await beforeEffect(`run_shell: ${printable(command, 200)}`);
    const env = readsOnly ? readOnlyEnvironment(environment) : environment;
    return await runShell({ command, cwd: folder, env, timeoutMs, signal, ...limits });
  } catch (error) {
    if (error instanceof WorkDirError || error instanceof ShellError) {
      throw new ToolError(error.message, { cause: error });
    }
    throw error;
  }
}

/** Why the command may not run, as a sentence; undefined when it may. */
function refusalOf(verdict: Verdict, readsOnly: boolean, policy: RunShellOptions['policy']): string | undefined {
  if (verdict.kind === 'destructive') return `this command ${verdict.reason}, which is never run from here.`;
  // It may hide what is refused in every mode.
  if (verdict.kind === 'unparseable') return `this command cannot be checked: ${verdict.reason}. Write it more simply.`;
  if (readsOnly || policy === 'auto') return undefined;
  const reason = verdict.kind === 'effects' ? verdict.reason : 'runs in a shell that cannot be checked';
  return (
    `this command ${reason}, and the shell policy here is "${policy}", which runs only commands known to change nothing. ` +
    `SHELL_POLICY: auto in the machine's configuration allows it.`
  );
}

function noteOn(result: ShellResult): string | undefined {
  const notes = [
    result.timedOut ? `Ended after ${formatDuration(result.durationMs)}: it took too long.` : '',
    result.aborted ? 'Stopped by the user.' : '',
    result.backgroundEnded
      ? 'Something was still running in the background when the shell was done, and was ended.'
      : '',
    result.allEnded ? '' : 'Some of its processes could not be ended and may still run.',
    result.signal !== undefined && !result.timedOut && !result.aborted ? `Ended by ${result.signal}.` : '',
  ].filter(Boolean);
  return notes.length === 0 ? undefined : notes.join(' ');
}

function toPhoneText(result: ShellResult): string {
  const output = [result.stdout, result.stderr]
    .map((text) => text.trimEnd())
    .filter(Boolean)
    .join('\n');
  const facts = [
    result.exitCode === 0 || result.exitCode === null ? '' : `exit code ${result.exitCode}`,
    result.durationMs > 1_000 && !result.timedOut ? `took ${formatDuration(result.durationMs)}` : '',
    noteOn(result) ?? '',
  ].filter(Boolean);
  return [output === '' ? '(no output)' : fenced(output), facts.join(' · ')].filter(Boolean).join('\n');
}

/** A code block, with a fence that no line of `text` can end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
