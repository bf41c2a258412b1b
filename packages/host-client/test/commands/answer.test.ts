import { expect, test } from 'vitest';
import { answerCommand } from '../../src/commands/answer.ts';
import { QuestionDesk } from '../fakes/question-desk.ts';

test('/answer answers the question that is open in this chat, at once, and says what came of it', async () => {
  await using desk = await QuestionDesk.open();
  await desk.ask();
  const command = answerCommand((userId, chatId, words) => desk.questions.answerInWords(userId, chatId, words));
  expect([command.name, command.kind]).toEqual(['/answer', 'immediate']);
  const request = { userId: 'alice', chatId: 'chat', turnId: 'm1', argument: 'not before noon' };
  expect(await desk.store.write(() => command.run(request))).toBe('Running it.');
  expect(desk.ledger).toEqual(['not before noon']);
});
