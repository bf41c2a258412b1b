import type { ImmediateCommand } from './command.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { chooseSession } from './session-commands.ts';

/** `/compact [what to keep]`: the active session replaces its conversation by a summary, when it comes to it. */
export function compactCommand({ manager, desk }: SessionCommandParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/compact',
    run({ userId, chatId, turnId, argument }) {
      const chosen = chooseSession({ manager }, userId, '');
      if ('refusal' in chosen) return chosen.refusal;
      const { session } = chosen;
      const text = argument === '' ? '/compact' : `/compact ${argument}`;
      return {
        settle: () => void desk.take(session, { userId, chatId, text, origin: 'forward', forwardId: turnId }),
      };
    },
  };
}
