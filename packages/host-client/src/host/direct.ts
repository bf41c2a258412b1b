import type { Said } from '@phonework/shared/language';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { Direct } from '../mailboy/answer.ts';
import { withQuoted } from '../mailboy/quoted-message.ts';
import { asksForWords } from '../sessions/session-asks.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import type { TalksTo } from '../sessions/session-store.ts';

export type DirectParts = {
  readonly manager: SessionManager;
  readonly desk: SessionDesk;
  readonly questions: Pick<OpenQuestions, 'openFor' | 'answerInWords'>;
  readonly talksTo: (userId: string) => TalksTo;
  /** What a user reads who has no session to talk to. */
  readonly noSession: Said;
};

/** Hands plain messages to the active sessions of those users who talk to them. */
export function directTo({ manager, desk, questions, talksTo, noSession }: DirectParts): Direct {
  return ({ id: forwardId, userId, chatId, text, quoted, isUrgent }) => {
    if (talksTo(userId) === 'mailboy') return undefined;
    return {
      settle() {
        const session = manager.active(userId);
        if (session === undefined) return { reply: noSession };
        const [asked, ...others] = questions.openFor(userId).filter((question) => question.chatId === chatId);
        // Who is asked something in words answers in words.
        if (!isUrgent && asked !== undefined && others.length === 0 && asksForWords(asked, session.id)) {
          return { reply: questions.answerInWords(userId, chatId, text) };
        }
        desk.take(session, { userId, chatId, text: withQuoted(text, quoted), origin: 'forward', forwardId, isUrgent });
        return undefined;
      },
    };
  };
}
