import { texts } from '../texts.ts';
import type { ImmediateCommand } from './command.ts';

/** `/clear`: the mailboy forgets what was said so far. */
export function clearCommand(clear: (userId: string) => void): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/clear',
    run({ userId }) {
      clear(userId);
      return texts.cleared;
    },
  };
}
