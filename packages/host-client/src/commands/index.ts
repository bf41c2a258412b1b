import type { Scheduler } from '../tasks/scheduler.ts';
import { answerCommand } from './answer.ts';
import { clearCommand } from './clear.ts';
import { closeCommand } from './close.ts';
import type { Command } from './command.ts';
import { compactCommand } from './compact.ts';
import { newSessionCommand } from './new-session.ts';
import { remindCommand, remindersCommand } from './remind.ts';
import type { RulesParts } from './rules.ts';
import { rulesCommand } from './rules.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { modeCommand, modelCommand } from './session-settings.ts';
import { sessionsCommand } from './sessions.ts';
import { shellSlashCommand } from './shell.ts';
import type { StatusParts } from './status.ts';
import { statusCommand } from './status.ts';
import type { StopParts } from './stop.ts';
import { stopCommand } from './stop.ts';
import { switchCommand } from './switch.ts';
import { directCommand, smartCommand } from './talk-to.ts';
import type { TaskCommandParts } from './tasks.ts';
import { taskCommand, tasksCommand } from './tasks.ts';

export type CommandParts = {
  readonly sessions: SessionCommandParts;
  readonly stop: Pick<StopParts, 'tasks' | 'turns'>;
  readonly status: Pick<StatusParts, 'facts' | 'questions' | 'rules' | 'tasks' | 'turns'>;
  readonly rules: RulesParts;
  readonly tasks: TaskCommandParts;
  readonly scheduler: Scheduler;
  readonly answer: Parameters<typeof answerCommand>[0];
  /** Makes the mailboy forget what a user said. For use inside `store.write`. */
  readonly forget: (userId: string) => void;
  readonly runShell: Parameters<typeof shellSlashCommand>[0];
};

/** All commands of a node. The router's `/help` names them. */
export function createCommands(parts: CommandParts): readonly Command[] {
  const { sessions, tasks, scheduler } = parts;
  return [
    newSessionCommand(sessions),
    sessionsCommand(sessions),
    statusCommand({ ...sessions, ...parts.status }),
    switchCommand(sessions),
    closeCommand(sessions),
    stopCommand({ ...sessions, ...parts.stop }),
    directCommand(sessions),
    smartCommand(sessions),
    modeCommand(sessions),
    modelCommand(sessions),
    clearCommand(sessions, parts.forget),
    compactCommand(sessions),
    answerCommand(parts.answer),
    shellSlashCommand(parts.runShell),
    rulesCommand(parts.rules),
    tasksCommand(tasks),
    taskCommand(tasks),
    remindCommand(scheduler),
    remindersCommand(scheduler),
  ];
}
