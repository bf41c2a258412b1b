import type { AgentQuestion } from './agent-runner.ts';
import type { AskAnswer } from './ask-options.ts';
import { toQuestionAnswer } from './ask-options.ts';

/** What is kept of a round, beside its questions: the answers so far, in their order. */
export type QuestionRoundState = { readonly taken: readonly string[] };

/** Questions that were asked together, and are put to the user one after the other. */
export class QuestionRound {
  readonly #questions: readonly AgentQuestion[];
  readonly #taken: string[];

  constructor(questions: readonly AgentQuestion[], taken: readonly string[] = []) {
    this.#questions = questions;
    this.#taken = taken.slice(0, questions.length);
  }

  /** `state` is what `toJSON` gave; absent: nothing is answered yet. */
  static fromJSON(questions: readonly AgentQuestion[], state?: QuestionRoundState): QuestionRound {
    return new QuestionRound(questions, state?.taken);
  }

  /** The question that is to be answered now; undefined when all are. */
  next(): AgentQuestion | undefined {
    return this.#questions[this.#taken.length];
  }

  /** Where `next` stands, from 1: for `questionText`. */
  get place(): { readonly number: number; readonly total: number } {
    return { number: this.#taken.length + 1, total: this.#questions.length };
  }

  /** Takes the answer to `next`; one too many does nothing. */
  take(answer: AskAnswer): void {
    const question = this.next();
    if (question !== undefined) this.#taken.push(toQuestionAnswer(question, answer));
  }

  /** By the question's text, as the agent wants them. */
  get answers(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#taken.map((answer, index) => [this.#questions[index]?.question ?? '', answer]));
  }

  toJSON(): QuestionRoundState {
    return { taken: [...this.#taken] };
  }
}
