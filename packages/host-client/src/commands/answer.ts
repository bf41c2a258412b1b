import type { Said } from '@phonework/shared/language';
import type { ImmediateCommand } from './command.ts';

/**
 * `/answer <words>`: answers what is asked, where buttons fail or none fits. `answer` says what came of it, or what to
 * write instead; it is used inside `store.write`.
 */
export function answerCommand(answer: (userId: string, chatId: string, words: string) => Said): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/answer',
    run: ({ userId, chatId, argument }) => answer(userId, chatId, argument),
  };
}
