import * as z from 'zod';
import { visibleLine } from '../texts/visible.ts';
import { sessionToolTexts as texts } from './session-tool-texts.ts';
import type { SessionToolOptions } from './session-tools.ts';
import { requireFolder, tellSession } from './session-tools.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

const parameters = z.object({
  name: z.string().min(1).max(100).optional().describe('What the user calls it. Default: the name of the folder.'),
  working_dir: z
    .string()
    .default('.')
    .describe('Folder of the project, relative to the working folder; made where there is none.'),
  prompt: z.string().min(1).optional().describe('What Claude Code is to do first.'),
  cc_timeout: z
    .number()
    .positive()
    .optional()
    .describe('Longest turn, in seconds. Above 60 its turns run in the background, and report when done.'),
});

/** The `create_session` tool: opens a Claude Code session, and makes it the one that the user works with. */
export function createSessionTool(options: SessionToolOptions): Tool {
  return defineTool({
    name: 'create_session',
    description: 'Open a Claude Code session in a folder, for work on code, and give it a first prompt.',
    parameters,
    async run({ name, working_dir: path, prompt, cc_timeout: timeoutS }, context) {
      const { userId, chatId, beforeEffect } = context;
      await beforeEffect(`create_session: ${visibleLine(name ?? path, 200)}`);
      const cwd = await requireFolder(options, path);
      const session = await options.store.write(() =>
        options.manager.create(
          { userId, chatId },
          { cwd, ...(name !== undefined && { name }), ...(timeoutS !== undefined && { timeoutS }) },
        ),
      );
      const created = { conv_id: session.id, name: session.name, working_dir: cwd };
      if (prompt === undefined) return JSON.stringify(created);
      try {
        const reply = await tellSession(options, { session, prompt, tool: 'create_session' }, context);
        return JSON.stringify({ ...created, reply });
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        throw new ToolError(texts.failedStart(session.name, error.message), { cause: error });
      }
    },
  });
}
