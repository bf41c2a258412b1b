import type { ImmediateCommand } from './command.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';

/** `/direct`: plain messages go straight to the active session. */
export function directCommand({ manager }: SessionCommandParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/direct',
    run({ userId }) {
      manager.setTalksTo(userId, 'session');
      return texts.direct(manager.active(userId)?.name);
    },
  };
}

/** `/smart`: plain messages go to the mailboy. */
export function smartCommand({ manager, hasModel }: SessionCommandParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/smart',
    run({ userId }) {
      if (!hasModel) return texts.smartWithoutModel;
      manager.setTalksTo(userId, 'mailboy');
      return texts.smart;
    },
  };
}
