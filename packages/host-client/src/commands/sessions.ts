import type { Reply } from '../approvals/question.ts';
import type { SessionView } from '../sessions/session-manager.ts';
import type { Session } from '../sessions/session-store.ts';
import type { ListedSession, ListedState } from '../sessions/status-text.ts';
import { sessionList } from '../sessions/status-text.ts';
import type { QueuedCommand } from './command.ts';
import { offer } from './command-buttons.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { typedName } from './session-commands.ts';

const MAX_CONVERSATIONS = 10;

const MAX_SWITCH_BUTTONS = 8;

/**
 * `/sessions`: the user's, with buttons to switch to them, and what else was talked about with the agent on this
 * machine.
 */
export function sessionsCommand({ store, manager, surroundings }: SessionCommandParts): QueuedCommand {
  return {
    kind: 'queued',
    name: '/sessions',
    async run({ userId }): Promise<Reply> {
      const conversations = await manager.otherConversations(MAX_CONVERSATIONS);
      const sessions = manager.list(userId);
      await store.write(() =>
        manager.setListed(userId, [
          ...sessions.map(({ id }) => ({ sessionId: id })),
          ...conversations.map(({ conversationId, cwd, firstLine }) => ({ conversationId, cwd, firstLine })),
        ]),
      );
      const activeId = manager.active(userId)?.id;
      const text = sessionList(
        sessions.map((session) => toListed(manager.view(session), activeId)),
        conversations.map(({ cwd: folder, firstLine, lastUsedAt }) => ({ folder, firstLine, lastUsedAt })),
        surroundings(),
      );
      return { text, ...switchButtons(sessions.filter(({ id }) => id !== activeId)) };
    },
  };
}

function switchButtons(sessions: readonly Session[]): Pick<Reply, 'question'> {
  const buttons = sessions.slice(0, MAX_SWITCH_BUTTONS).map((session) => ({
    label: texts.switchButton(session.name),
    command: `/switch ${typedName(session)}`,
  }));
  return offer(texts.switchTitle, buttons);
}

export function toListed({ session, state, activity }: SessionView, activeId: string | undefined): ListedSession {
  const { id, name, cwd: folder, mode, model, seenModel, lastUsedAt, costUsd } = session;
  const shownModel = model ?? seenModel;
  return {
    name,
    isActive: id === activeId,
    folder,
    mode,
    state: toState(state, activity),
    lastUsedAt,
    ...(shownModel !== undefined && { model: shownModel }),
    ...(costUsd > 0 && { costUsd }),
  };
}

function toState(state: SessionView['state'], activity: SessionView['activity']): ListedState {
  switch (state) {
    case 'working':
      return {
        kind: 'working',
        elapsedMs: activity?.elapsedMs ?? 0,
        ...(activity?.step !== undefined && { step: activity.step }),
      };
    case 'asking':
    case 'held':
      return { kind: 'waiting' };
    case 'cut':
      return { kind: 'interrupted' };
    case 'terminal':
      return { kind: 'terminal' };
    case 'idle':
      return { kind: 'idle' };
  }
}
