import { newId } from '@phonework/shared/id';
import type { Language, Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import { Inbox } from '@phonework/shared/mail';
import type { ActionRequest, NodeMessage } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { StoreError } from '@phonework/shared/store';
import { findTyped, findYesOrNo, namesOf } from '@phonework/shared/typed-answer';
import { visibleLine } from '../texts/visible.ts';
import { approvalTexts } from './approval-texts.ts';
import { Expiry } from './expiry.ts';
import { OwnerFault, Owners } from './owners.ts';
import type { NewQuestion, OpenQuestion, QuestionAnswer, QuestionOwner } from './question.ts';
import { QuestionRows } from './question-rows.ts';
import { toActions } from './to-actions.ts';

/** How much of an answer in words is told again. */
const MAX_TOLD_WORDS = 80;

/** How many questions a list shows. */
const MAX_LISTED = 20;

/** Questions to users, with a button for each answer: each has one outcome, over restarts too. */
export class OpenQuestions {
  readonly #store: Store;
  readonly #rows: QuestionRows;
  readonly #actions: Inbox<never>;
  readonly #owners = new Owners();
  readonly #expiry: Expiry;
  readonly #send: (frame: NodeMessage) => void;
  readonly #languageOf: (userId: string) => Language;
  readonly #now: () => number;
  readonly #logger: Logger;
  #isStopped = false;

  constructor(
    store: Store,
    options: {
      /** Stores a frame for the router. Used inside `store.write`. */
      readonly send: (frame: NodeMessage) => void;
      readonly languageOf: (userId: string) => Language;
      readonly logger: Logger;
      /** ms since the epoch. */
      readonly now?: () => number;
      /** What became due while the node was away, or its machine asleep, stays open for so long; 0. */
      readonly graceMs?: number;
    },
  ) {
    this.#store = store;
    this.#rows = new QuestionRows(store);
    this.#actions = new Inbox(store, { box: 'actions' });
    this.#send = options.send;
    this.#languageOf = options.languageOf;
    this.#now = options.now ?? Date.now;
    this.#logger = options.logger;
    this.#expiry = new Expiry({
      now: this.#now,
      graceMs: options.graceMs ?? 0,
      next: () => this.#rows.nextExpiry(),
      overdue: (now, limit) => this.#rows.overdue(now, limit),
      expire: (id) => this.#expire(id),
      logger: this.#logger,
    });
  }

  /** Says whose business a kind of question is: before any question of it can be answered. */
  own(kind: string, owner: QuestionOwner): void {
    this.#owners.set(kind, owner);
  }

  /** Expires from now on what its user does not answer in time, and what was not answered while the node was away. */
  start(): void {
    this.#expiry.start();
  }

  /** From now on nothing expires, and presses are left to the next start. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#expiry.stop();
  }

  /** Asks, and returns the question's id. For use inside `store.write`. Throws RangeError for impossible buttons. */
  ask(question: NewQuestion): string {
    const id = newId();
    const { userId, chatId } = question;
    this.#send({ type: 'message', id, user_id: userId, chat_id: chatId, ...this.askWith(question, id) });
    return id;
  }

  /**
   * The same where frame `frameId`, the caller's own, shows the text and carries the buttons: both are returned. For use
   * inside `store.write`.
   */
  askWith(question: NewQuestion, frameId: string): Pick<NodeMessage, 'actions' | 'is_offer' | 'text'> {
    const { isOffer = false } = question;
    const asked = this.#inLanguage(question);
    const actions = toActions(asked.options);
    this.#rows.add({ ...question, ...asked, id: frameId }, this.#now());
    return { text: asked.text, actions, ...(isOffer && { is_offer: true }) };
  }

  #inLanguage({ userId, title, text, options }: NewQuestion): Pick<OpenQuestion, 'options' | 'text' | 'title'> {
    const language = this.#languageOf(userId);
    return {
      title: inLanguage(title, language),
      text: inLanguage(text, language),
      options: options.map((option) => ({ ...option, ...namesOf(option.label, language) })),
    };
  }

  /**
   * There is nothing to answer any more; the user reads `text`, or nothing. Does nothing for what is not open. For use
   * inside `store.write`.
   */
  withdraw(id: string, text: Said = ''): void {
    const question = this.#rows.find(id);
    if (question === undefined) return;
    this.#rows.close(question, { kind: 'withdrawn' }, this.#now());
    this.#say(question, text, id);
  }

  /** The open question that frame `id` carries. */
  find(id: string): OpenQuestion | undefined {
    return this.#rows.find(id);
  }

  /** What is open for a user, oldest first. */
  openFor(userId: string): readonly OpenQuestion[] {
    return this.#rows.openFor(userId);
  }

  /** Ids of what is open of one kind, oldest first. */
  openOf(kind: string): readonly string[] {
    return this.#rows.openOf(kind);
  }

  /**
   * Takes a press. Resolves when what came of it is stored; the same press counts once. Rejects with StoreError when it
   * could not be, and after `stop`.
   */
  async receive(action: ActionRequest): Promise<void> {
    // Whoever asked may be gone already: answered now, the question would be over and nothing come of it.
    if (this.#isStopped) throw new StoreError('closed', 'The questions of this node are closed.');
    await this.#settle((ownerWorks) => {
      if (this.#actions.addSettled([action.id])) this.#press(action, ownerWorks);
    });
  }

  /** Takes the argument of `/answer`, and returns what the user reads. For use inside `store.write`. */
  answerInWords(userId: string, chatId: string, argument: string): Said {
    const [, number, rest = ''] = /^#(\d{1,9})(?:\s+([\s\S]*))?$/.exec(argument.trim()) ?? [];
    const named = number === undefined ? undefined : this.#rows.numbered(userId, chatId, Number(number));
    const [first, ...others] = this.#rows.listIn(userId, chatId, MAX_LISTED);
    if (named === undefined && first !== undefined && others.length > 0) {
      return approvalTexts.severalOpen([first, ...others]);
    }
    const question = named ?? (first && this.#rows.find(first.id));
    if (question === undefined) return approvalTexts.nothingOpen;
    const words = (named === undefined ? argument : rest).trim();
    if (words === '') {
      const labels = question.options.map(({ label }) => label);
      return approvalTexts.howToAnswer(question.title, labels);
    }
    return this.#answerNow(question, toAnswer(question, words));
  }

  /** The frame with this id is where its user can see it: a question's time begins. Resolves when that is stored. */
  async delivered(frameId: string): Promise<void> {
    // Of all that is delivered the least is a question: the rest must not cost a commit.
    if (!this.#rows.awaitsDelivery(frameId)) return;
    await this.#store.write(() => this.#rows.startTtl(frameId, this.#now()));
    this.#expiry.plan();
  }

  #press(
    { user_id: userId, chat_id: chatId, message_id: id, action_id: optionId }: ActionRequest,
    ownerWorks: boolean,
  ) {
    const to = { userId, chatId };
    const question = this.#rows.find(id);
    if (question === undefined) {
      this.#say(to, this.#late(id, to));
      return;
    }
    const option = question.options.find((each) => each.id === optionId);
    if (!isSamePlace(question, to)) this.#say(to, approvalTexts.notYours);
    else if (option === undefined) this.#say(to, approvalTexts.noSuchButton);
    else {
      const text = this.#answer(question, { optionId, label: option.label }, ownerWorks);
      if (text !== undefined) this.#say(to, text);
    }
  }

  #late(id: string, to: Place): Text {
    const closed = this.#rows.findClosed(id);
    if (closed === undefined) return approvalTexts.unknown;
    if (!isSamePlace(closed, to)) return approvalTexts.notYours;
    const { outcome, closedAt } = closed;
    const when = approvalTexts.when(closedAt, this.#now());
    switch (outcome.kind) {
      case 'answered':
        return approvalTexts.alreadyAnswered(outcome.answer);
      case 'expired':
        return approvalTexts.expired(when, outcome.countedAs);
      case 'withdrawn':
        return approvalTexts.withdrawn(when);
      default:
        return outcome satisfies never;
    }
  }

  #answerNow(question: OpenQuestion, answer: QuestionAnswer): Said {
    // The router knows only the answers that it passed on itself.
    this.#say(question, '', question.id);
    try {
      return this.#answer(question, answer, true) ?? approvalTexts.chosen(summarize(answer));
    } catch (error) {
      // This transaction is somebody else's, and goes on: here nothing can be undone.
      if (!(error instanceof OwnerFault)) throw error;
      this.#logOwnerFault(error);
      return approvalTexts.ownerFailed(summarize(answer));
    }
  }

  #answer(question: OpenQuestion, answer: QuestionAnswer, ownerWorks: boolean): Said | undefined {
    const summary = summarize(answer);
    this.#rows.close(question, { kind: 'answered', answer: summary }, this.#now());
    if (!ownerWorks) return approvalTexts.ownerFailed(summary);
    return this.#owners.consult(question.kind, (owner) => owner.answered(question, answer));
  }

  async #expire(id: string): Promise<void> {
    await this.#settle((ownerWorks) => {
      const question = this.#rows.find(id);
      // Answered in the same breath.
      if (question === undefined) return;
      const no = question.options.find(({ style }) => style === 'danger');
      // A shortcut that nobody took is no answer.
      const countedAs = question.isOffer ? undefined : no?.label;
      this.#rows.close(question, { kind: 'expired', ...(countedAs !== undefined && { countedAs }) }, this.#now());
      const text = ownerWorks
        ? this.#owners.consult(question.kind, (owner) => owner.expired(question))
        : approvalTexts.expiryFailed(question.title);
      this.#say(question, text, id);
    });
  }

  /**
   * Runs `work` in a transaction of its own; once more, with `ownerWorks` false, where an owner failed: what that owner
   * did is undone, and the outcome stands all the same.
   */
  async #settle(work: (ownerWorks: boolean) => void): Promise<void> {
    try {
      await this.#store.write(() => work(true));
    } catch (error) {
      if (!(error instanceof OwnerFault)) throw error;
      this.#logOwnerFault(error);
      await this.#store.write(() => work(false));
    }
  }

  #logOwnerFault(error: OwnerFault): void {
    this.#logger.error({ err: error, kind: error.kind }, 'nothing came of the outcome of a question');
  }

  #say({ userId, chatId }: Place, said: Said, replaces?: string): void {
    const text = inLanguage(said, this.#languageOf(userId));
    const frame: NodeMessage = { type: 'message', id: newId(), user_id: userId, chat_id: chatId, text };
    this.#send(replaces === undefined ? frame : { ...frame, replaces });
  }
}

type Place = { readonly userId: string; readonly chatId: string };

function isSamePlace(a: Place, b: Place): boolean {
  return a.userId === b.userId && a.chatId === b.chatId;
}

function toAnswer({ options }: OpenQuestion, words: string): QuestionAnswer {
  const option = findTyped(options, words) ?? findYesOrNo(options, words);
  return option === undefined ? { words } : { optionId: option.id, label: option.label };
}

/** The answer in one short line. */
function summarize(answer: QuestionAnswer): string {
  return 'label' in answer ? answer.label : visibleLine(answer.words, MAX_TOLD_WORDS);
}
