import type { QueuedCommand } from './command.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { chooseSession } from './session-commands.ts';

/** `/close [session]`: ends it; its conversation stays on the machine. */
export function closeCommand({ manager, desk }: SessionCommandParts): QueuedCommand {
  return {
    kind: 'queued',
    name: '/close',
    async run({ userId, argument }) {
      const chosen = chooseSession({ manager }, userId, argument);
      if ('refusal' in chosen) return chosen.refusal;
      const { session } = chosen;
      return texts.closed(session.name, await desk.close(session));
    },
  };
}
