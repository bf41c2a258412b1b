import { expect, test } from 'vitest';
import { ChatError } from '../../../src/bot/chat-channel.ts';
import { CONSOLE_CHAT_ID } from '../../../src/bot/console/channel.ts';
import type { ConsoleMessage } from '../../../src/bot/console/frames.ts';
import type { PageSocket } from './console-router.ts';
import { ConsoleRouter } from './console-router.ts';

const chatId = CONSOLE_CHAT_ID;
const question = {
  id: 'question-1',
  chatId,
  text: 'May I run `make`?',
  actions: [{ id: 'allow', label: 'Allow once', style: 'primary' as const }],
};

test('an edit gives a message another text and takes its buttons off, on every page and for those that come later', async () => {
  await using router = await ConsoleRouter.start();
  const [shownId = ''] = await router.channel.send(question);
  using page = await router.openPage();
  using other = await router.openPage();
  await router.channel.edit({ chatId, shownId, text: 'May I run `make`?\n\n**✓ Allow once**' });
  using later = await router.openPage();
  const shown = [(await page.next('update')).message, (await other.next('update')).message, messagesOf(later)[0]];
  for (const message of shown) {
    expect(message).toMatchObject({ id: 'question-1', text: 'May I run `make`?\n\n**✓ Allow once**' });
    expect(message).not.toHaveProperty('actions');
  }
  page.press('question-1', 'allow');
  expect((await page.next('pressed')).outcome.kind).toBe('warning');
  expect(router.presses).toEqual([]);
});

test('an edit of a message that is no longer kept changes nothing, and is no failure', async () => {
  await using router = await ConsoleRouter.start();
  await router.channel.edit({ chatId, shownId: 'long-gone', text: 'over' });
  using page = await router.openPage();
  expect(page.frames[0]).toMatchObject({ messages: [] });
});

test('an edit in another chat is refused for good, and one that could not be stored may be tried again', async () => {
  await using router = await ConsoleRouter.start();
  await router.channel.send(question);
  const edit = { chatId, shownId: 'question-1', text: 'over' };
  await expect(router.channel.edit({ ...edit, chatId: 'oc_team' })).rejects.toMatchObject({ code: 'refused' });
  router.breakStore();
  await expect(router.channel.edit(edit)).rejects.toThrow(ChatError);
  await expect(router.channel.edit(edit)).rejects.toMatchObject({ code: 'unavailable' });
});

function messagesOf({ frames }: PageSocket): readonly ConsoleMessage[] {
  return frames[0]?.type === 'history' ? frames[0].messages : [];
}
