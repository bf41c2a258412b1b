import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { namesOf } from '@phonework/shared/typed-answer';
import type { NodeRequest } from '../nodes/forward.ts';
import type { Receipt } from '../nodes/receipts.ts';
import { texts } from '../texts.ts';
import type { EndedTurn, MessageAction } from './chat-channel.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';

/** Whose message it was, and where. */
export type Origin = {
  readonly channel: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly userId: string;
};

/** What a question is about, and so what its answer leads to. */
export type Subject =
  /** Which node gets a message; each option is a node's id. */
  | ({ readonly kind: 'route'; readonly origin: Origin } & NodeRequest)
  /** What becomes of a message that waits for an offline node; the options are `send:NODE` and `cancel`. */
  | { readonly kind: 'waiting'; readonly forwardId: string; readonly origin: Origin }
  /** A node's own question: the press is passed on to it. */
  | { readonly kind: 'node'; readonly nodeId: string; readonly frameId: string };

/** A button as it is asked for. */
export type NewOption = Omit<TypedOption, 'label'> & { readonly label: Said };

/** A button, and what it is called in the other language, which may be typed too. */
type TypedOption = MessageAction & { readonly also?: string | undefined };

export type Question = {
  /** The id of the message that carries the buttons. */
  readonly id: string;
  readonly channel: string;
  readonly chatId: string;
  /** The only one who may answer. */
  readonly userId: string;
  readonly options: readonly TypedOption[];
  readonly subject: Subject;
  /** What stands above its buttons; absent where that went before them. */
  readonly shown: string | undefined;
  /** The label that was chosen. */
  readonly answered: string | undefined;
  /** Who asked does not wait for an answer any longer. */
  readonly isEnded: boolean;
  /** The platform's id of the message that carries the buttons; absent until it is in the chat. */
  readonly shownId: string | undefined;
};

/** Feishu's buttons work for so long. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

/** What stands above buttons is longer only where it went before them, in messages of its own. */
const MAX_SHOWN_BYTES = 15_000;

/** How many open questions one message may cost a look at: a node can ask as many as it likes. */
const MAX_LOOKED_AT = 100;

const selectOpen = `SELECT * FROM questions WHERE channel = ? AND chat_id = ? AND user_id = ?
  AND answered IS NULL AND ended_at IS NULL AND is_offer = 0 LIMIT ${MAX_LOOKED_AT}`;

/** What users were asked, with a button for each answer; over restarts too. */
export class Questions {
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #languages: ReaderLanguages;

  constructor(store: Store, deliveries: Deliveries, languages: ReaderLanguages) {
    this.#store = store;
    this.#deliveries = deliveries;
    this.#languages = languages;
  }

