import * as z from 'zod';
import { queueTexts as texts } from './queue-texts.ts';
import type { SessionQuestion } from './session-ports.ts';
import type { Session } from './session-store.ts';

/** Kind of the question what becomes of messages that wait since /stop. */
export const QUEUE = 'session-queue';

export const QueueSubject = z.object({ sessionId: z.string() });

/** What becomes of `waiting` messages. */
export function queueQuestion(session: Session, waiting: number): SessionQuestion {
  return {
    kind: QUEUE,
    subject: { sessionId: session.id } satisfies z.infer<typeof QueueSubject>,
    title: texts.title(session.name, waiting),
    options: [
      { id: 'run', label: texts.run(waiting), style: 'primary' },
      ...(waiting > 1 ? [{ id: 'newest', label: texts.newest, style: 'default' as const }] : []),
      { id: 'drop', label: texts.drop(waiting), style: 'danger' },
    ],
  };
}
