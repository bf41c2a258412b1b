import type { Text } from '@phonework/shared/language';
import type { AgentDecision } from './agent-runner.ts';
import type { CutTurns } from './cut-turns.ts';
import { CUT, CutSubject } from './cut-turns.ts';
import { outcomeTexts } from './outcome-texts.ts';
import { QUEUE, QueueSubject } from './queue-question.ts';
import type { AskSubject } from './session-asks.ts';
import { ASK } from './session-asks.ts';
import type { SessionDesk } from './session-desk.ts';
import type { SessionDrivers } from './session-drivers.ts';
import type { Recipient, SessionPorts, SessionQuestion } from './session-ports.ts';
import type { Session } from './session-store.ts';
import { turnTexts } from './turn-texts.ts';

type Asked = Pick<SessionQuestion, 'kind' | 'options' | 'title'> & Recipient & { readonly subject: unknown };
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
  answered(asked: Asked, answer: Given): Text | undefined {
    const { kind, chatId, subject } = asked;
    // Written by SessionAsks out of this type.
    if (kind === ASK) return this.#answerAsk(subject as AskSubject, chatId, answer);
    if ('words' in answer) return this.#askAgain(asked);
    if (kind === CUT) return this.#answerCut(CutSubject.parse(subject), answer.optionId);
    return this.#answerQueue(QueueSubject.parse(subject).sessionId, answer.optionId);
  }

  expired({ kind, subject, title }: Pick<Asked, 'kind' | 'subject' | 'title'>): Text {
    if (kind !== ASK) return outcomeTexts.expiredCut(title);
    const { limits, sessions } = this.#ports;
    const { questionTtlMs } = limits;
    const message = outcomeTexts.deniedByExpiry(questionTtlMs);
    // Written by SessionAsks out of this type.
    const asked = subject as AskSubject;
    const session = sessions.find(asked.sessionId);
    const cut = asked.turnId === undefined ? undefined : this.#cutTurns.find(asked.turnId);
    if (session !== undefined && cut !== undefined) {
      this.#cutTurns.drop(session, cut);
      return outcomeTexts.expiredCut(title);
    }
    this.#audit(asked, { kind: 'deny', message }, 'nobody: expired');
    this.#ports.store.afterCommit(() =>
      this.#drivers.find(asked.sessionId)?.decide(asked.requestId, { kind: 'deny', message }),
    );
    return outcomeTexts.expired(title, questionTtlMs);
  }

  #answerAsk(subject: AskSubject, chatId: string, answer: Given): Text | undefined {
    const { store, sessions } = this.#ports;
    const session = sessions.find(subject.sessionId);
    if (session === undefined) return outcomeTexts.gone;
    const driver = this.#drivers.get(session.id);
    const decision = driver.asks.answered(session, chatId, subject, answer);
    if (decision === undefined) return undefined;
    const isOpen = driver.asks.isOpen(subject.requestId);
    const cut = isOpen || subject.turnId === undefined ? undefined : this.#cutTurns.find(subject.turnId);
    if (!isOpen && cut === undefined) return outcomeTexts.gone;
    this.#audit(subject, decision, session.userId);
    // The agent leaves plan mode with it, and must not be put back into it by the next process.
    if (decision.kind === 'approve-plan') {
      sessions.change(session.id, { mode: decision.acceptEdits ? 'acceptEdits' : 'default' });
    }
    if (cut === undefined) {
      store.afterCommit(() => driver.decide(subject.requestId, decision));
      return undefined;
    }
    this.#cutTurns.continue(session, cut, { digest: subject.digest, decision });
    return outcomeTexts.continuing(session.name);
  }

  /** Words that are none of the buttons decide nothing here: one of them drops what can't be had back. */
  #askAgain({ kind, userId, chatId, subject, title, options }: Asked): Text {
    this.#ports.say({ userId, chatId }, title, { kind, subject, title, options });
    return outcomeTexts.notAnAnswer;
  }

  #answerCut({ sessionId, turnId }: { sessionId: string; turnId: string }, choice: string): Text {
    const session = this.#ports.sessions.find(sessionId);
    const cut = this.#cutTurns.find(turnId);
    if (session === undefined || cut === undefined) return outcomeTexts.gone;
    if (choice === 'continue') {
      this.#cutTurns.continue(session, cut);
      return outcomeTexts.continuing(session.name);
    }
    this.#cutTurns.drop(session, cut);
    return outcomeTexts.dropped(session.name);
  }

  #answerQueue(sessionId: string, choice: string): Text {
    const session = this.#ports.sessions.find(sessionId);
    if (session?.hold !== 'stopped') return outcomeTexts.gone;
    const dropped = this.#dropUnwanted(session, choice);
    this.#desk.release(session);
    return turnTexts.queueDecided(session.name, dropped);
  }

  #dropUnwanted(session: Session, choice: string): number {
    if (choice === 'run') return 0;
    return choice === 'newest' ? this.#desk.dropButNewest(session) : this.#desk.drop(session);
  }

  #audit({ sessionId, ask }: AskSubject, decision: AgentDecision, by: string): void {
    const { store, audit } = this.#ports;
    store.afterCommit(() =>
      audit.write(sessionId, {
        kind: 'decision',
        asked: ask.kind === 'permission' ? ask.tool : ask.kind,
        decision: decision.kind,
        ...(decision.kind === 'allow' && { scope: decision.scope }),
        by,
      }),
    );
  }
}
