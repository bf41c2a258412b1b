import { setTimeout as delay } from 'node:timers/promises';
import { isDoneWithin } from '@phonework/shared/done-within';
import type { Journey } from '@phonework/shared/journey';
import type { Said } from '@phonework/shared/language';
import type { ChatMessage } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import type { Letter } from '@phonework/shared/mail';
import type { ForwardRequest } from '@phonework/shared/protocol';
import { StoreError } from '@phonework/shared/store';
import type { Reply } from '../approvals/question.ts';
import type { Settling } from '../commands/command.ts';
import { showProgress as throttled } from '../progress.ts';
import { newRetryId } from '../retry-id.ts';
import { texts } from '../texts.ts';
import type { TurnFile } from './attached-files.ts';
import type { Conversations } from './conversations.ts';
import type { Effects } from './effects.ts';
import type { RunningTurn } from './running-turns.ts';
import { Suspects } from './suspects.ts';
import { readUrgency } from './urgency.ts';
import type { WaitingPlacesOptions } from './waiting-places.ts';
import { WaitingPlaces } from './waiting-places.ts';

/** One message on its way to an answer. */
export type Turn = {
  readonly id: string;
  readonly userId: string;
  readonly chatId: string;
  readonly text: string;
  /** The earlier message that this one answers. */
  readonly quoted?: string;
  readonly files?: readonly TurnFile[];
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, step?: string) => void;
  readonly beforeEffect: (summary: string) => Promise<void>;
  /** What the turn has begun to change has ended, and that came of it. */
  readonly afterEffects: (outcome: string) => void;
};

/** What the user reads, and what is remembered of the turn. */
export type Answer = {
  readonly reply: Said;
  /** What the reply asks, with buttons under it. */
  readonly question?: Reply['question'];
  readonly error?: Said;
  readonly messages?: readonly ChatMessage[];
};

/** A message whose turn has not begun. */
export type NewMessage = {
  readonly forward: ForwardRequest;
  /** Nothing of the user's runs or waits before it. */
  readonly isNext: boolean;
  /** It is to go before all that waits, and to end what runs. */
  readonly isUrgent: boolean;
};

const PROGRESS_INTERVAL_MS = 250;

const STORE_RETRY_MS = 1000;

/** What an aborted turn gets to come to its end. */
const ABORT_MS = 3000;

