import { askWhenTainted } from './ask-when-tainted.ts';
import { closeSessionTool } from './close-session.ts';
import { createSessionTool } from './create-session.ts';
import type { FileOpsOptions } from './file-ops.ts';
import { fileOpsTool } from './file-ops.ts';
import { listSessionsTool } from './list-sessions.ts';
import type { RunBackgroundOptions } from './run-background.ts';
import { runBackgroundTool } from './run-background.ts';
import type { RunShellOptions } from './run-shell.ts';
import { runShellTool } from './run-shell.ts';
import type { SchedulerToolOptions } from './scheduler.ts';
import { schedulerTool } from './scheduler.ts';
import { sendToSessionTool } from './send-to-session.ts';
import type { SessionToolOptions } from './session-tools.ts';
import { taskStatusTool } from './task-status.ts';
import type { Tool } from './tool.ts';
import type { WebToolOptions } from './web.ts';
import { webTool } from './web.ts';

export type ToolParts = {
  readonly shell: RunShellOptions;
  readonly files: FileOpsOptions;
  readonly sessions: SessionToolOptions;
  readonly background: RunBackgroundOptions;
  readonly tasks: Parameters<typeof taskStatusTool>[0];
  readonly scheduler: SchedulerToolOptions;
  /** Absent where no service for it is set. */
  readonly web?: WebToolOptions;
};

/** All tools of the mailboy. */
export function createTools(parts: ToolParts): readonly Tool[] {
  const always = () => true;
  return [
    runShellTool(parts.shell),
    fileOpsTool(parts.files),
    ...(parts.web === undefined ? [] : [webTool(parts.web)]),
    askWhenTainted(createSessionTool(parts.sessions), parts.shell, always),
    askWhenTainted(sendToSessionTool(parts.sessions), parts.shell, always),
    listSessionsTool(parts.sessions),
    askWhenTainted(closeSessionTool(parts.sessions), parts.shell, always),
    // Of a command it asks by itself.
    askWhenTainted(runBackgroundTool(parts.background), parts.shell, (given) => given?.command === undefined),
    taskStatusTool(parts.tasks),
    askWhenTainted(schedulerTool(parts.scheduler), parts.shell, (given) => given?.action !== 'list'),
  ];
}
