import * as z from 'zod';
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
    title: `${session.name}: ${waiting} waiting since /stop`,
    options: [
      { id: 'run', label: waiting === 1 ? 'Run it' : `Run all ${waiting}`, style: 'primary' },
      ...(waiting > 1 ? [{ id: 'newest', label: 'Run only the newest', style: 'default' as const }] : []),
      { id: 'drop', label: waiting === 1 ? 'Drop it' : 'Drop them', style: 'danger' },
    ],
  };
}
