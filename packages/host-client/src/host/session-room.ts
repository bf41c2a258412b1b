import type { Language } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { Audit } from '../audit.ts';
import type { HostConfig } from '../config.ts';
import type { RouterMail } from '../link/router-mail.ts';
import type { AgentRunner } from '../sessions/agent-runner.ts';
import { CutTurns } from '../sessions/cut-turns.ts';
import type { AskSubject } from '../sessions/session-asks.ts';
import { ASK } from '../sessions/session-asks.ts';
import { SessionDesk } from '../sessions/session-desk.ts';
import { SessionDrivers } from '../sessions/session-drivers.ts';
import { SessionManager } from '../sessions/session-manager.ts';
import type { SessionLimits, SessionPorts } from '../sessions/session-ports.ts';
import { SessionQuestions, sessionQuestionKinds } from '../sessions/session-questions.ts';
import { SessionStore } from '../sessions/session-store.ts';
import { terminalAddress } from '../sessions/terminal-address.ts';
import { TerminalDoor } from '../sessions/terminal-door.ts';
import { TurnQueue } from '../sessions/turn-queue.ts';
import { turnTexts } from '../sessions/turn-texts.ts';
import type { Job } from '../tasks/job.ts';
import type { Tasks } from '../tasks/tasks.ts';

/** A turn that takes longer goes on in the background (contract: `CC_TIMEOUT_S`). */
const BACKGROUND_AFTER_MS = 60_000;
const MAX_WAITING = 20;
const INTERRUPT_MS = 3000;

export type SessionRoomParts = {
  readonly store: Store;
  readonly runner: AgentRunner;
  readonly mail: RouterMail;
  readonly questions: OpenQuestions;
  readonly tasks: Tasks;
  readonly audit: Audit;
  readonly languageOf: (userId: string) => Language;
  readonly showProgress: (forwardId: string, text: string, step: string | undefined) => void;
  readonly later: (work: () => void) => void;
  readonly onChange: () => void;
  readonly logger: Logger;
  /** In place of what the configuration says. */
  readonly limits?: Partial<SessionLimits>;
};

/** All that is about sessions, put together. */
export class SessionRoom {
  readonly manager: SessionManager;
  readonly desk: SessionDesk;
  readonly turns: TurnQueue;
  readonly #drivers: SessionDrivers;
  readonly #cutTurns: CutTurns;
  readonly #store: Store;
  readonly #questions: OpenQuestions;
  readonly #serves: ReadonlySet<string>;
  readonly #door: TerminalDoor | undefined;

  constructor(config: HostConfig, parts: SessionRoomParts) {
    const { store, mail, questions } = parts;
    this.turns = new TurnQueue(store);
    const ports: SessionPorts = {
      ...parts,
      sessions: new SessionStore(store),
      turns: this.turns,
      respond: (message, reply) => mail.respond(message, reply),
      say: (to, text, question) => mail.say(to, text, question),
      defaultMode: config.claude.permissionMode,
      limits: {
        backgroundAfterMs: BACKGROUND_AFTER_MS,
        turnTimeoutMs: config.claude.turnTimeoutMs,
        idleMs: config.claude.idleMs,
        questionTtlMs: config.questionTtlMs,
        maxWaiting: MAX_WAITING,
        interruptMs: INTERRUPT_MS,
        ...parts.limits,
      },
      nodeId: config.nodeId,
      workingDir: config.workingDir,
    };
    this.#store = store;
    this.#questions = questions;
    this.#serves = new Set(config.servesUsers);
    this.#drivers = new SessionDrivers(ports);
    this.#cutTurns = new CutTurns(ports, this.#drivers);
    this.manager = new SessionManager(ports, this.#drivers);
    this.desk = new SessionDesk(ports, this.#drivers);
    const owner = new SessionQuestions(ports, { drivers: this.#drivers, desk: this.desk, cutTurns: this.#cutTurns });
    for (const kind of sessionQuestionKinds) questions.own(kind, owner);
    const address = terminalAddress(config.dataDir);
    this.#door = address === undefined ? undefined : new TerminalDoor(address, ports, this.#drivers);
  }

  /** Tells of the turns that were cut, then goes on with what waits. */
  async start(): Promise<void> {
    await this.#cutTurns.recover((session, turnId) =>
      this.#questions.openFor(session.userId).some(({ kind, subject }) => kind === ASK && isOf(subject, turnId)),
    );
    await this.#store.write(() => {
      this.#withdrawStaleAsks();
      this.#dropOfDeparted();
    });
    for (const sessionId of this.turns.waitingSessions()) this.#drivers.wake(sessionId);
    await this.#door?.open();
  }

  /** A job's message as a prompt for its session. False when its user has no such session. For use inside `store.write`. */
  takeJob({ userId, chatId, sessionId, message: text }: Job): boolean {
    const session = this.manager.list(userId).find(({ id }) => id === sessionId);
    if (session === undefined) return false;
    this.desk.takeJob(session, { userId, chatId, text });
    return true;
  }

  /** Running turns get until `patience` is aborted. */
  async stop(patience: AbortSignal): Promise<void> {
    await this.#drivers.shutDown(patience);
    await this.#door?.close();
  }

  /** Whom this node serves may have changed since: for others nothing is run. */
  #dropOfDeparted(): void {
    for (const session of this.manager.all()) if (!this.#serves.has(session.userId)) this.desk.drop(session);
  }

  /** What was asked by processes that are gone counts only where the user may still let the turn go on. */
  #withdrawStaleAsks(): void {
    for (const id of this.#questions.openOf(ASK)) {
      const question = this.#questions.find(id);
      // Written by SessionAsks out of this type.
      const { turnId = '' } = (question?.subject ?? {}) as Partial<AskSubject>;
      if (question !== undefined && this.#cutTurns.find(turnId) === undefined) {
        this.#questions.withdraw(id, turnTexts.askWithdrawn(question.title));
      }
    }
  }
}

function isOf(subject: unknown, turnId: string): boolean {
  return typeof subject === 'object' && subject !== null && 'turnId' in subject && subject.turnId === turnId;
}
