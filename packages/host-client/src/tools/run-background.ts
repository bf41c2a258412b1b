import * as z from 'zod';
import type { NewTask, ShellSubject } from '../tasks/task.ts';
import { TaskError } from '../tasks/task.ts';
import { visibleLine } from '../texts/visible.ts';
import type { TurnContext } from '../turn-context.ts';
import type { ShellGate } from './shell-gate.ts';
import { admit } from './shell-gate.ts';
import { taskToolTexts } from './task-tool-texts.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

/** A prompt that a session works on in the background. */
export type BackgroundPrompt = {
  readonly userId: string;
  readonly chatId: string;
  /** Of the session. */
  readonly idOrName: string;
  readonly prompt: string;
  readonly description: string;
};

export type RunBackgroundOptions = {
  readonly shell: ShellGate;
  /** Resolves to the id of the stored task. Rejects with TaskError. */
  readonly submit: (task: NewTask<ShellSubject>) => Promise<string>;
  /** Resolves to the id of the stored task. Rejects with ToolError. Absent: there are no sessions here. */
  readonly sendToSession?: (prompt: BackgroundPrompt, context: TurnContext) => Promise<string>;
};

const parameters = z.object({
  command: z
    .string()
    .min(1)
    .optional()
    .describe('A bash command line. It has no input, no terminal and no time limit.'),
  cwd: z.string().optional().describe('Folder for the command, relative to the working folder.'),
  conv_id: z.string().min(1).optional().describe('Instead of a command: the session that gets `prompt`.'),
  prompt: z.string().min(1).optional().describe('What the session is to do.'),
  description: z.string().min(1).describe("What it is for, in the user's words: they are told when it is done."),
});

/** The `run_background` tool: starts a task and returns at once; its end is told to the user by itself. */
export function runBackgroundTool(options: RunBackgroundOptions): Tool {
  return defineTool({
    name: 'run_background',
    description:
      'Run a long command, or a prompt to a session, in the background. The user is notified when it is done: do not wait for it.',
    parameters,
    async run({ command, cwd, conv_id: idOrName, prompt, description }, context) {
      if (command !== undefined && idOrName === undefined && prompt === undefined) {
        return answer(await submitCommand(options, { command, cwd, description }, context));
      }
      if (command !== undefined || idOrName === undefined || prompt === undefined)
        throw new ToolError(taskToolTexts.either);
      if (options.sendToSession === undefined) throw new ToolError(taskToolTexts.noSessions);
      const { userId, chatId } = context;
      return answer(await options.sendToSession({ userId, chatId, idOrName, prompt, description }, context));
    },
  });
}

function answer(taskId: string): string {
  return JSON.stringify({ task_id: taskId, message: taskToolTexts.started(taskId) });
}

async function submitCommand(
  { shell, submit }: RunBackgroundOptions,
  request: { readonly command: string; readonly cwd: string | undefined; readonly description: string },
  context: TurnContext,
): Promise<string> {
  const { userId, chatId, beforeEffect } = context;
  const { description } = request;
  const admitted = await admit(shell, { ...request, inBackground: true }, context);
  // Also for one that only reads: a turn that ran again would start it again, and tell of it twice.
  await beforeEffect(`run_background: ${visibleLine(admitted.command, 200)}`);
  try {
    return await submit({ userId, chatId, description, subject: { kind: 'shell', ...admitted } });
  } catch (error) {
    if (error instanceof TaskError) throw new ToolError(error.said, { cause: error });
    throw error;
  }
}
