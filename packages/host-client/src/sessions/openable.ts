import { realpath, stat } from 'node:fs/promises';
import { isInside } from '../files/inside.ts';
import { AgentError } from './agent-runner.ts';
import type { SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';
import { turnTexts } from './turn-texts.ts';

/**
 * The real path of a session's folder, where a process may be started for it now. Rejects with AgentError `not_started`
 * when the folder is gone or has come to lie outside of the projects', or another program has the conversation open.
 */
export async function requireOpenable(
  { runner, workingDir }: Pick<SessionPorts, 'runner' | 'workingDir'>,
  { name, cwd, conversationId }: Session,
): Promise<string> {
  const folder = await realpath(cwd).catch(() => undefined);
  const found = folder === undefined ? undefined : await stat(folder).catch(() => undefined);
  if (folder === undefined || found?.isDirectory() !== true) {
    throw new AgentError('not_started', turnTexts.folderGone(cwd));
  }
  // It was judged when the session was made: since then it may have been replaced by a link.
  if (!isInside(await realpath(workingDir).catch(() => workingDir), folder)) {
    throw new AgentError('not_started', turnTexts.folderOutside(cwd, workingDir));
  }
  const owner = await runner.findOwner(conversationId);
  if (owner !== undefined) throw new AgentError('not_started', turnTexts.ownedElsewhere(name, owner));
  return folder;
}
