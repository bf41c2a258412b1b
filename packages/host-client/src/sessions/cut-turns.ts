import * as z from 'zod';
import type { AgentDecision } from './agent-runner.ts';
import { outcomeTexts } from './outcome-texts.ts';
import type { SessionDrivers } from './session-drivers.ts';
import type { SessionPorts, SessionQuestion } from './session-ports.ts';
import type { Session } from './session-store.ts';
import type { SessionTurn } from './turn-queue.ts';
import { turnTexts } from './turn-texts.ts';
import { withdrawQuestions } from './withdraw-questions.ts';

/** Kind of the question what becomes of a turn that was cut. */
export const CUT = 'session-cut';

export const CutSubject = z.object({ sessionId: z.string(), turnId: z.string() });

/**
 * Turns that ran when the process ended: each is told, and goes on only when the user says so, since the agent then
 * runs it again.
 */
export class CutTurns {
  readonly #ports: SessionPorts;
  readonly #drivers: SessionDrivers;

  constructor(ports: SessionPorts, drivers: SessionDrivers) {
    this.#ports = ports;
    this.#drivers = drivers;
  }

  /** Finds those of an earlier process. `isAsking` is true where a question of the turn is still open. */
  async recover(isAsking: (session: Session, turnId: string) => boolean): Promise<void> {
    const { store, turns, sessions } = this.#ports;
    await store.write(() => {
      turns.putBackStarting();
      for (const turn of turns.running()) {
        const session = sessions.find(turn.sessionId);
        if (session === undefined) turns.remove(turn.id);
        else this.#report(session, turn, isAsking(session, turn.id));
      }
      // The tool call that waited is gone with its process, and that was said for the message which it was part of.
      for (const turn of turns.waitingOfTools()) turns.remove(turn.id);
    });
  }

  find(turnId: string): SessionTurn | undefined {
    const turn = this.#ports.turns.find(turnId);
    return turn?.state === 'cut' ? turn : undefined;
  }

  /** The agent goes on; `decided` is what the user has answered meanwhile. For use inside `store.write`. */
  continue(
    session: Session,
    cut: SessionTurn,
    decided?: { readonly digest: string; readonly decision: AgentDecision },
  ): void {
    const { store, turns } = this.#ports;
    removeCutTurn(this.#ports, session, cut.id);
    const { chatId, text } = cut;
    turns.add({ sessionId: session.id, chatId, text, origin: 'continued', isFirst: true });
    store.afterCommit(() => {
      if (decided !== undefined) this.#drivers.get(session.id).asks.remember(decided.digest, decided.decision);
      this.#drivers.wake(session.id);
    });
  }

  /** It is left as it is. For use inside `store.write`. */
  drop(session: Session, cut: SessionTurn): void {
    removeCutTurn(this.#ports, session, cut.id);
    this.#ports.store.afterCommit(() => this.#drivers.wake(session.id));
  }

  #report(session: Session, turn: SessionTurn, isAsking: boolean): void {
    const { sessions, turns, tasks, respond, say } = this.#ports;
    turns.markCut(turn.id);
    sessions.change(session.id, { hold: 'cut' });
    const { userId, name } = session;
    const { chatId, forwardId, taskId, step } = turn;
    const waiting = turns.list(session.id, 'waiting').length;
    const text = isAsking ? outcomeTexts.cutWhileAsking(name) : outcomeTexts.cut({ name, step, waiting });
    const question = cutQuestion({ sessionId: session.id, turnId: turn.id, name }, isAsking);
    // A task asks what becomes of it in its own words.
    if (taskId !== undefined) tasks.finish(taskId, { outcome: 'interrupted', output: step ?? '' });
    else if (forwardId !== undefined) respond({ userId, chatId, forwardId }, { reply: text, question });
    else say({ userId, chatId }, text, question);
  }
}

/** It holds nothing up any more, and nothing is asked about it. For use inside `store.write`. */
export function removeCutTurn(
  { turns, sessions, questions }: Pick<SessionPorts, 'turns' | 'sessions' | 'questions'>,
  session: Session,
  turnId: string,
): void {
  turns.remove(turnId);
  sessions.change(session.id, { hold: null });
  withdrawQuestions({ questions }, session, { turnId, say: turnTexts.askWithdrawn });
}

/** What becomes of a turn that was cut. */
export function cutQuestion(
  { sessionId, turnId, name }: z.infer<typeof CutSubject> & { readonly name: string },
  isAsking = false,
): SessionQuestion {
  return {
    kind: CUT,
    subject: { sessionId, turnId } satisfies z.infer<typeof CutSubject>,
    title: outcomeTexts.cutTitle(name),
    options: [
      // The answer to what was asked says it too.
      ...(isAsking ? [] : [{ id: 'continue', label: outcomeTexts.continue, style: 'primary' as const }]),
      { id: 'drop', label: outcomeTexts.drop, style: 'danger' },
    ],
  };
}
