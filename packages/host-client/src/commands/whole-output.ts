import type { NewOption, OpenQuestion, QuestionAnswer, QuestionOwner, Reply } from '../approvals/question.ts';
import { visibleLine } from '../texts/visible.ts';
import { wholeOutputTexts as texts } from './whole-output-texts.ts';

/** Only a part of what a command said was shown: shall all of it come as a file? */
export const WHOLE_OUTPUT = 'whole-output';

const TTL_MS = 3600 * 1000;

/** Neither a yes nor a no: a word that is meant for another question must not lead to a file. */
export const sendOption: NewOption = { id: 'send', label: texts.send, style: 'default' };

/** Sees to it that the file with an output comes into that chat, once. For use inside `store.write`. */
export type SendOutput = (request: { readonly userId: string; readonly chatId: string; readonly path: string }) => void;

type Subject = { readonly path: string };

/** `path` is that of the file with all that `command` said. */
export function wholeOutputQuestion(command: string, path: string): NonNullable<Reply['question']> {
  const subject: Subject = { path };
  return {
    kind: WHOLE_OUTPUT,
    subject,
    title: texts.title(visibleLine(command)),
    options: [sendOption],
    ttlMs: TTL_MS,
  };
}

/** Takes the answers. */
export function wholeOutputOwner(send: SendOutput): QuestionOwner {
  return {
    answered({ userId, chatId, subject }: OpenQuestion, answer: QuestionAnswer) {
      if ('words' in answer) return texts.words;
      // Written by wholeOutputQuestion out of this type.
      const { path } = subject as Subject;
      send({ userId, chatId, path });
      // The file speaks for itself.
      return undefined;
    },
    // Nothing becomes of it, and nobody waits for a word about that.
    expired: () => '',
  };
}
