import { texts } from '../texts.ts';
import type { ImmediateCommand } from './command.ts';
import type { SessionCommandParts } from './session-commands.ts';

/** `/clear`: whoever the user talks to forgets what was said so far: the active session, or the mailboy. */
export function clearCommand(
  { manager, desk, talksTo }: Pick<SessionCommandParts, 'manager' | 'desk' | 'talksTo'>,
  forget: (userId: string) => void,
): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/clear',
    run({ userId, chatId, turnId }) {
      const session = talksTo(userId) === 'session' ? manager.active(userId) : undefined;
      if (session !== undefined) {
        const prompt = { userId, chatId, text: '/clear', origin: 'forward', forwardId: turnId } as const;
        return { settle: () => void desk.take(session, prompt) };
      }
      forget(userId);
      return texts.cleared;
    },
  };
}
