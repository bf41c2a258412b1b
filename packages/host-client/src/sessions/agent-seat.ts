import type { Said } from '@phonework/shared/language';
import type { AgentDecision, AgentEvent, AgentProcess } from './agent-runner.ts';
import { AgentError } from './agent-runner.ts';
import { requireOpenable } from './openable.ts';
import type { SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';
import type { SessionTurn } from './turn-queue.ts';
import { turnTexts } from './turn-texts.ts';

/** The process of one session: made when it is needed, and ended when it is not. */
export class AgentSeat {
  readonly #sessionId: string;
  readonly #ports: SessionPorts;
  readonly #onEvent: (event: AgentEvent) => void;
  readonly #onDeath: (reason: Said | undefined) => void;
  #agent: AgentProcess | undefined;
  #starting: Promise<AgentProcess> | undefined;
  /** Settled when what was before the present one is gone: two at once would lose one's work. */
  #ending: Promise<void> = Promise.resolve();
  /** Its settings can only be had with a new process. */
  #mustRestart = false;

  constructor(
    sessionId: string,
    ports: SessionPorts,
    on: {
      readonly event: (event: AgentEvent) => void;
      /** It is gone without having been asked to. */
      readonly death: (reason: Said | undefined) => void;
    },
  ) {
    this.#sessionId = sessionId;
    this.#ports = ports;
    this.#onEvent = on.event;
    this.#onDeath = on.death;
  }

  /** Absent while there is none. */
  get agent(): AgentProcess | undefined {
    return this.#agent;
  }

  /**
   * Gives a turn to the process, which is made where there is none. Rejects with AgentError or StoreError, or with
   * anything once `signal` is aborted.
   */
  async deliver(turn: SessionTurn, signal: AbortSignal): Promise<AgentProcess> {
    try {
      return await this.#deliver(turn, signal);
    } catch (error) {
      // A process that had nothing to do may have died without being missed.
      const isStale = error instanceof AgentError && error.code === 'ended' && !signal.aborted;
      if (!isStale) throw error;
      await this.end({ resumable: false });
      return await this.#deliver(turn, signal);
    }
  }

  async #deliver({ id, text, origin }: SessionTurn, signal: AbortSignal): Promise<AgentProcess> {
    const { store, turns } = this.#ports;
    const isContinued = origin === 'continued';
    const markRunning = () => store.write(() => turns.markRunning(id));
    // One that was cut is run again by the agent itself, as soon as it is there.
    if (isContinued) await markRunning();
    const agent = await this.#open({ continuesCutTurn: isContinued }, signal);
    if (isContinued) return agent;
    await markRunning();
    signal.throwIfAborted();
    await agent.send({ id, text });
    return agent;
  }

  async #open({ continuesCutTurn }: { continuesCutTurn: boolean }, signal: AbortSignal): Promise<AgentProcess> {
    if (this.#mustRestart || continuesCutTurn) await this.end({ resumable: false });
    this.#mustRestart = false;
    await this.#ending;
    if (this.#agent !== undefined) return this.#agent;
    const session = this.#ports.sessions.get(this.#sessionId);
    const cwd = await requireOpenable(this.#ports, session);
    this.#starting = this.#start({ ...session, cwd }, continuesCutTurn, signal);
    const agent = await this.#starting;
    this.#agent = agent;
    void agent.ended.then(({ reason }) => {
      if (this.#agent !== agent) return;
      this.#agent = undefined;
      this.#onDeath(reason);
    });
    // Chosen while it started: it does not know yet, and may have been told to ask for less.
    const now = this.#ports.sessions.find(this.#sessionId);
    if (now?.mode !== session.mode || now.model !== session.model) await this.applySettings();
    return agent;
  }

  /** Answers what the process asked: one that continues a turn may ask before it has wholly started. */
  async answer(requestId: string, decision: AgentDecision): Promise<void> {
    const agent = this.#agent ?? (await this.#starting?.catch(() => undefined));
    await agent?.answer(requestId, decision);
  }

  /** Takes over the mode and the model of the session: at once, or, where the process can't, with the next one. */
  async applySettings(): Promise<void> {
    const agent = this.#agent;
    const session = this.#ports.sessions.find(this.#sessionId);
    if (agent === undefined || session === undefined) return;
    // Each for itself, and first what it may do unasked.
    await this.#apply(agent.setMode(session.mode));
    await this.#apply(agent.setModel(session.model));
  }

  /** Resolves when nothing of it is left. */
  async end(how: { readonly resumable: boolean }): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (agent !== undefined) this.#ending = agent.end(how);
    await this.#ending;
  }

  async #apply(setting: Promise<void>): Promise<void> {
    try {
      await setting;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#mustRestart = true;
    }
  }

  async #start(session: Session, continuesCutTurn: boolean, signal: AbortSignal): Promise<AgentProcess> {
    const { runner } = this.#ports;
    const { name, conversationId, turns, cwd, mode, model } = session;
    // What was cut was begun, whether or not that was noted.
    const isNew = turns === 0 && !continuesCutTurn;
    const start = {
      conversationId,
      continuesCutTurn,
      cwd,
      mode,
      onEvent: this.#onEvent,
      ...(model !== undefined && { model }),
    };
    try {
      return await runner.start({ ...start, isNew }, signal);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      if (error.code === 'no_conversation') {
        throw new AgentError('no_conversation', turnTexts.noRecord(name), { cause: error });
      }
      // A crash may have come after the agent knew of the conversation, and before we had that on disk.
      if (!isNew || error.code !== 'not_started') throw error;
      return await runner.start({ ...start, isNew: false }, signal).catch(() => {
        throw error;
      });
    }
  }
}
