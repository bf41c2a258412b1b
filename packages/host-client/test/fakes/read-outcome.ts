import { inLanguage } from '@phonework/shared/language';
import type { NewQuestion, OpenQuestion, Reply } from '../../src/approvals/question.ts';
import type { CommandOutcome } from '../../src/commands/command.ts';
import { isSaid } from '../../src/commands/command.ts';

export type EnglishReply = Omit<Reply, 'text'> & { readonly text: string };

/** What an English reader gets from a command that answers by itself. */
export function toReply(outcome: CommandOutcome): EnglishReply {
  if (isSaid(outcome)) return { text: inLanguage(outcome, 'en') };
  if ('settle' in outcome) throw new Error('this command leaves its answer to others');
  return { ...outcome, text: inLanguage(outcome.text, 'en') };
}

/** A question as it is when an English reader has it. */
export function toOpenQuestion(question: NewQuestion): OpenQuestion {
  const { title, text, options, ...rest } = question;
  return {
    ...rest,
    title: inLanguage(title, 'en'),
    text: inLanguage(text, 'en'),
    options: options.map((option) => ({ ...option, label: inLanguage(option.label, 'en') })),
    id: 'frame',
    number: 1,
    askedAt: 0,
  };
}
