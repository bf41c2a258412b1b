import type { Said } from '@phonework/shared/language';
import { AgentError } from './agent-runner.ts';
import { removeCutTurn } from './cut-turns.ts';
import { QUEUE, queueQuestion } from './queue-question.ts';
import type { StopReason } from './running-turn.ts';
import type { SessionDrivers } from './session-drivers.ts';
import type { Recipient, SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';
import type { ToolOutcome } from './settle-turn.ts';
import { toBackground } from './settle-turn.ts';
import type { SessionTurn } from './turn-queue.ts';
import { turnTexts } from './turn-texts.ts';
import { withdrawQuestions } from './withdraw-questions.ts';

/** Above this, a session's own time-out makes each of its turns a background task from the start. */
const SHOWN_LIVE_S = 60;

/** By a user who wants it ended, or who has only taken the message back. */
type CancelReason = Extract<StopReason, 'taken-back' | 'user'>;

/** A message, or something else that a session is told. */
export type Prompt = Recipient & {
  readonly text: string;
  readonly origin: 'forward' | 'tool' | 'job';
  /** Of a message: what is to be answered. */
  readonly forwardId?: string;
  /** It interrupts what runs, and goes before what waits. */
  readonly isUrgent?: boolean;
  /** Nobody says it now: it decides nothing about what was cut. */
  readonly isScheduled?: boolean;
};

/** Takes what sessions are told, in order, and takes it back. Methods that return nothing to wait for are for use inside `store.write`. */
export class SessionDesk {
  readonly #ports: SessionPorts;
  readonly #drivers: SessionDrivers;

  constructor(ports: SessionPorts, drivers: SessionDrivers) {
    this.#ports = ports;
    this.#drivers = drivers;
  }

  /** Puts a prompt into a session's queue; its answer comes by itself. Undefined when there is no room, and that is said. */
  take(session: Session, prompt: Prompt): SessionTurn | undefined {
    const { store, turns, limits, respond } = this.#ports;
    const { userId, chatId, forwardId, text, origin, isUrgent = false, isScheduled = false } = prompt;
    const waiting = turns.count(session.id, 'waiting');
    if (waiting >= limits.maxWaiting) {
      const error = turnTexts.queueFull(session.name, limits.maxWaiting);
      if (forwardId !== undefined) respond({ userId, chatId, forwardId }, { reply: '', error });
      return undefined;
    }
    if (!isScheduled) this.#leaveCutTurns(session);
    const sessionId = session.id;
    const message = { sessionId, chatId, text, origin, isFirst: isUrgent };
    const turn = turns.add({ ...message, ...(forwardId !== undefined && { forwardId }) });
    if ((session.timeoutS ?? 0) > SHOWN_LIVE_S) toBackground(this.#ports, turn.id);
    if (origin === 'forward') this.#tellPlace(session, turn, waiting + 1);
    store.afterCommit(() => {
      if (isUrgent) this.#drivers.find(sessionId)?.stop('user');
      this.#drivers.wake(sessionId);
    });
    return turn;
  }

  /** The same for what is due at this time; where there is no room, its user reads it. */
  takeJob(session: Session, prompt: Recipient & { readonly text: string }): void {
    const turn = this.take(session, { ...prompt, origin: 'job', isScheduled: true });
    const { say, limits } = this.#ports;
    if (turn === undefined) say(prompt, turnTexts.jobNotTaken(session.name, limits.maxWaiting, prompt.text));
  }

  /**
   * The same for a tool call: resolves with how the turn came out, or with the task that it is when that takes long. An
   * abort of `signal` ends the turn.
   */
  async ask(
    session: Session,
    prompt: Recipient & { readonly text: string },
    signal: AbortSignal,
  ): Promise<ToolOutcome> {
    const { store, limits } = this.#ports;
    const driver = this.#drivers.get(session.id);
    const { promise: outcome, resolve } = Promise.withResolvers<ToolOutcome>();
    const turnId = await store.write(() => {
      const id = this.take(session, { ...prompt, origin: 'tool' })?.id;
      if (id === undefined) return undefined;
      const { taskId } = this.#ports.turns.find(id) ?? {};
      store.afterCommit(() => {
        if (taskId === undefined) driver.waiters.add(id, resolve);
        else resolve({ kind: 'background', taskId });
      });
      return id;
    });
    if (turnId === undefined) return { kind: 'failed', message: turnTexts.queueFull(session.name, limits.maxWaiting) };
    const abort = () => this.cancelLater(turnId);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    // What waits for a terminal, or behind a long turn, must not hold up the mailboy either.
    const background = setTimeout(() => void driver.moveToBackground(turnId), limits.backgroundAfterMs);
    try {
      return await outcome;
    } finally {
      clearTimeout(background);
      signal.removeEventListener('abort', abort);
    }
  }

  /** The same in the background from the start: resolves to the task's id. Rejects with AgentError when there is no room. */
  async background(session: Session, prompt: Recipient & { readonly text: string }): Promise<string> {
    const { store, limits } = this.#ports;
    return await store.write(() => {
      const turn = this.take(session, { ...prompt, origin: 'job' });
      const taskId = turn && (this.#ports.turns.find(turn.id)?.taskId ?? toBackground(this.#ports, turn.id));
      if (taskId === undefined) {
        throw new AgentError('refused', turnTexts.queueFull(session.name, limits.maxWaiting));
      }
      return taskId;
    });
  }

  /**
   * Ends the turn that answers a message, or takes it out of its queue. With `onlyWaiting` its user has taken the message
   * back: one that has begun goes on, and else the answer is empty.
   */
  cancelForward(forwardId: string, { onlyWaiting = false }: { readonly onlyWaiting?: boolean } = {}): void {
    const turn = this.#ports.turns.ofForward(forwardId);
    if (turn !== undefined) this.cancelLater(turn.id, onlyWaiting ? 'taken-back' : 'user');
  }

  /** `cancel` for those who can't wait for it. */
  cancelLater(turnId: string, by?: CancelReason): void {
    const { logger } = this.#ports;
    this.cancel(turnId, by).catch((error: unknown) => logger.error({ err: error }, 'a turn could not be cancelled'));
  }

  /** Nothing begins until `release`; the caller asks what becomes of it, in place of whatever was asked before. */
  hold(session: Session): void {
    this.#ports.sessions.change(session.id, { hold: 'stopped' });
    withdrawQuestions(this.#ports, session, { kind: QUEUE });
  }

  /** What waits goes on. */
  release(session: Session): void {
    const { sessions, store, onChange } = this.#ports;
    sessions.change(session.id, { hold: null });
    withdrawQuestions(this.#ports, session, { kind: QUEUE });
    store.afterCommit(() => {
      this.#drivers.wake(session.id);
      onChange();
    });
  }

  /** Takes out what waits, perhaps `but` one of it, and says so to whoever waits for it. Returns how many that were. */
  drop(session: Session, { but }: { readonly but?: string | undefined } = {}): number {
    const dropped = this.#ports.turns.list(session.id, 'waiting').filter(({ id }) => id !== but);
    for (const turn of dropped) this.#drop(session, turn);
    return dropped.length;
  }

  /** The same for what came last alone. */
  dropButNewest(session: Session): number {
    return this.drop(session, { but: this.#ports.turns.newestWaiting(session.id)?.id });
  }

  /**
   * Ends what it does, and its process, and drops what waits: resolves to how many that were. Its conversation stays on
   * the machine, and can be taken over again.
   */
  async close(session: Session): Promise<number> {
    const { store, sessions, turns, onChange } = this.#ports;
    await this.#drivers.close(session.id);
    // In one commit: what comes later finds no session.
    return await store.write(() => {
      const dropped = this.drop(session);
      for (const { id } of turns.list(session.id, 'cut')) turns.remove(id);
      withdrawQuestions(this.#ports, session);
      sessions.close(session.id);
      store.afterCommit(onChange);
      return dropped;
    });
  }

  /**
   * Ends a turn that runs, unless it is only taken back, or takes one that has not begun out of its queue. False when
   * there is no such turn.
   */
  async cancel(turnId: string, by: CancelReason = 'user'): Promise<boolean> {
    const { store, sessions, turns } = this.#ports;
    const turn = turns.find(turnId);
    // Stored before the agent gets it: in any other state it has not, and will not once it is stopped.
    if (turn === undefined || (by === 'taken-back' && turn.state === 'running')) return false;
    if (this.#drivers.find(turn.sessionId)?.stop(by, turnId) === true) return true;
    return await store.write(() => {
      const session = sessions.find(turn.sessionId);
      const state = turns.find(turnId)?.state;
      // One that is to begin stands so too while the disk does not let it.
      if (session === undefined || (state !== 'waiting' && state !== 'starting')) return false;
      this.#drop(session, turn, by === 'user' ? turnTexts.notRun : '');
      // What becomes of those that wait is no question any more.
      if (session.hold === 'stopped' && turns.count(session.id, 'waiting') === 0) this.release(session);
      return true;
    });
  }

  #drop(session: Session, { id, chatId, forwardId, taskId }: SessionTurn, reply: Said = turnTexts.notRun): void {
    const { turns, tasks, store, respond } = this.#ports;
    turns.remove(id);
    if (taskId !== undefined) tasks.finish(taskId, { outcome: 'cancelled', output: '' });
    else if (forwardId !== undefined) {
      respond({ userId: session.userId, chatId, forwardId }, { reply });
    }
    store.afterCommit(() =>
      this.#drivers.find(session.id)?.waiters.resolve(id, { kind: 'failed', message: turnTexts.notRun }),
    );
  }

  /** The user goes on with something else. */
  #leaveCutTurns(session: Session): void {
    if (session.hold !== 'cut') return;
    for (const { id } of this.#ports.turns.list(session.id, 'cut')) removeCutTurn(this.#ports, session, id);
  }

  #tellPlace(session: Session, turn: SessionTurn, waiting: number): void {
    const { store, say, later } = this.#ports;
    const { name, hold, userId } = session;
    const to = { userId, chatId: turn.chatId };
    const state = this.#drivers.find(session.id)?.state ?? 'idle';
    if (state === 'terminal') say(to, turnTexts.waitingTerminal(name));
    else if (hold === 'stopped') {
      this.hold(session);
      say(to, turnTexts.waitingHeld(name, waiting), queueQuestion(session, waiting));
    } else if (state !== 'idle') store.afterCommit(() => later(() => void this.#tellStillWaiting(session, turn)));
  }

  async #tellStillWaiting({ id: sessionId, userId, name }: Session, { id, chatId }: SessionTurn): Promise<void> {
    const { store, turns, say, logger } = this.#ports;
    const place = turns.list(sessionId, 'waiting').findIndex((turn) => turn.id === id) + 1;
    if (place < 1) return;
    try {
      await store.write(() => say({ userId, chatId }, turnTexts.waiting(name, place)));
    } catch (error) {
      logger.warn({ err: error }, 'a message could not be told its place');
    }
  }
}