export type FrontDeskOptions = WaitingPlacesOptions & {
  readonly effects: Effects;
  /**
   * The answer to a message whose turn broke off and must not run by itself any more; undefined where it may. Asked
   * before each turn, and of one that a shutdown has ended. Never rejects.
   */
  readonly interruption: (letter: Letter<ForwardRequest>) => Promise<Answer | undefined>;
  readonly conversations: Conversations;
  /** What is answered at once, beside the running turn; undefined for everything else. Used inside `store.write`. */
  readonly answerNow: (message: NewMessage) => Answer | Settling<Answer> | undefined;
  /** Rejects only when `turn.signal` was aborted. */
  readonly answer: (turn: Turn) => Promise<Answer | Settling<Answer>>;
  /** A message is taken in. Used inside `store.write`, before anything is made of it. */
  readonly onMessage: (forward: ForwardRequest) => void;
  /** Gets the files that came with a message. Rejects only when `signal` was aborted. */
  readonly fetchFiles?: (forward: ForwardRequest, signal: AbortSignal) => Promise<readonly TurnFile[]>;
  /** Stores the answer for the router. Used inside `store.write`. */
  readonly respond: (forward: ForwardRequest, answer: Answer) => void;
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
  readonly #places: WaitingPlaces;
  readonly #suspects = new Suspects();
  #closing = false;

  constructor(options: FrontDeskOptions) {
    this.#options = options;
    this.#places = new WaitingPlaces(options);
  }

  /** Goes on with what an earlier process left open. */
  start(): void {
    for (const lane of this.#options.inbox.lanes()) this.#wake(lane);
  }

  /** Resolves when the message is stored; its answer comes by itself. Rejects when it could not be stored. */
  async receive(forward: ForwardRequest): Promise<void> {
    const { store, journey } = this.#options;
    await store.write(() => this.#take(forward));
    journey('forward.stored', forward.id);
  }

  /**
   * The user took the message back: it is answered with nothing where its turn has not begun, else that goes on. Never
   * rejects: the router says it again while it has no answer.
   */
  async takeBack(forwardId: string): Promise<void> {
    const { store, inbox, respond, logger } = this.#options;
    try {
      await store.write(() => {
        const letter = inbox.find(forwardId);
        if (letter === undefined || letter.starts > 0) return;
        inbox.settle(forwardId);
        respond(letter.body, { reply: '' });
      });
    } catch (error) {
      logger.warn({ err: error, id: forwardId }, 'a message could not be taken back');
    }
  }

  /**
   * Runs a message once more, behind what waits: as a new turn, whose answer nobody waits for. For use inside
   * `store.write`. Throws MailFullError.
   */
  retry(message: Omit<ForwardRequest, 'id' | 'type'>): void {
    const { store, inbox } = this.#options;
    const { user_id: lane } = message;
    const forward: ForwardRequest = { type: 'forward', id: newRetryId(), ...message };
    inbox.add({ id: forward.id, lane, body: forward });
    store.afterCommit(() => {
      this.#places.tellLater(forward);
      this.#wake(lane);
    });
  }

  /** No new turn begins; running ones get `graceMs`, then they are put off, or reported as interrupted. */
  async stop(graceMs: number): Promise<void> {
    const { running, logger } = this.#options;
    this.#closing = true;
    this.#places.stop();
    const done = Promise.all(this.#lanes.values());
    if (await isDoneWithin(done, graceMs)) return;
    running.abortAll();
    if (await isDoneWithin(done, ABORT_MS)) return;
    logger.error('a turn does not end although it was aborted: the next start sees to its message');
  }

  /** For use inside `store.write`. */
  #take(received: ForwardRequest): void {
    const { store, inbox, running, answerNow, respond } = this.#options;
    const { id, user_id: lane } = received;
    if (inbox.has(id)) return;
    this.#options.onMessage(received);
    const { isUrgent, text } = readUrgency(received.text);
    const forward = { ...received, text };
    const isNext = !this.#lanes.has(lane) && inbox.next(lane) === undefined;
    const outcome = answerNow({ forward, isNext, isUrgent });
    if (outcome !== undefined) {
      inbox.addSettled([id]);
      const answer = 'settle' in outcome ? this.#settleNow(id, outcome) : outcome;
      if (answer !== undefined) respond(forward, answer);
      return;
    }
    inbox.add({ id, lane, body: forward, isFirst: isUrgent });
    // Only what came before it: it may be running itself by then.
    if (isUrgent && !isNext) store.afterCommit(() => running.stop(lane));
    if (!isNext) store.afterCommit(() => this.#places.tellLater(forward));
    if (this.#closing || !isNext) return;
    // Counted here, where it costs no commit of its own, and begun, so that a /stop in the same commit finds it.
    inbox.markStarted(id);
    running.beginInCommit(lane, id, () => inbox.has(id));
    store.afterCommit(() => this.#wake(lane, id));
  }

  #settleNow(id: string, outcome: Settling<Answer>): Answer | undefined {
    try {
      return outcome.settle();
    } catch (error) {
      // What is not stored comes again, and holds up all that follows: one bad command must not do that.
      this.#options.logger.error({ err: error, id }, 'a message could not be settled');
      return { reply: '', error: texts.unexpected };
    }
  }

  #wake(lane: string, startedId?: string): void {
    if (this.#closing || this.#lanes.has(lane)) return;
    // Not begun in this call: the lane has to be known before it can end.
    this.#lanes.set(
      lane,
      Promise.resolve().then(() => this.#keepWorking(lane, startedId)),
    );
  }

  /** Sees to it that a lane ends only when nothing waits in it, or at a shutdown. Never rejects. */
  async #keepWorking(lane: string, startedId: string | undefined): Promise<void> {
    let counted = startedId;
    for (;;) {
      try {
        await this.#work(lane, counted);
        return;
      } catch (error) {
        // The disk, most likely. A message that does this itself is set aside, since its beginnings are counted.
        this.#options.logger.error({ err: error, lane }, 'work on the messages of a user broke off');
      }
      if (this.#closing) return;
      counted = undefined;
      await delay(STORE_RETRY_MS);
    }
  }

  /** Answers what waits in `lane`, in order. `startedId` names a letter whose beginning is counted already. */
  async #work(lane: string, startedId: string | undefined): Promise<void> {
    const { store, inbox } = this.#options;
    let counted = startedId;
    for (;;) {
      const letter = inbox.next(lane);
      if (letter === undefined || this.#closing) {
        // In the same tick as the look: whoever comes later finds no lane and wakes a new one.
        this.#lanes.delete(lane);
        this.#places.laneEnded(lane);
        const putOff = counted;
        if (putOff !== undefined) await store.write(() => inbox.unmarkStarted(putOff));
        return;
      }
      if (letter.id === counted) counted = await this.#see(letter);
      else if (letter.starts > 0) counted = await this.#suspects.oneAtATime(() => this.#seeAgain(letter));
      else {
        await store.write(() => inbox.markStarted(letter.id));
        counted = letter.id;
      }
    }
  }

  /** For one whose turn was cut off. Returns as `#see` does; undefined also where it is not its turn any more. */
  async #seeAgain({ id, lane }: Letter<ForwardRequest>): Promise<string | undefined> {
    const { store, inbox } = this.#options;
    // Something urgent may have come while it waited.
    if (this.#closing || inbox.next(lane)?.id !== id) return undefined;
    await store.write(() => inbox.markStarted(id));
    const letter = inbox.find(id);
    return letter === undefined ? undefined : await this.#see(letter);
  }

  /**
   * Sees one message through. Returns the id of the letter whose beginning is counted now: the next one's, which was
   * counted in the same commit, or its own when it was put off.
   */
  async #see(letter: Letter<ForwardRequest>): Promise<string | undefined> {
    const { running, interruption, journey } = this.#options;
    const { id, lane } = letter;
    const told = await interruption(letter);
    if (told !== undefined) return await this.#settle(letter, told);
    const turn = running.begin(lane, id);
    journey('turn.started', id);
    try {
      const answer = await this.#answer(letter, turn);
      journey('turn.finished', id);
      return answer === undefined ? id : await this.#settle(letter, answer);
    } finally {
      running.end(id);
    }
  }

  /** Undefined when the turn was put off before it changed anything. */
  async #answer(letter: Letter<ForwardRequest>, running: RunningTurn): Promise<Answer | Settling<Answer> | undefined> {
    const { answer, effects, interruption, showProgress, fetchFiles } = this.#options;
    const { body: forward } = letter;
    const { id, attachments = [], quoted } = forward;
    const { signal } = running;
    const progress = throttled((text, step) => showProgress(id, text, step), { intervalMs: PROGRESS_INTERVAL_MS });
    try {
      // A /stop may have come in the same commit as the message.
      signal.throwIfAborted();
      const files = attachments.length > 0 ? await fetchFiles?.(forward, signal) : undefined;
      return await answer({
        id,
        userId: forward.user_id,
        chatId: forward.chat_id,
        text: forward.text,
        ...(quoted !== undefined && { quoted }),
        ...(files !== undefined && { files }),
        signal,
        onProgress: (text, step) => progress.show(text, step),
        beforeEffect: (summary) => this.#recordEffect(id, summary, signal),
        afterEffects: (outcome) => effects.end(id, outcome),
      });
    } catch (error) {
      const by = running.abortedBy();
      if (by === undefined) throw error;
      return by === 'user' ? { reply: texts.stopped } : await interruption(letter);
    } finally {
      progress.close();
    }
  }

  /** Resolves when the effect may begin; rejects once the turn is aborted. */
  async #recordEffect(turnId: string, summary: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#options.effects.record(turnId, summary);
    signal.throwIfAborted();
  }

  /** Stores the answer, however long the disk refuses: a turn that ran must not run again for want of a row. */
  async #settle(letter: Letter<ForwardRequest>, answer: Answer | Settling<Answer>): Promise<string | undefined> {
    const { store, inbox, effects, journey, logger } = this.#options;
    const { id, lane } = letter;
    for (;;) {
      try {
        const next = await store.write(() => {
          inbox.settle(id);
          effects.clear(id);
          const settled = 'settle' in answer ? answer.settle() : answer;
          if (settled !== undefined) this.#respond(letter, settled);
          const following = inbox.next(lane);
          if (following !== undefined) inbox.markStarted(following.id);
          return following?.id;
        });
        journey('response.stored', id);
        return next;
      } catch (error) {
        // Its own fault, which trying again does not mend.
        if ('settle' in answer && !(error instanceof StoreError)) {
          logger.error({ err: error, id }, 'a message could not be settled');
          return await this.#settle(letter, { reply: '', error: texts.unexpected });
        }
        logger.error({ err: error, id }, 'an answer could not be stored, trying again');
        if (this.#closing) throw error;
        await delay(STORE_RETRY_MS);
      }
    }
  }

  /** For use inside `store.write`. */
  #respond({ id, lane, body }: Letter<ForwardRequest>, answer: Answer): void {
    const { running, conversations, respond } = this.#options;
    const isRemembered = answer.messages !== undefined && !running.isForgotten(id);
    if (isRemembered) conversations.append(lane, id, answer.messages);
    respond(body, answer);
  }
}
