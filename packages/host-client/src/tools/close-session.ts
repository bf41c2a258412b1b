import * as z from 'zod';
import { sessionToolTexts as texts } from './session-tool-texts.ts';
import type { SessionToolOptions } from './session-tools.ts';
import { requireSession } from './session-tools.ts';
import type { Tool } from './tool.ts';
import { defineTool } from './tool.ts';

const parameters = z.object({ conv_id: z.string().min(1).describe('Id or name of the session.') });

/** The `close_session` tool: ends a session's process and takes it off the user's list. */
export function closeSessionTool(options: SessionToolOptions): Tool {
  return defineTool({
    name: 'close_session',
    description: 'Close a Claude Code session. Its conversation stays on the machine and can be taken up again.',
    parameters,
    async run({ conv_id: idOrName }, { userId, beforeEffect }) {
      const session = requireSession(options, userId, idOrName);
      await beforeEffect(`close_session: ${session.name}`);
      await options.desk.close(session);
      return texts.closed(session.name);
    },
  });
}
