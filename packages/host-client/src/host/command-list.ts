import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { ShellRules } from '../approvals/shell-rules.ts';
import type { Command } from '../commands/command.ts';
import { COMMAND_BUTTONS, commandButtonOwner } from '../commands/command-buttons.ts';
import { createCommands } from '../commands/index.ts';
import type { SessionCommandParts } from '../commands/session-commands.ts';
import type { StatusParts } from '../commands/status.ts';
import type { StopParts } from '../commands/stop.ts';
import type { HostConfig } from '../config.ts';
import { elapsedMs } from '../tasks/task.ts';
import type { ShellCommandOptions } from '../tools/shell-command.ts';
import { shellCommand } from '../tools/shell-command.ts';
import type { TaskRoom } from './task-room.ts';

export type CommandListParts = {
  readonly sessions: SessionCommandParts;
  readonly taskRoom: TaskRoom;
  readonly questions: OpenQuestions;
  readonly turns: StopParts['turns'] & StatusParts['turns'];
  readonly shell: ShellCommandOptions;
  readonly rules: ShellRules;
  /** Makes the mailboy forget what a user said. For use inside `store.write`. */
  readonly forget: (userId: string) => void;
};

/** The commands, with the rooms that they work on; their buttons work from now on. */
export function listCommands(config: HostConfig, parts: CommandListParts): readonly Command[] {
  const { sessions, taskRoom, questions, turns, shell, rules, forget } = parts;
  const { tasks, runner, scheduler } = taskRoom;
  const { nodeId, workingDir, model, shellPolicy } = config;
  const commands = createCommands({
    sessions,
    stop: {
      turns,
      tasks: {
        running: (userId) => taskRoom.open(userId).flatMap(({ id, subject }) => (subject.kind === 'shell' ? [id] : [])),
        cancel: (userId, id) => ['cancelled', 'ending'].includes(runner.cancel(userId, id)),
      },
    },
    status: {
      turns,
      facts: { nodeId, workingDir, model: model?.model, shellPolicy },
      questions: (userId) => questions.openFor(userId),
      rules: (userId) => rules.list(userId).length,
      tasks: (userId) =>
        taskRoom.open(userId).map((task) => ({
          id: task.id,
          description: task.description,
          elapsedMs: elapsedMs(task, Date.now()),
        })),
    },
    tasks: {
      list: (userId) => tasks.list(userId),
      find: (userId, id) => tasks.find(userId, id),
      output: (userId, id) => runner.output(userId, id),
      logPath: (id) => runner.logPath(id),
      cancel: (userId, id) => runner.cancel(userId, id),
    },
    scheduler,
    rules: { rules, workingDir },
    answer: (userId, chatId, words) => questions.answerInWords(userId, chatId, words),
    forget,
    runShell: (command, context) => shellCommand(shell, command, context),
  });
  questions.own(
    COMMAND_BUTTONS,
    commandButtonOwner(commands, (question) => questions.ask(question)),
  );
  return commands;
}