  /** Asks. For use inside `store.write`. */
  ask(
    to: ChatAddress & { readonly userId: string },
    question: {
      readonly text: Said;
      readonly options: readonly NewOption[];
      readonly subject: Subject;
      readonly receipt?: Receipt;
      readonly turn?: EndedTurn;
      /** Its buttons are there for whoever likes; what people type is no answer to it. */
      readonly isOffer?: boolean;
      /** See Deliveries. */
      readonly isNotice?: true;
    },
  ): void {
    const { subject, receipt, turn, isNotice, isOffer = false } = question;
    const { userId, ...address } = to;
    const language = this.#languages.of(peerOf(to));
    const text = inLanguage(question.text, language);
    const options = question.options.map((option) => ({ ...option, ...namesOf(option.label, language) }));
    const id = this.#deliveries.put(address, text, {
      actions: options.map(({ id, label, style }) => ({ id, label, style })),
      ...(subject.kind === 'node' && { nodeId: subject.nodeId }),
      ...(receipt && { receipt }),
      ...(turn && { turn }),
      ...(isNotice && { isNotice }),
    });
    const now = Date.now();
    this.#store
      .prepare(
        `INSERT INTO questions (id, channel, chat_id, user_id, options, subject, shown, asked_at, is_offer)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        to.channel,
        to.chatId,
        userId,
        JSON.stringify(options),
        JSON.stringify(subject),
        Buffer.byteLength(text) <= MAX_SHOWN_BYTES ? text : null,
        now,
        isOffer ? 1 : 0,
      );
    this.#store.prepare('DELETE FROM questions WHERE asked_at < ?').run(now - KEEP_MS);
  }

  find(id: string): Question | undefined {
    const row = this.#store.prepare('SELECT * FROM questions WHERE id = ?').get(id);
    return row === undefined ? undefined : toQuestion(row as Row);
  }

  /**
   * The question that this user sees open in this chat, if it is the only one: only then may an answer be typed. Those
   * that `isOver` are forgotten. For use inside `store.write`.
   */
  onlyOpen(
    from: { readonly channel: string; readonly chatId: string; readonly userId: string },
    isOver: (subject: Subject) => boolean,
  ): Question | undefined {
    const open = this.#store
      .prepare(selectOpen)
      .all(from.channel, from.chatId, from.userId)
      .map((row) => toQuestion(row as Row))
      .filter(({ id, subject }) => {
        // A "yes" that is on its way while a question is, too, is the answer to something else.
        if (!isOver(subject)) return !this.#deliveries.isWaiting(id);
        this.forget(id);
        return false;
      });
    const [question, ...others] = open;
    return others.length > 0 ? undefined : question;
  }

  /** There is nothing left to ask. For use inside `store.write`. */
  forget(id: string): void {
    this.#store.prepare('DELETE FROM questions WHERE id = ?').run(id);
  }

  /** The node does not wait for an answer to its frame `frameId` any longer. For use inside `store.write`. */
  endOf(nodeId: string, frameId: string): void {
    const ended = this.#store
      .prepare(
        `UPDATE questions SET ended_at = ? WHERE subject ->> '$.nodeId' = ? AND subject ->> '$.frameId' = ?
           AND answered IS NULL AND ended_at IS NULL RETURNING *`,
      )
      .all(Date.now(), nodeId, frameId);
    for (const row of ended) this.takeButtonsOff(toQuestion(row as Row), texts.questionOver);
  }

  /** It has its answer. For use inside `store.write`. */
  close(id: string, answer: string): void {
    this.#store.prepare('UPDATE questions SET answered = ? WHERE id = ?').run(answer, id);
  }

  /** Its message is in the chat. For use inside `store.write`. */
  shown(id: string, shownId: string): void {
    this.#store.prepare('UPDATE questions SET shown_id = ? WHERE id = ?').run(shownId, id);
    const question = this.find(id);
    if (question === undefined || (question.answered === undefined && !question.isEnded)) return;
    // It was over before anybody saw it.
    this.takeButtonsOff(
      question,
      question.answered === undefined ? texts.questionOver : texts.chosen(question.answered),
    );
  }

  /** Shows what became of it in the place of its buttons. For use inside `store.write`. */
  takeButtonsOff(question: Question, outcome: Said): void {
    if (question.shownId === undefined) return;
    const told = inLanguage(outcome, this.#languages.of(peerOf(question)));
    this.#deliveries.putEdit(question, { shownId: question.shownId, text: withOutcome(question, told) });
  }
}

/** The message once it has no buttons any more: what a node asked about stays readable above what became of it. */
export function withOutcome({ shown, subject }: Question, told: string): string {
  return shown === undefined || subject.kind !== 'node' ? told : `${shown}\n\n**${told}**`;
}

type Row = {
  id: string;
  shown: string | null;
  shown_id: string | null;
  channel: string;
  chat_id: string;
  user_id: string;
  options: string;
  subject: string;
  answered: string | null;
  ended_at: number | null;
};

/** Rows of our own table: columns are as the schema says, and JSON as `ask` wrote it. */
function toQuestion(row: Row): Question {
  return {
    id: row.id,
    channel: row.channel,
    chatId: row.chat_id,
    userId: row.user_id,
    options: JSON.parse(row.options) as TypedOption[],
    subject: JSON.parse(row.subject) as Subject,
    answered: row.answered ?? undefined,
    shown: row.shown ?? undefined,
    isEnded: row.ended_at !== null,
    shownId: row.shown_id ?? undefined,
  };
}
