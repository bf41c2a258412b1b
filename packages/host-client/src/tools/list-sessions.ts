import * as z from 'zod';
import { sessionToolTexts as texts } from './session-tool-texts.ts';
import type { SessionToolOptions } from './session-tools.ts';
import type { Tool } from './tool.ts';
import { defineTool } from './tool.ts';

/** The `list_sessions` tool: the user's sessions, last used first. */
export function listSessionsTool({ manager }: Pick<SessionToolOptions, 'manager'>): Tool {
  return defineTool({
    name: 'list_sessions',
    description: "List the user's open Claude Code sessions: id, name, folder, what each is doing.",
    parameters: z.object({}),
    run(_parameters, { userId }) {
      const activeId = manager.active(userId)?.id;
      const sessions = manager.list(userId).map((session) => {
        const { state, activity, waiting } = manager.view(session);
        return {
          conv_id: session.id,
          name: session.name,
          active: session.id === activeId,
          working_dir: session.cwd,
          mode: session.mode,
          state,
          ...(activity?.step !== undefined && { doing: activity.step.en }),
          waiting: waiting.length,
          last_used: new Date(session.lastUsedAt).toISOString(),
        };
      });
      return Promise.resolve(sessions.length === 0 ? texts.none : JSON.stringify(sessions));
    },
  });
}
