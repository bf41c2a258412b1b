import { shortFolder } from '../sessions/status-text.ts';
import type { ImmediateCommand } from './command.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { findByText, findListed, notFound } from './session-commands.ts';

/** `/switch <session>`: the one that the user works with from now on; also a conversation that /sessions showed. */
export function switchCommand({ manager, surroundings }: SessionCommandParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/switch',
    run({ userId, chatId, argument }) {
      if (argument === '') return texts.switchUsage;
      const listed = findListed(manager, userId, argument);
      if (listed !== undefined && 'conversationId' in listed) {
        const session = manager.takeOver({ userId, chatId }, listed);
        if (session === undefined) return texts.takenByOther;
        return texts.takenOver(session.name, shortFolder(session.cwd, surroundings()));
      }
      const found = findByText(manager, userId, argument);
      if (found.kind !== 'found') return notFound(argument, found);
      manager.activate(found.session);
      return texts.switched(found.session.name);
    },
  };
}
