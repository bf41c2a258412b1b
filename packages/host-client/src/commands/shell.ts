import { texts } from '../texts.ts';
import type { TurnContext } from '../turn-context.ts';
import type { QueuedCommand } from './command.ts';

/** `/shell <command>`: the user's own command line, without the model. `run` judges it and resolves to its output. */
export function shellSlashCommand(
  run: (command: string, context: Pick<TurnContext, 'signal' | 'beforeEffect'>) => Promise<string>,
): QueuedCommand {
  return {
    kind: 'queued',
    name: '/shell',
    run: async ({ argument }, context) => (argument === '' ? texts.shellUsage : await run(argument, context)),
  };
}
