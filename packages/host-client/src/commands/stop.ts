import { texts } from '../texts.ts';
import type { ImmediateCommand } from './command.ts';

/** `/stop`: ends the user's running turn. `stop` is false when none runs; `waiting` counts the messages behind it. */
export function stopCommand(turns: {
  readonly stop: (userId: string) => boolean;
  readonly waiting: (userId: string) => number;
}): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/stop',
    run: ({ userId }) => (turns.stop(userId) ? texts.stopping(turns.waiting(userId)) : texts.nothingToStop),
  };
}
