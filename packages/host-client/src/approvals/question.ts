import type { Said } from '@phonework/shared/language';

/** A button under a question. */
export type QuestionOption = {
  readonly id: string;
  readonly label: string;
  /** The label in the other language, where that is something else: it may be typed too. */
  readonly also?: string | undefined;
  readonly style: 'default' | 'primary' | 'danger';
};

/** A button as it is asked for. */
export type NewOption = Omit<QuestionOption, 'also' | 'label'> & { readonly label: Said };

/** What its asker puts in, and gets back with the answer; over restarts. */
export type NewQuestion = {
  readonly userId: string;
  readonly chatId: string;
  /** Whose business it is: names the QuestionOwner. */
  readonly kind: string;
  /** JSON, for the owner alone. */
  readonly subject: unknown;
  /** One line for /status, such as "demo: may Claude run npm test?". */
  readonly title: Said;
  /** What the user reads above the buttons: whole, any length. */
  readonly text: Said;
  /** 1 to 20, each with an id and a label. Those of the style `danger` say no: an expiry counts as the first of them. */
  readonly options: readonly NewOption[];
  /** Nobody waits for an answer: its buttons are shortcuts, /status does not list it, and nothing that is typed answers it. */
  readonly isOffer?: boolean;
  /** Counted from when it was shown to the user; absent: it stays open. */
  readonly ttlMs?: number;
};

/** A question as its user reads it. */
export type OpenQuestion = Omit<NewQuestion, 'options' | 'text' | 'title'> & {
  readonly title: string;
  readonly text: string;
  readonly options: readonly QuestionOption[];
  /** Id of the frame that carries its buttons. */
  readonly id: string;
  /** What people call it by: `/answer #7 yes`. Never used again. */
  readonly number: number;
  /** ms since the epoch. */
  readonly askedAt: number;
};

/** A button, or words where the user wrote some. */
export type QuestionAnswer = { readonly optionId: string; readonly label: string } | { readonly words: string };

/**
 * Who a kind of question belongs to. Both methods are called inside `store.write`, and the question is closed already.
 * What they throw is logged; the question stays closed all the same, and the user is told.
 */
export interface QuestionOwner {
  /** Returns a sentence for the user, or undefined where the outcome speaks for itself. */
  answered(question: OpenQuestion, answer: QuestionAnswer): Said | undefined;
  /** The user did not answer in time. Returns the sentence that says what becomes of it. */
  expired(question: OpenQuestion): Said;
}

/** What a user reads; with buttons under it where it asks something. */
export type Reply = { readonly text: Said; readonly question?: Omit<NewQuestion, 'userId' | 'chatId' | 'text'> };
