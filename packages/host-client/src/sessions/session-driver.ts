import { setTimeout as delay } from 'node:timers/promises';
import { isDoneWithin } from '@phonework/shared/done-within';
import type { Said, Text } from '@phonework/shared/language';
import { StoreError } from '@phonework/shared/store';
import type { AgentDecision, AgentEvent } from './agent-runner.ts';
import { AgentError } from './agent-runner.ts';
import { AgentSeat } from './agent-seat.ts';
import type { StopReason, TurnEnd } from './running-turn.ts';
import { RunningTurn } from './running-turn.ts';
import { SessionAsks } from './session-asks.ts';
import type { SessionPorts } from './session-ports.ts';
import { SessionRecord } from './session-record.ts';
import type { Session } from './session-store.ts';
import { settleTurn, toBackground } from './settle-turn.ts';
import type { SessionTurn } from './turn-queue.ts';
import { turnTexts } from './turn-texts.ts';
import { TurnWaiters } from './turn-waiters.ts';

const STORE_RETRY_MS = 1000;

export type DriverState = 'idle' | 'working' | 'asking' | 'terminal';

type Current = {
  readonly turn: SessionTurn;
  readonly running: RunningTurn;
  /** The process has it. */
  isTold: boolean;
  isCounted: boolean;
};

/** Works on the queue of one session, a turn at a time. */
export class SessionDriver {
  readonly asks: SessionAsks;
  readonly waiters = new TurnWaiters();
  readonly #sessionId: string;
  readonly #ports: SessionPorts;
  readonly #record: SessionRecord;
  readonly #seat: AgentSeat;
  #current: Current | undefined;
  /** What a turn says that nobody asked for. */
  #unasked: string[] | undefined;
  #work: Promise<void> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #isInTerminal = false;

