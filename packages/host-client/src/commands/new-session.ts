import type { Said } from '@phonework/shared/language';
import { WorkDirError } from '../files/work-dir.ts';
import { parseNewSession } from '../sessions/new-session-request.ts';
import { shortFolder } from '../sessions/status-text.ts';
import type { QueuedCommand } from './command.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';

/** `/new [name or path] [--timeout N][: first prompt]`: a session in a folder of the projects', made where there is none. */
export function newSessionCommand({
  manager,
  desk,
  workDir,
  talksTo,
  surroundings,
}: SessionCommandParts): QueuedCommand {
  return {
    kind: 'queued',
    name: '/new',
    async run({ userId, chatId, turnId, argument }) {
      const request = parseNewSession(argument);
      if ('usage' in request) return request.usage;
      const { path = '.', timeoutS, prompt } = request;
      const ensured = await ensureFolder(workDir, path);
      if ('refusal' in ensured) return ensured.refusal;
      const { folder: cwd } = ensured;
      return {
        settle() {
          const session = manager.create({ userId, chatId }, { cwd, ...(timeoutS !== undefined && { timeoutS }) });
          if (prompt !== undefined) {
            desk.take(session, { userId, chatId, text: prompt, origin: 'forward', forwardId: turnId });
            return undefined;
          }
          const { name } = session;
          const next = talksTo(userId) === 'session' ? texts.talksToSession : texts.talksToMailboy(name);
          return texts.created(name, shortFolder(cwd, surroundings()), next);
        },
      };
    },
  };
}

/** The folder, or a sentence on why it can't be one. */
async function ensureFolder(
  workDir: SessionCommandParts['workDir'],
  path: string,
): Promise<{ readonly folder: string } | { readonly refusal: Said }> {
  try {
    return { folder: await workDir.ensure(path) };
  } catch (error) {
    if (error instanceof WorkDirError) return { refusal: error.said };
    throw error;
  }
}
