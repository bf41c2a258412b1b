import type { Said, Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import { effectTexts as texts } from './effect-texts.ts';
import type { OpenQuestions } from './open-questions.ts';
import type { NewOption, NewQuestion, OpenQuestion, QuestionAnswer, QuestionOwner } from './question.ts';
import type { NewShellRules, ShellRules } from './shell-rules.ts';

/** Kind of the questions whether something may be done. */
const EFFECT_QUESTION = 'effect';

/** What is asked about: it waits, and is done with exactly what was shown, or not at all. */
export type EffectRequest = Pick<NewQuestion, 'userId' | 'chatId' | 'title' | 'text'> & {
  /** What "Always allow" stores. Absent: it is not offered. */
  readonly rules?: NewShellRules;
};

export type EffectAnswer =
  | { readonly kind: 'allowed' }
  /** `words` where the user wrote some instead of pressing a button. */
  | { readonly kind: 'denied'; readonly words?: string }
  | { readonly kind: 'expired' };

/** What is stored with a question. */
type Subject = { readonly rules?: NewShellRules };

/**
 * Asks users whether something may be done, on behalf of a turn that waits for the answer. A yes counts for that one
 * waiting turn: when the turn is over, or its process is gone, a press does nothing any more.
 */
export class EffectApprovals implements QuestionOwner {
  readonly #store: Store;
  readonly #questions: OpenQuestions;
  readonly #rules: ShellRules;
  readonly #ttlMs: number;
  readonly #logger: Logger;
  /** Who waits, by the question's id. */
  readonly #waiting = new Map<string, (answer: EffectAnswer) => void>();

  constructor(options: {
    readonly store: Store;
    readonly questions: OpenQuestions;
    readonly rules: ShellRules;
    /** How long a user has for an answer, from when they can see the question. */
    readonly ttlMs: number;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#questions = options.questions;
    this.#rules = options.rules;
    this.#ttlMs = options.ttlMs;
    this.#logger = options.logger;
    this.#questions.own(EFFECT_QUESTION, this);
  }

  /** Takes back what an earlier process has asked. Its turns begin anew, and ask again. */
  async start(): Promise<void> {
    const left = this.#questions.openOf(EFFECT_QUESTION);
    if (left.length === 0) return;
    await this.#store.write(() => {
      for (const id of left) this.#questions.withdraw(id, texts.takenBack);
    });
  }

  /** Resolves with the user's answer. Rejects with the signal's reason once it is aborted, and takes the question back. */
  async ask({ rules, ...shown }: EffectRequest, signal: AbortSignal): Promise<EffectAnswer> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<EffectAnswer>();
    const subject: Subject = rules === undefined ? {} : { rules };
    const options = optionsWith(rules);
    const id = await this.#store.write(() => {
      const asked = this.#questions.ask({ ...shown, kind: EFFECT_QUESTION, subject, options, ttlMs: this.#ttlMs });
      this.#store.afterCommit(() => this.#waiting.set(asked, resolve));
      return asked;
    });
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#waiting.delete(id);
      if (signal.aborted) await this.#takeBack(id);
    }
  }

  /** For use inside `store.write`, as OpenQuestions does. */
  answered({ id, subject }: OpenQuestion, answer: QuestionAnswer): Said | undefined {
    if (!this.#waiting.has(id)) return texts.notAsked;
    const choice = 'optionId' in answer ? answer.optionId : undefined;
    // Written by `ask` out of this type.
    const { rules } = subject as Subject;
    if (choice === 'always' && rules !== undefined) this.#rules.add(rules);
    this.#answer(id, toEffectAnswer(answer));
    return choice === 'always' ? texts.alwaysAllowed : undefined;
  }

  /** For use inside `store.write`, as OpenQuestions does. */
  expired({ id }: OpenQuestion): Text {
    this.#answer(id, { kind: 'expired' });
    return texts.expired(this.#ttlMs);
  }

  #answer(id: string, answer: EffectAnswer): void {
    this.#store.afterCommit(() => this.#waiting.get(id)?.(answer));
  }

  /** Never rejects: what stays open expires by itself, and a press on it does nothing. */
  async #takeBack(id: string): Promise<void> {
    try {
      await this.#store.write(() => this.#questions.withdraw(id, texts.takenBack));
    } catch (error) {
      this.#logger.error({ err: error }, 'a question could not be taken back');
    }
  }
}

function optionsWith(rules: NewShellRules | undefined): readonly NewOption[] {
  return [
    { id: 'allow_once', label: texts.allowOnce, style: 'primary' },
    ...(rules === undefined ? [] : [{ id: 'always', label: texts.always, style: 'default' } as const]),
    { id: 'deny', label: texts.deny, style: 'danger' },
  ];
}

function toEffectAnswer(answer: QuestionAnswer): EffectAnswer {
  if ('words' in answer) return { kind: 'denied', words: answer.words };
  return answer.optionId === 'allow_once' || answer.optionId === 'always' ? { kind: 'allowed' } : { kind: 'denied' };
}
