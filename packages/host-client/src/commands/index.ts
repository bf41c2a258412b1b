import { clearCommand } from './clear.ts';
import type { Command } from './command.ts';
import { shellSlashCommand } from './shell.ts';
import type { NodeFacts } from './status.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';

/** All commands of a node. The router's `/help` names them. */
export function createCommands(parts: {
  readonly runShell: Parameters<typeof shellSlashCommand>[0];
  readonly turns: {
    readonly stop: (userId: string) => boolean;
    readonly elapsedMs: (userId: string) => number | undefined;
    readonly waiting: (userId: string) => number;
  };
  readonly clear: (userId: string) => void;
  readonly facts: NodeFacts;
}): readonly Command[] {
  return [
    stopCommand(parts.turns),
    statusCommand(parts.facts, parts.turns),
    clearCommand(parts.clear),
    shellSlashCommand(parts.runShell),
  ];
}
