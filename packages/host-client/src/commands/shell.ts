import { texts } from '../texts.ts';
import type { QueuedCommand } from './command.ts';
import type { ToolContext } from '../tools/tool.ts';

/** `/shell <command>`: the user's own command line, without the model. `run` judges it and resolves to its output. */
export function shellSlashCommand(
  run: (command: string, context: Pick<ToolContext, 'signal' | 'beforeEffect'>) => Promise<string>,
): QueuedCommand {
  return {
    kind: 'queued',
    name: '/shell',
    run: async ({ argument }, context) => (argument === '' ? texts.shellUsage : await run(argument, context)),
  };
}
