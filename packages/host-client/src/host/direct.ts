import type { Direct } from '../mailboy/answer.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import type { TalksTo } from '../sessions/session-store.ts';

export type DirectParts = {
  readonly manager: SessionManager;
  readonly desk: SessionDesk;
  readonly talksTo: (userId: string) => TalksTo;
  /** What a user reads who has no session to talk to. */
  readonly noSession: string;
};

/** Hands plain messages to the active sessions of those users who talk to them. */
export function directTo({ manager, desk, talksTo, noSession }: DirectParts): Direct {
  return ({ id: forwardId, userId, chatId, text, isUrgent }) => {
    if (talksTo(userId) === 'mailboy') return undefined;
    return {
      settle() {
        const session = manager.active(userId);
        if (session === undefined) return { reply: noSession };
        desk.take(session, { userId, chatId, text, origin: 'forward', forwardId, isUrgent });
        return undefined;
      },
    };
  };
}
