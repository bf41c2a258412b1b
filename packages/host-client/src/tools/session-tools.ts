import type { Store } from '@phonework/shared/store';
import type { WorkDir } from '../files/work-dir.ts';
import { WorkDirError } from '../files/work-dir.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import { findSession } from '../sessions/session-name.ts';
import type { Session } from '../sessions/session-store.ts';
import type { ToolOutcome } from '../sessions/settle-turn.ts';
import { visibleLine } from '../texts/visible.ts';
import type { TurnContext } from '../turn-context.ts';
import { sessionToolTexts as texts } from './session-tool-texts.ts';
import { ToolError } from './tool.ts';

/** What the tools about sessions need. */
export type SessionToolOptions = {
  readonly store: Store;
  readonly manager: SessionManager;
  readonly desk: SessionDesk;
  readonly workDir: WorkDir;
};

/** The caller's session of this id or name. Throws ToolError. */
export function requireSession(
  { manager }: Pick<SessionToolOptions, 'manager'>,
  userId: string,
  idOrName: string,
): Session {
  const sessions = manager.list(userId);
  const found = findSession(sessions, idOrName);
  if (found.kind === 'found') return found.session;
  throw new ToolError(
    texts.unknown(
      idOrName,
      sessions.map(({ id, name }) => `${id} (${name})`),
    ),
  );
}

/** Sends a prompt, and resolves to what the model is told of the answer. Rejects with ToolError. */
export async function tellSession(
  { desk }: Pick<SessionToolOptions, 'desk'>,
  { session, prompt, tool }: { readonly session: Session; readonly prompt: string; readonly tool: string },
  { userId, chatId, signal, beforeEffect }: TurnContext,
): Promise<string> {
  await beforeEffect(`${tool} ${session.name}: ${visibleLine(prompt, 200)}`);
  return toText(await desk.ask(session, { userId, chatId, text: prompt }, signal));
}

/** The folder that a path of the model's means, made where there is none. Rejects with ToolError. */
export async function requireFolder({ workDir }: Pick<SessionToolOptions, 'workDir'>, path: string): Promise<string> {
  try {
    return await workDir.ensure(path);
  } catch (error) {
    if (error instanceof WorkDirError) throw new ToolError(error.said, { cause: error });
    throw error;
  }
}

function toText(outcome: ToolOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.text;
    case 'background':
      return texts.background(outcome.taskId);
    case 'failed':
      throw new ToolError(outcome.message);
  }
}
