import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import type { ShellResult } from '../shell/run.ts';
import { outputBlock } from '../texts/markdown.ts';
import type { TurnContext } from '../turn-context.ts';
import type { AdmittedResult, RunShellOptions } from './run-shell.ts';
import { maxTimeoutS, notesOn, runAdmitted, toldFromMs } from './run-shell.ts';
import type { AdmittedCommand, ShellGate } from './shell-gate.ts';
import { admitOwn } from './shell-gate.ts';
import { shellTexts as texts } from './shell-texts.ts';
import { ToolError } from './tool.ts';

export type ShellCommandOptions = Pick<ShellGate, 'workDir'> &
  Pick<RunShellOptions, 'environment' | 'wholeOutputs' | 'lastOutputs' | 'limits'> & {
    /** 120 s by default. */
    readonly timeoutMs?: number;
  };

/** What came of a command that the user typed. */
export type ShellCommandResult = {
  /** For the phone. */
  readonly text: Said;
  /** The command, where it was ended since it took too long. */
  readonly tooSlow?: AdmittedCommand;
  /** Path of the file with all of its output, where `text` shows only a part. */
  readonly wholeOutput?: string;
};

/** A phone shows a few screens; the model's 100 KB would be hundreds. */
const phoneOutputBytes = 8_000;

/** `/shell ls`: resolves to what the user reads, also when the command was refused or did not start. */
export async function shellCommand(
  { workDir, environment, wholeOutputs, lastOutputs, limits, timeoutMs = maxTimeoutS * 1000 }: ShellCommandOptions,
  command: string,
  context: Pick<TurnContext, 'turnId' | 'signal' | 'beforeEffect'>,
): Promise<ShellCommandResult> {
  try {
    const admitted = await admitOwn({ workDir }, command);
    const options = { environment, wholeOutputs, lastOutputs, limits: { maxOutputBytes: phoneOutputBytes, ...limits } };
    const isCut = ({ omittedBytes }: ShellResult) => omittedBytes > 0;
    const result = await runAdmitted(options, admitted, { ...context, timeoutMs, isCut });
    return {
      text: toPhoneText(result),
      ...(result.timedOut && { tooSlow: admitted }),
      ...(result.whole !== undefined && { wholeOutput: result.whole.path }),
    };
  } catch (error) {
    if (error instanceof ToolError) return { text: error.said };
    throw error;
  }
}

function toPhoneText(result: AdmittedResult): Text {
  const output = [result.stdout, result.stderr]
    .map((text) => text.trimEnd())
    .filter(Boolean)
    .join('\n');
  const missingBytes = result.whole?.missingBytes ?? 0;
  const facts = [
    result.omittedBytes === 0 ? '' : texts.leftOut(result.omittedBytes),
    missingBytes === 0 ? '' : texts.leftOutOfFile(missingBytes),
    result.exitCode === 0 || result.exitCode === null ? '' : texts.exitCode(result.exitCode),
    result.durationMs > toldFromMs && !result.timedOut ? texts.took(formatDuration(result.durationMs)) : '',
    texts.sentences(notesOn(result)),
  ];
  return join([output === '' ? texts.noOutput : outputBlock(output), join(facts, ' · ')], '\n');
}
