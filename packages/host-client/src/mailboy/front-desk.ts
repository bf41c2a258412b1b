import { setTimeout as delay } from 'node:timers/promises';
import type { Journey } from '@phonework/shared/journey';
import type { ChatMessage } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import type { Inbox, Letter } from '@phonework/shared/mail';
import type { ForwardRequest } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { texts } from '../texts.ts';
import type { Conversations } from './conversations.ts';
import type { Effects } from './effects.ts';
import { Progress } from './progress.ts';
import type { AbortReason, RunningTurn, RunningTurns } from './running-turns.ts';

/** One message on its way to an answer. */
export type Turn = {
  readonly id: string;
  readonly userId: string;
  readonly chatId: string;
  readonly text: string;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, step?: string) => void;
  readonly beforeEffect: (summary: string) => Promise<void>;
};

/** What the user reads, and what is remembered of the turn. */
export type Answer = { readonly reply: string; readonly error?: string; readonly messages?: readonly ChatMessage[] };

/** A message that crashed the process this often is set aside. */
const MAX_STARTS = 2;

const PROGRESS_INTERVAL_MS = 250;
const STORE_RETRY_MS = 1000;

export type FrontDeskOptions = {
  readonly store: Store;
  readonly inbox: Inbox<ForwardRequest>;
  readonly running: RunningTurns;
  readonly effects: Effects;
  readonly conversations: Conversations;
  /** What is answered at once, beside the running turn; undefined for everything else. Used inside `store.write`. */
  readonly answerNow: (userId: string, text: string) => string | undefined;
  /** Rejects only when `turn.signal` was aborted. */
  readonly answer: (turn: Turn) => Promise<Answer>;
  /** Stores the answer for the router. Used inside `store.write`. */
  readonly respond: (forwardId: string, answer: Answer) => void;
  readonly showProgress: (forwardId: string, text: string, step: string | undefined) => void;
  readonly journey: Journey;
  readonly logger: Logger;
};

/**
 * Takes messages in, and sees each through to its one answer: a user's messages one after the other, those of
 * different users side by side, over restarts too.
 */
export class FrontDesk {
  readonly #options: FrontDeskOptions;
  readonly #lanes = new Map<string, Promise<void>>();
  #closing = false;

  constructor(options: FrontDeskOptions) {
    this.#options = options;
  }

  /** Goes on with what an earlier process left open. */
  start(): void {
    for (const lane of this.#options.inbox.lanes()) this.#wake(lane);
  }

  /** Resolves when the message is stored; its answer comes by itself. Rejects when it could not be stored. */
  async receive(forward: ForwardRequest): Promise<void> {
    const { store, inbox, answerNow, respond, journey } = this.#options;
    const { id, user_id: lane } = forward;
    await store.write(() => {
      if (inbox.has(id)) return;
      const reply = answerNow(lane, forward.text);
      if (reply !== undefined) {
        inbox.addSettled([id]);
        respond(id, { reply });
        return;
      }
      inbox.add({ id, lane, body: forward });
      if (this.#lanes.has(lane) || inbox.next(lane)?.id !== id) return;
      // Counted here, where it costs no commit of its own.
      inbox.markStarted(id);
      store.afterCommit(() => this.#wake(lane, id));
    });
    journey('forward.stored', id);
  }

  /** No new turn begins; running ones get `graceMs`, then they are put off, or reported as interrupted. */
  async stop(graceMs: number): Promise<void> {
    this.#closing = true;
    const done = Promise.all(this.#lanes.values());
    const grace = new AbortController();
    await Promise.race([done, delay(graceMs, undefined, { signal: grace.signal }).catch(() => {})]);
    grace.abort();
    this.#options.running.abortAll();
    await done;
  }

  #wake(lane: string, startedId?: string): void {
    if (this.#closing || this.#lanes.has(lane)) return;
    // Not begun in this call: the lane has to be known before it can end.
    const work = Promise.resolve()
      .then(() => this.#work(lane, startedId))
      .catch((error: unknown) => {
        this.#options.logger.fatal({ err: error, lane }, 'a lane broke: its messages wait for the next start');
      });
    this.#lanes.set(lane, work);
  }

  /** Answers what waits in `lane`, in order. `startedId` names a letter whose beginning is counted already. */
  async #work(lane: string, startedId: string | undefined): Promise<void> {
    const { store, inbox } = this.#options;
    let counted = startedId;
    for (;;) {
      const letter = this.#closing ? undefined : inbox.next(lane);
      if (letter === undefined) {
        // In the same tick as the look: whoever comes later finds no lane and wakes a new one.
        this.#lanes.delete(lane);
        return;
      }
      if (letter.id !== counted) await store.write(() => inbox.markStarted(letter.id));
      const starts = letter.id === counted ? letter.starts : letter.starts + 1;
      counted = await this.#see(letter, starts);
    }
  }

  /** Sees one message through. Returns the id of the next one, whose beginning was counted in the same commit. */
  async #see(letter: Letter<ForwardRequest>, starts: number): Promise<string | undefined> {
    const { running, effects, journey } = this.#options;
    const { id, lane } = letter;
    const effect = effects.last(id);
    if (effect !== undefined) return await this.#settle(letter, { reply: texts.interrupted(effect) });
    if (starts > MAX_STARTS) return await this.#settle(letter, { reply: texts.crashed });
    const turn = running.begin(lane, id);
    journey('turn.started', id);
    try {
      const answer = await this.#answer(letter.body, turn);
      journey('turn.finished', id);
      if (answer === undefined) await this.#options.store.write(() => this.#options.inbox.unmarkStarted(id));
      else return await this.#settle(letter, answer);
    } finally {
      turn.end();
    }
    return undefined;
  }

  /** Undefined when the turn was put off before it changed anything. */
  async #answer(forward: ForwardRequest, running: RunningTurn): Promise<Answer | undefined> {
    const { answer, effects, showProgress } = this.#options;
    const { id } = forward;
    const progress = new Progress((text, step) => showProgress(id, text, step), PROGRESS_INTERVAL_MS);
    try {
      return await answer({
        id,
        userId: forward.user_id,
        chatId: forward.chat_id,
        text: forward.text,
        signal: running.signal,
        onProgress: (text, step) => progress.show(text, step),
        beforeEffect: (summary) => effects.record(id, summary),
      });
    } catch (error) {
      const by = running.abortedBy();
      if (by === undefined) throw error;
      return abortedAnswer(by, effects.last(id));
    } finally {
      progress.close();
    }
  }

  /** Stores the answer, however long the disk refuses: a turn that ran must not run again for want of a row. */
  async #settle(letter: Letter<ForwardRequest>, answer: Answer): Promise<string | undefined> {
    const { store, inbox, effects, conversations, respond, journey, logger } = this.#options;
    const { id, lane } = letter;
    for (;;) {
      try {
        const next = await store.write(() => {
          inbox.settle(id);
          effects.clear(id);
          if (answer.messages !== undefined) conversations.append(lane, id, answer.messages);
          respond(id, answer);
          const following = this.#closing ? undefined : inbox.next(lane);
          if (following !== undefined) inbox.markStarted(following.id);
          return following?.id;
        });
        journey('response.stored', id);
        return next;
      } catch (error) {
        logger.error({ err: error, id }, 'an answer could not be stored, trying again');
        if (this.#closing) throw error;
        await delay(STORE_RETRY_MS);
      }
    }
  }
}

function abortedAnswer(by: AbortReason, effect: string | undefined): Answer | undefined {
  if (by === 'user') return { reply: texts.stopped };
  return effect === undefined ? undefined : { reply: texts.interrupted(effect) };
}
