import type { Text } from '@phonework/shared/language';
import type { Store } from '@phonework/shared/store';
import type { WorkDir } from '../files/work-dir.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import type { FoundSession } from '../sessions/session-name.ts';
import { findSession } from '../sessions/session-name.ts';
import type { Listed, Session, TalksTo } from '../sessions/session-store.ts';
import type { Surroundings } from '../sessions/status-text.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';

/** What the commands about sessions need. */
export type SessionCommandParts = {
  readonly store: Store;
  readonly manager: SessionManager;
  readonly desk: SessionDesk;
  readonly workDir: WorkDir;
  /** Whom a user's plain messages go to. */
  readonly talksTo: (userId: string) => TalksTo;
  /** Without a model there is no mailboy to talk to. */
  readonly hasModel: boolean;
  readonly surroundings: () => Surroundings;
};

/** The session that a command names, or the active one; a sentence where there is none. */
export function chooseSession(
  { manager }: Pick<SessionCommandParts, 'manager'>,
  userId: string,
  argument: string,
): { readonly session: Session } | { readonly refusal: Text } {
  if (argument === '') {
    const session = manager.active(userId);
    return session === undefined ? { refusal: texts.noneActive } : { session };
  }
  const found = findByText(manager, userId, argument);
  return found.kind === 'found' ? { session: found.session } : { refusal: notFound(argument, found) };
}

/** By number in the list that the user saw last, id, or name. */
export function findByText(manager: SessionManager, userId: string, text: string): FoundSession<Session> {
  const ids = manager.listed(userId).flatMap((listed) => ('sessionId' in listed ? [listed.sessionId] : []));
  return findSession(manager.list(userId), text, ids);
}

/** What a user types who means this session: its name, unless that would be taken for a number in a list. */
export function typedName({ id, name }: Pick<Session, 'id' | 'name'>): string {
  return /^\d+$/.test(name.normalize('NFKC')) ? id : name;
}

/** Whether /stop would end something of it. */
export function isBusy({ manager }: Pick<SessionCommandParts, 'manager'>, session: Session): boolean {
  const state = manager.state(session);
  return state === 'working' || state === 'asking';
}

/** The line of the list that the user saw last. */
export function findListed(manager: SessionManager, userId: string, text: string): Listed | undefined {
  const number = /^#?(\d{1,4})$/.exec(text.trim())?.[1];
  return number === undefined ? undefined : manager.listed(userId)[Number(number) - 1];
}

export function notFound(text: string, found: Exclude<FoundSession<Session>, { kind: 'found' }>): Text {
  return found.kind === 'several'
    ? texts.several(
        text,
        found.sessions.map(({ name }) => name),
      )
    : texts.unknown(text, found.nearest);
}
