import type { Said } from '@phonework/shared/language';
import type { Reply } from '../approvals/question.ts';
import { texts } from '../texts.ts';
import type { TurnContext } from '../turn-context.ts';
import type { QueuedCommand } from './command.ts';
import type { SlowCommand } from './shell-background.ts';
import { backgroundQuestion } from './shell-background.ts';
import { wholeOutputQuestion } from './whole-output.ts';

/** What came of a command. */
type Outcome = {
  /** For its user. */
  readonly text: Said;
  readonly tooSlow?: SlowCommand;
  /** Path of all that it said, where `text` shows only a part. */
  readonly wholeOutput?: string;
};

/** Runs a command line of the user's own. */
type Run = (command: string, context: Pick<TurnContext, 'turnId' | 'signal' | 'beforeEffect'>) => Promise<Outcome>;

/**
 * `/shell <command>`: the user's own command line, without the model. One that takes too long may run in the
 * background, and of one that says too much the whole output may be sent.
 */
export function shellSlashCommand(run: Run): QueuedCommand {
  return {
    kind: 'queued',
    name: '/shell',
    async run({ argument }, context): Promise<Said | Reply> {
      if (argument === '') return texts.shellUsage;
      const { text, ...rest } = await run(argument, context);
      const question = questionAfter(argument, rest);
      return question === undefined ? text : { text, question };
    },
  };
}

function questionAfter(command: string, { tooSlow, wholeOutput }: Omit<Outcome, 'text'>): Reply['question'] {
  if (tooSlow !== undefined) return backgroundQuestion(tooSlow, wholeOutput);
  return wholeOutput === undefined ? undefined : wholeOutputQuestion(command, wholeOutput);
}
