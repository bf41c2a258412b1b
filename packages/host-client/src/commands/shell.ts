import type { Reply } from '../approvals/question.ts';
import { texts } from '../texts.ts';
import type { TurnContext } from '../turn-context.ts';
import type { QueuedCommand } from './command.ts';
import type { SlowCommand } from './shell-background.ts';
import { backgroundQuestion } from './shell-background.ts';

/** Runs a command line of the user's own; `text` is what they read of it. */
type Run = (
  command: string,
  context: Pick<TurnContext, 'signal' | 'beforeEffect'>,
) => Promise<{ readonly text: string; readonly tooSlow?: SlowCommand }>;

/** `/shell <command>`: the user's own command line, without the model. One that takes too long may run in the background. */
export function shellSlashCommand(run: Run): QueuedCommand {
  return {
    kind: 'queued',
    name: '/shell',
    async run({ argument }, context): Promise<string | Reply> {
      if (argument === '') return texts.shellUsage;
      const { text, tooSlow } = await run(argument, context);
      return tooSlow === undefined ? text : { text, question: backgroundQuestion(tooSlow) };
    },
  };
}
