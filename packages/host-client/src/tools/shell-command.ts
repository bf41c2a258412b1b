import { formatDuration } from '@phonework/shared/duration';
import type { ShellResult } from '../shell/run.ts';
import { outputBlock } from '../texts/markdown.ts';
import type { TurnContext } from '../turn-context.ts';
import type { RunShellOptions } from './run-shell.ts';
import { maxTimeoutS, notesOn, runAdmitted, toldFromMs } from './run-shell.ts';
import type { AdmittedCommand, ShellGate } from './shell-gate.ts';
import { admitOwn } from './shell-gate.ts';
import { shellTexts as texts } from './shell-texts.ts';
import { ToolError } from './tool.ts';

export type ShellCommandOptions = Pick<ShellGate, 'workDir'> &
  Pick<RunShellOptions, 'environment' | 'limits'> & {
    /** 120 s by default. */
    readonly timeoutMs?: number;
  };

/** What came of a command that the user typed. */
export type ShellCommandResult = {
  /** For the phone. */
  readonly text: string;
  /** The command, where it was ended since it took too long. */
  readonly tooSlow?: AdmittedCommand;
};

/** A phone shows a few screens; the model's 100 KB would be hundreds. */
const phoneOutputBytes = 8_000;

/** `/shell ls`: resolves to what the user reads, also when the command was refused or did not start. */
export async function shellCommand(
  { workDir, environment, limits, timeoutMs = maxTimeoutS * 1000 }: ShellCommandOptions,
  command: string,
  { signal, beforeEffect }: Pick<TurnContext, 'signal' | 'beforeEffect'>,
): Promise<ShellCommandResult> {
  try {
    const admitted = await admitOwn({ workDir }, command);
    const options = { environment, limits: { maxOutputBytes: phoneOutputBytes, ...limits } };
    const result = await runAdmitted(options, admitted, { signal, beforeEffect, timeoutMs });
    return { text: toPhoneText(result), ...(result.timedOut && { tooSlow: admitted }) };
  } catch (error) {
    if (error instanceof ToolError) return { text: error.message };
    throw error;
  }
}

function toPhoneText(result: ShellResult): string {
  const output = [result.stdout, result.stderr]
    .map((text) => text.trimEnd())
    .filter(Boolean)
    .join('\n');
  const facts = [
    result.exitCode === 0 || result.exitCode === null ? '' : texts.exitCode(result.exitCode),
    result.durationMs > toldFromMs && !result.timedOut ? texts.took(formatDuration(result.durationMs)) : '',
    notesOn(result).join(' '),
  ].filter(Boolean);
  return [output === '' ? texts.noOutput : outputBlock(output), facts.join(' · ')].filter(Boolean).join('\n');
}
