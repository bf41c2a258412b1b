import type { Said, Text } from '@phonework/shared/language';
import { bilingual, join } from '@phonework/shared/language';
import type { Letter } from '@phonework/shared/mail';
import type { ForwardRequest } from '@phonework/shared/protocol';
import type { NewQuestion, OpenQuestion, QuestionAnswer, QuestionOwner, Reply } from '../approvals/question.ts';
import { tailOf } from '../texts/cut.ts';
import { codeSpan, outputBlock } from '../texts/markdown.ts';
import { visibleLine } from '../texts/visible.ts';
import type { Effect, Effects } from './effects.ts';
import type { Answer } from './front-desk.ts';
import { interruptionTexts as texts } from './interruption-texts.ts';

/** Kind of the question what becomes of a message whose turn broke off. */
export const INTERRUPTED_TURN = 'interrupted-turn';

/** A message that runs once more, as its user wrote it. */
type Repeated = Omit<ForwardRequest, 'id' | 'type'>;

/** What the question keeps of it. */
type Subject = Omit<Repeated, 'chat_id' | 'user_id'>;

/** A message that crashed the process this often is set aside. */
const MAX_STARTS = 2;

/** How many earlier steps are told. */
const MAX_STEPS = 5;

/** How much of an output is told: a screen of a phone. */
const OUTPUT_CHARS = 800;

/** And of what came of a step. */
const OUTCOME_CHARS = 100;

const TTL_MS = 24 * 3600 * 1000;

/** Tells users of their messages whose turns broke off, in a crash or at a shutdown, and asks what becomes of each. */
export class Interruptions {
  readonly #effects: Effects;
  readonly #outputs: { read(turnId: string): Promise<string> };

  /** `outputs` knows what the last command of a turn has said; empty where nothing is known. */
  constructor(effects: Effects, outputs: { read(turnId: string): Promise<string> }) {
    this.#effects = effects;
    this.#outputs = outputs;
  }

  /** The answer to a message whose turn must not run by itself any more; undefined where it may. */
  async answerTo({ id, body, starts }: Letter<ForwardRequest>): Promise<Answer | undefined> {
    const {
      newest: [last, ...before],
      count,
    } = this.#effects.read(id, MAX_STEPS + 1);
    if (last !== undefined) {
      const more = count - 1 - before.length;
      return toAnswer(body, report({ last, before, more, output: await this.#outputs.read(id) }));
    }
    return starts > MAX_STARTS ? toAnswer(body, texts.crashed) : undefined;
  }
}

/** Takes the answers. `retry` lets a message run once more, and `ask` asks; both inside `store.write`. */
export function interruptionOwner({
  retry,
  ask,
}: {
  readonly retry: (message: Repeated) => void;
  readonly ask: (question: NewQuestion) => void;
}): QuestionOwner {
  return {
    answered(question: OpenQuestion, answer: QuestionAnswer) {
      const { userId, chatId, title } = question;
      // Written by `toQuestion` out of this type.
      const subject = question.subject as Subject;
      if ('words' in answer) {
        ask({ userId, chatId, text: title, ...toQuestion(subject) });
        return texts.notAnAnswer;
      }
      if (answer.optionId !== 'retry') return texts.left;
      retry({ user_id: userId, chat_id: chatId, ...subject });
      return texts.again(nameOf(subject));
    },
    expired: () => texts.left,
  };
}

function toAnswer({ text, quoted, attachments }: ForwardRequest, reply: Said): Answer {
  const subject: Subject = { text, ...(quoted !== undefined && { quoted }), ...(attachments && { attachments }) };
  return { reply, question: toQuestion(subject) };
}

function toQuestion(subject: Subject): NonNullable<Reply['question']> {
  return {
    kind: INTERRUPTED_TURN,
    subject,
    title: texts.title(nameOf(subject)),
    options: [
      { id: 'retry', label: texts.retry, style: 'primary' },
      { id: 'dismiss', label: texts.dismiss, style: 'danger' },
    ],
    ttlMs: TTL_MS,
  };
}

/** What a user knows the message by. */
function nameOf({ text, attachments = [] }: Subject): string {
  return visibleLine(text) || visibleLine(attachments.map(({ name }) => name).join(', '));
}

function report({
  last,
  before,
  more,
  output,
}: {
  readonly last: Effect;
  readonly before: readonly Effect[];
  readonly more: number;
  readonly output: string;
}): Text {
  const { summary, outcome } = last;
  const end = outcome === undefined ? texts.open : texts.ended(codeSpan(visibleLine(outcome, OUTCOME_CHARS)));
  const head = join([texts.interrupted(codeSpan(summary)), end], '\n');
  return join([head, steps(before, more), lastOutput(output)], '\n\n');
}

function steps(before: readonly Effect[], more: number): Said {
  if (before.length === 0) return '';
  const lines = before.map(({ summary, outcome }) =>
    outcome === undefined
      ? `- ${codeSpan(summary)}`
      : `- ${codeSpan(summary)} → ${codeSpan(visibleLine(outcome, OUTCOME_CHARS))}`,
  );
  return join(
    [texts.before, ...lines, ...(more > 0 ? [bilingual((language) => `- ${texts.more(more)[language]}`)] : [])],
    '\n',
  );
}

function lastOutput(output: string): Said {
  const text = output.trimEnd();
  if (text === '') return '';
  const shown = text.length <= OUTPUT_CHARS ? text : `…${tailOf(text, OUTPUT_CHARS - 1)}`;
  return join([texts.lastOutput, outputBlock(shown)], '\n');
}
