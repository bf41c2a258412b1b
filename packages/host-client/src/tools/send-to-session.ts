import * as z from 'zod';
import type { SessionToolOptions } from './session-tools.ts';
import { requireSession, tellSession } from './session-tools.ts';
import type { Tool } from './tool.ts';
import { defineTool } from './tool.ts';

const parameters = z.object({
  conv_id: z.string().min(1).describe('Id or name of the session.'),
  prompt: z.string().min(1).describe('What Claude Code is to do or to answer.'),
});

/** The `send_to_session` tool: one prompt, and Claude Code's answer. */
export function sendToSessionTool(options: SessionToolOptions): Tool {
  return defineTool({
    name: 'send_to_session',
    description:
      'Send a prompt to an open Claude Code session and get its answer. What takes over a minute goes on in the background.',
    parameters,
    async run({ conv_id: idOrName, prompt }, context) {
      const session = requireSession(options, context.userId, idOrName);
      return await tellSession(options, { session, prompt, tool: 'send_to_session' }, context);
    },
  });
}
