import { permissionModes } from '../sessions/agent-runner.ts';
import type { QueuedCommand } from './command.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { chooseSession } from './session-commands.ts';

/** `/mode <permission mode>`: what the active session may do without asking. */
export function modeCommand({ manager }: SessionCommandParts): QueuedCommand {
  return {
    kind: 'queued',
    name: '/mode',
    async run({ userId, argument }) {
      const chosen = chooseSession({ manager }, userId, '');
      if ('refusal' in chosen) return chosen.refusal;
      const { session } = chosen;
      const mode = permissionModes.find((known) => known.toLowerCase() === argument.toLowerCase());
      if (mode === undefined) return texts.modeUsage(session.mode, permissionModes);
      await manager.setMode(session, mode);
      return mode === 'bypassPermissions' ? texts.bypass(session.name) : texts.mode(session.name, mode);
    },
  };
}

/** `/model <name>`: the model of the active session. */
export function modelCommand({ manager }: SessionCommandParts): QueuedCommand {
  return {
    kind: 'queued',
    name: '/model',
    async run({ userId, argument }) {
      const chosen = chooseSession({ manager }, userId, '');
      if ('refusal' in chosen) return chosen.refusal;
      const { session } = chosen;
      if (argument === '') return texts.modelUsage(session.model ?? session.seenModel);
      const model = argument === 'default' ? undefined : argument;
      await manager.setModel(session, model);
      return texts.model(session.name, model);
    },
  };
}
