import type { Said } from '@phonework/shared/language';
import * as z from 'zod';
import type { SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';

/** What all questions about sessions say in common of what they are about. */
const About = z.object({ sessionId: z.string(), turnId: z.string().optional() });

/**
 * Takes back what is open about a session: all of it, or of one kind, or about one turn. The user reads `say` of each
 * title; absent: nothing. For use inside `store.write`.
 */
export function withdrawQuestions(
  { questions }: Pick<SessionPorts, 'questions'>,
  session: Session,
  {
    kind,
    turnId,
    say = () => '',
  }: { readonly kind?: string; readonly turnId?: string; readonly say?: (title: string) => Said } = {},
): void {
  for (const question of questions.openFor(session.userId)) {
    const about = About.safeParse(question.subject).data;
    if (about?.sessionId !== session.id) continue;
    if ((kind ?? question.kind) !== question.kind || (turnId ?? about.turnId) !== about.turnId) continue;
    questions.withdraw(question.id, say(question.title));
  }
}