  constructor(sessionId: string, ports: SessionPorts) {
    this.#sessionId = sessionId;
    this.#ports = ports;
    this.asks = new SessionAsks(ports);
    this.#record = new SessionRecord(sessionId, ports);
    this.#seat = new AgentSeat(sessionId, ports, {
      event: (event) => this.#take(event),
      death: (reason) => this.#takeDeath(reason),
    });
  }

  get state(): DriverState {
    if (this.asks.size > 0) return 'asking';
    if (this.#current !== undefined) return 'working';
    return this.#isInTerminal ? 'terminal' : 'idle';
  }

  /** A terminal has the session, or gets it when the running turn is over. */
  get isLent(): boolean {
    return this.#isInTerminal;
  }

  /** What the running turn does, and for how long it has been running. */
  get activity(): { readonly step: Text | undefined; readonly elapsedMs: number } | undefined {
    const running = this.#current?.running;
    return running && { step: running.timedStep, elapsedMs: running.elapsedMs };
  }

  /** Looks at the queue: something may have come. */
  wake(): void {
    this.#work ??= Promise.resolve().then(() => this.#keepWorking());
  }

  /** Ends the running turn, if it is `turnId` where one is named. False when none runs. */
  stop(by: StopReason, turnId?: string): boolean {
    const current = this.#current;
    if (current === undefined || (turnId !== undefined && current.turn.id !== turnId)) return false;
    current.running.stop(by);
    void this.#interrupt(current.running);
    return true;
  }

  /** The user has answered. For a question that is not open any more it does nothing. */
  decide(requestId: string, decision: AgentDecision): void {
    if (!this.asks.isOpen(requestId)) return;
    this.asks.close(requestId);
    this.#current?.running.answered(requestId);
    this.#ports.onChange();
    void this.#answer(requestId, decision);
  }

  /** Takes over the mode and the model of the session. */
  async applySettings(): Promise<void> {
    await this.#seat.applySettings();
  }

  /** Gives the conversation to a terminal: no process of ours has it until `takeBack`. Waits for the running turn. */
  async lend(signal: AbortSignal): Promise<void> {
    this.#isInTerminal = true;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    await Promise.race([this.#work, aborted]);
    if (signal.aborted) this.takeBack();
    signal.throwIfAborted();
    await this.#seat.end({ resumable: false });
    this.#ports.onChange();
  }

  takeBack(): void {
    this.#isInTerminal = false;
    this.#ports.onChange();
    if (!this.#isClosing) this.wake();
  }

  /** Ends its process, and the running turn with it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#idleTimer);
    this.stop('user');
    await this.#work;
    this.waiters.fail(turnTexts.notRun);
    await this.#seat.end({ resumable: false });
  }

  /** A running turn gets until `patience` is aborted; then it is left as it is, for the next start to see to. */
  async shutDown(patience: AbortSignal): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#idleTimer);
    const leave = () => {
      this.asks.abandon();
      this.#current?.running.leave();
    };
    patience.addEventListener('abort', leave, { once: true });
    // Whoever has to answer may be away for hours.
    if (patience.aborted || this.asks.size > 0) leave();
    await this.#work;
    this.waiters.fail(turnTexts.left);
    await this.#seat.end({ resumable: true });
  }

  #next(): SessionTurn | undefined {
    const session = this.#record.find();
    if (session === undefined || session.hold !== undefined) return undefined;
    return this.#ports.turns.next(this.#sessionId);
  }

  /** Never rejects. */
  async #keepWorking(): Promise<void> {
    while (!this.#isClosing && !this.#isInTerminal) {
      try {
        const turn = this.#next();
        if (turn === undefined) break;
        await this.#run(turn);
      } catch (error) {
        this.#record.complain(error, 'work on the queue of a session broke off');
        if (!this.#isClosing) await delay(STORE_RETRY_MS);
      }
    }
    // In the same tick as the last look: whoever comes later wakes it again.
    this.#work = undefined;
    this.#rest();
  }

  /** A process that has nothing to do is ended after a while; the session stays. */
  #rest(): void {
    clearTimeout(this.#idleTimer);
    if (this.#isClosing || this.#seat.agent === undefined) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#work === undefined && this.#unasked === undefined) void this.#seat.end({ resumable: false });
    }, this.#ports.limits.idleMs);
  }

  async #run(turn: SessionTurn): Promise<void> {
    const { store, sessions, turns, audit, limits, onChange } = this.#ports;
    clearTimeout(this.#idleTimer);
    const session = sessions.get(this.#sessionId);
    const current = this.#begin(turn, session);
    const background = setTimeout(() => void this.moveToBackground(turn.id), limits.backgroundAfterMs);
    try {
      await store.write(() => {
        turns.markStarting(turn.id);
        sessions.change(session.id, { chatId: turn.chatId, lastUsedAt: Date.now() });
      });
      onChange();
      audit.write(session.id, { kind: 'prompt', turn: turn.id, user: session.userId, text: turn.text });
      const end = await this.#perform(current);
      clearTimeout(background);
      if (end.kind !== 'left') await this.#settle(turn.id, end);
    } finally {
      clearTimeout(background);
      current.running.close();
      this.#current = undefined;
      this.asks.forget();
      await this.asks.withdraw();
      onChange();
    }
  }

  #begin(turn: SessionTurn, session: Session): Current {
    const { turns, limits, showProgress, languageOf } = this.#ports;
    const running = new RunningTurn({
      folder: session.cwd,
      language: () => languageOf(session.userId),
      // Looked up each time: a turn in the background has no message that waits.
      show: (text, step) => {
        const { forwardId } = turns.find(turn.id) ?? {};
        if (forwardId !== undefined) showProgress(forwardId, text, step);
      },
      onSilence: (text) => this.#record.say(turn.chatId, turnTexts.signed(text, session.name)),
      onTooLong: () => this.stop('limit', turn.id),
      timeoutMs: session.timeoutS === undefined ? limits.turnTimeoutMs : session.timeoutS * 1000,
    });
    this.#current = { turn, running, isTold: false, isCounted: false };
    return this.#current;
  }

  async #perform(current: Current): Promise<TurnEnd> {
    const { turn, running } = current;
    const { signal } = running.stopping;
    try {
      const agent = await this.#seat.deliver(turn, signal);
      current.isTold = true;
      if (this.#seat.agent !== agent) running.fail(turnTexts.died(undefined));
    } catch (error) {
      // It has not begun, and is tried again.
      if (error instanceof StoreError && !signal.aborted) throw error;
      if (!(error instanceof AgentError || signal.aborted)) this.#record.complain(error, 'a turn could not be begun');
      running.fail(error instanceof AgentError ? error.said : turnTexts.unexpected);
    }
    return await running.ended;
  }

  #takeDeath(reason: Said | undefined): void {
    const current = this.#current;
    this.#unasked = undefined;
    if (current?.isTold === true) current.running.fail(turnTexts.died(reason));
    // The questions of a turn are withdrawn at its end.
    if (current === undefined) void this.asks.withdraw();
  }

  #take(event: AgentEvent): void {
    this.#record.audit(event);
    switch (event.kind) {
      case 'turn-started':
        this.#began(event);
        break;
      case 'conversation-changed':
        this.#record.change({ conversationId: event.conversationId });
        break;
      case 'message':
        this.#unasked?.push(event.text);
        break;
      case 'asks':
        void this.#ask(event);
        break;
      case 'ask-withdrawn':
        void this.asks.withdraw([event.requestId]);
        break;
      case 'retry':
        if (event.failure !== undefined) void this.#giveUp(event.failure.said);
        break;
      case 'turn-ended':
        if (this.#endsUnasked(event.result.messageIds)) return;
        break;
      default:
        break;
    }
    this.#show(event);
  }

  #show(event: AgentEvent): void {
    const current = this.#current;
    if (current === undefined || (event.kind === 'turn-ended' && !isOf(current.turn, event.result.messageIds))) return;
    current.running.take(event);
    if (event.kind === 'tool-started') this.#record.noteStep(current.turn.id, current.running.step);
  }

  /** A turn that nobody asked for runs while none of ours does. */
  #began({ conversationId, model }: AgentEvent & { kind: 'turn-started' }): void {
    const session = this.#record.find();
    if (session === undefined) return;
    const current = this.#current;
    if (current === undefined) this.#unasked ??= [];
    const counts = current !== undefined && !current.isCounted;
    if (current !== undefined) current.isCounted = true;
    this.#record.change({ conversationId, seenModel: model, ...(counts && { turns: session.turns + 1 }) });
  }

  /** True when it was the end of a turn that nobody had asked for; what it said goes to the chat. */
  #endsUnasked(messageIds: readonly string[]): boolean {
    const unasked = this.#unasked;
    this.#unasked = undefined;
    if (unasked === undefined || (this.#current !== undefined && messageIds.length > 0)) return false;
    const session = this.#record.find();
    const text = unasked.join('\n\n').trim();
    if (session !== undefined && text !== '') this.#record.say(session.chatId, turnTexts.unasked(session.name, text));
    if (this.#work === undefined) this.#rest();
    return true;
  }

  async #ask({ requestId, ask }: AgentEvent & { kind: 'asks' }): Promise<void> {
    const session = this.#record.find();
    if (session === undefined) return;
    const turn = this.#current?.turn;
    const chatId = turn?.chatId ?? session.chatId;
    try {
      const decided = await this.asks.ask(session, { requestId, ask, chatId, ...(turn && { turnId: turn.id }) });
      this.#ports.onChange();
      if (decided === undefined) return;
      this.#current?.running.answered(requestId);
      await this.#answer(requestId, decided);
    } catch (error) {
      this.#record.complain(error, 'a question could not be asked');
      await this.#answer(requestId, { kind: 'deny', message: 'The question could not be shown to the user.' });
    }
  }

  async #answer(requestId: string, decision: AgentDecision): Promise<void> {
    try {
      await this.#seat.answer(requestId, decision);
    } catch (error) {
      this.#record.complain(error, 'the answer to a question was lost');
    }
  }

  /** The model's service will not answer, whatever we wait for. */
  async #giveUp(message: Said): Promise<void> {
    this.#current?.running.fail(message);
    await this.#seat.end({ resumable: false });
  }

  async #interrupt(running: RunningTurn): Promise<void> {
    // Not waited for: an agent that hangs does not answer.
    const interrupted = this.#seat.agent?.interrupt();
    interrupted?.catch((error: unknown) => this.#record.complain(error, 'a turn could not be interrupted'));
    if (await isDoneWithin(running.ended, this.#ports.limits.interruptMs)) return;
    await this.#seat.end({ resumable: false });
    running.fail('');
  }

  /** Makes a task of a turn that takes too long, be it that it has not begun. Never rejects. */
  async moveToBackground(turnId: string): Promise<void> {
    const { store } = this.#ports;
    try {
      await store.write(() => {
        const taskId = toBackground(this.#ports, turnId);
        if (taskId !== undefined) store.afterCommit(() => this.waiters.resolve(turnId, { kind: 'background', taskId }));
      });
    } catch (error) {
      this.#record.complain(error, 'a turn could not be moved to the background');
    }
  }

  /** Stores how the turn came out, however long the disk refuses. */
  async #settle(turnId: string, end: Exclude<TurnEnd, { kind: 'left' }>): Promise<void> {
    const { store } = this.#ports;
    for (;;) {
      try {
        await store.write(() => {
          const outcome = settleTurn(this.#ports, turnId, end);
          if (outcome !== undefined) store.afterCommit(() => this.waiters.resolve(turnId, outcome));
        });
        break;
      } catch (error) {
        this.#record.complain(error, 'the end of a turn could not be stored, trying again');
        if (this.#isClosing) return;
        await delay(STORE_RETRY_MS);
      }
    }
    void this.#learnContext();
  }

  async #learnContext(): Promise<void> {
    try {
      const usage = await this.#seat.agent?.contextUsage();
      if (usage !== undefined) this.#record.change({ contextUsed: usage.usedTokens, contextMax: usage.maxTokens });
    } catch (error) {
      this.#ports.logger.debug({ err: error }, 'the agent did not tell how full its context is');
    }
  }
}

function isOf(turn: SessionTurn, messageIds: readonly string[]): boolean {
  return messageIds.includes(turn.id) || messageIds.length === 0 || turn.origin === 'continued';
}
