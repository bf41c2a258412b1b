import type { FileRoots } from '../files/file-roots.ts';
import { AgentError } from '../sessions/agent-runner.ts';
import { createTools } from '../tools/index.ts';
import type { RunShellOptions } from '../tools/run-shell.ts';
import type { OutgoingFiles } from '../tools/send-file.ts';
import { createSendFile } from '../tools/send-file.ts';
import type { SessionToolOptions } from '../tools/session-tools.ts';
import { requireSession } from '../tools/session-tools.ts';
import type { Tool } from '../tools/tool.ts';
import { ToolError } from '../tools/tool.ts';
import type { Metaso } from '../web/metaso.ts';
import type { TaskRoom } from './task-room.ts';

export type ToolListParts = {
  readonly sessions: SessionToolOptions;
  readonly taskRoom: TaskRoom;
  readonly shell: RunShellOptions;
  readonly roots: FileRoots;
  readonly outgoing: OutgoingFiles;
  /** Absent without a key for it. */
  readonly metaso?: Metaso;
};

/** The mailboy's tools, with the rooms that they work on. */
export function listTools({ sessions, taskRoom, shell, roots, outgoing, metaso }: ToolListParts): readonly Tool[] {
  const { tasks, runner, scheduler } = taskRoom;
  return createTools({
    shell,
    files: { roots, environment: shell.environment, sendFile: createSendFile({ outgoing, roots }) },
    ...(metaso !== undefined && { web: { metaso } }),
    sessions,
    background: {
      shell,
      submit: (task) => runner.submit(task),
      async sendToSession({ userId, chatId, idOrName, prompt }, { beforeEffect }) {
        const session = requireSession(sessions, userId, idOrName);
        await beforeEffect(`run_background ${session.name}`);
        try {
          return await sessions.desk.background(session, { userId, chatId, text: prompt });
        } catch (error) {
          if (error instanceof AgentError) throw new ToolError(error.message, { cause: error });
          throw error;
        }
      },
    },
    tasks: {
      find: (userId, id) => tasks.find(userId, id),
      output: (userId, id) => runner.output(userId, id),
    },
    scheduler: {
      scheduler,
      store: sessions.store,
      hasSession: (userId, id) => sessions.manager.list(userId).some((session) => session.id === id),
    },
  });
}
