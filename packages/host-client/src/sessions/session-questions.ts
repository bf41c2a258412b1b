import type { AgentDecision } from './agent-runner.ts';
import type { CutTurns } from './cut-turns.ts';
import { CUT, CutSubject } from './cut-turns.ts';
import { QUEUE, QueueSubject } from './queue-question.ts';
import type { AskSubject } from './session-asks.ts';
import { ASK } from './session-asks.ts';
import type { SessionDesk } from './session-desk.ts';
import type { SessionDrivers } from './session-drivers.ts';
import type { SessionPorts } from './session-ports.ts';
import { turnTexts } from './turn-texts.ts';

type Asked = { readonly kind: string; readonly chatId: string; readonly subject: unknown };
type Given = { readonly optionId: string; readonly label: string } | { readonly words: string };

/** Kinds of questions that are about sessions. */
export const sessionQuestionKinds = [ASK, CUT, QUEUE] as const;

/** What the answers of users to questions about sessions lead to. Methods are for use inside `store.write`. */
export class SessionQuestions {
  readonly #ports: SessionPorts;
  readonly #drivers: SessionDrivers;
  readonly #desk: SessionDesk;
  readonly #cutTurns: CutTurns;

  constructor(
    ports: SessionPorts,
    rooms: { readonly drivers: SessionDrivers; readonly desk: SessionDesk; readonly cutTurns: CutTurns },
  ) {
    this.#ports = ports;
    this.#drivers = rooms.drivers;
    this.#desk = rooms.desk;
    this.#cutTurns = rooms.cutTurns;
  }

  /** Returns what the user is told, where the outcome does not speak for itself. */
  answered({ kind, chatId, subject }: Asked, answer: Given): string | undefined {
    const choice = 'optionId' in answer ? answer.optionId : undefined;
    switch (kind) {
      case ASK:
        return this.#answerAsk(subject as AskSubject, chatId, answer);
      case CUT:
        return this.#answerCut(CutSubject.parse(subject), choice);
      default:
        return this.#answerQueue(QueueSubject.parse(subject).sessionId, choice);
    }
  }

  expired({ kind, subject }: Asked): string {
    if (kind !== ASK) return turnTexts.expiredCut;
    const { limits, sessions } = this.#ports;
    const { questionTtlMs } = limits;
    const message = turnTexts.deniedByExpiry(questionTtlMs);
    // Written by SessionAsks out of this type.
    const asked = subject as AskSubject;
    const session = sessions.find(asked.sessionId);
    const cut = asked.turnId === undefined ? undefined : this.#cutTurns.find(asked.turnId);
    if (session !== undefined && cut !== undefined) {
      this.#cutTurns.drop(session, cut);
      return turnTexts.expiredCut;
    }
    this.#audit(asked, { kind: 'deny', message }, 'nobody: expired');
    this.#ports.store.afterCommit(() =>
      this.#drivers.find(asked.sessionId)?.decide(asked.requestId, { kind: 'deny', message }),
    );
    return turnTexts.expired(questionTtlMs);
  }

  #answerAsk(subject: AskSubject, chatId: string, answer: Given): string | undefined {
    const { store, sessions } = this.#ports;
    const session = sessions.find(subject.sessionId);
    if (session === undefined) return turnTexts.gone;
    const driver = this.#drivers.get(session.id);
    const decision = driver.asks.answered(session, chatId, subject, answer);
    if (decision === undefined) return undefined;
    this.#audit(subject, decision, session.userId);
    // The agent leaves plan mode with it, and must not be put back into it by the next process.
    if (decision.kind === 'approve-plan') {
      sessions.change(session.id, { mode: decision.acceptEdits ? 'acceptEdits' : 'default' });
    }
    if (driver.asks.isOpen(subject.requestId)) {
      store.afterCommit(() => driver.decide(subject.requestId, decision));
      return undefined;
    }
    const cut = subject.turnId === undefined ? undefined : this.#cutTurns.find(subject.turnId);
    if (cut === undefined) return turnTexts.gone;
    this.#cutTurns.continue(session, cut, { digest: subject.digest, decision });
    return turnTexts.continuing(session.name);
  }

  #answerCut({ sessionId, turnId }: { sessionId: string; turnId: string }, choice: string | undefined): string {
    const session = this.#ports.sessions.find(sessionId);
    const cut = this.#cutTurns.find(turnId);
    if (session === undefined || cut === undefined) return turnTexts.gone;
    if (choice === 'continue') {
      this.#cutTurns.continue(session, cut);
      return turnTexts.continuing(session.name);
    }
    this.#cutTurns.drop(session, cut);
    return turnTexts.dropped(session.name);
  }

  #answerQueue(sessionId: string, choice: string | undefined): string {
    const session = this.#ports.sessions.find(sessionId);
    if (session?.hold !== 'stopped') return turnTexts.gone;
    const dropped = choice === 'run' ? 0 : this.#desk.drop(session, { keep: choice === 'newest' ? 1 : 0 });
    this.#desk.release(session);
    return turnTexts.queueDecided(session.name, dropped);
  }

  #audit({ sessionId, ask }: AskSubject, decision: AgentDecision, by: string): void {
    this.#ports.audit.write(sessionId, {
      kind: 'decision',
      asked: ask.kind === 'permission' ? ask.tool : ask.kind,
      decision: decision.kind,
      ...(decision.kind === 'allow' && { scope: decision.scope }),
      by,
    });
  }
}
