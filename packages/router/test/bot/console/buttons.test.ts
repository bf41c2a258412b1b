import { expect, test } from 'vitest';
import type { ActionOutcome, MessageAction, OutgoingMessage } from '../../../src/bot/chat-channel.ts';
import { CONSOLE_CHAT_ID, CONSOLE_USER_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter } from './console-router.ts';

const chatId = CONSOLE_CHAT_ID;
const actions: readonly MessageAction[] = [
  { id: 'allow', label: 'Allow once', style: 'primary' },
  { id: 'deny', label: 'Deny', style: 'danger' },
];
const question: OutgoingMessage = { id: 'question-1', chatId, text: 'May I run `make`?', actions };

test('a message shows its buttons on open pages, and on those that open later', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  await router.channel.send(question);
  await router.channel.send({ id: 'answer-1', chatId, text: 'no buttons', actions: [] });
  expect((await page.next('message')).message).toMatchObject({ id: 'question-1', actions });
  expect((await page.next('message')).message).not.toHaveProperty('actions');
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ messages: [{ id: 'question-1', actions }, { id: 'answer-1' }] });
});

test('a press is handed on as one of the local user, and its outcome told to the page that pressed only', async () => {
  await using router = await ConsoleRouter.start();
  router.act = async () => ({ kind: 'warning', toast: 'Home PC is offline.' });
  await router.channel.send(question);
  using page = await router.openPage();
  using other = await router.openPage();
  page.press('question-1', 'deny');
  expect(await page.next('pressed')).toEqual({
    type: 'pressed',
    messageId: 'question-1',
    outcome: { kind: 'warning', toast: 'Home PC is offline.' },
  });
  expect(router.presses).toEqual([
    { channel: 'console', chatId, userId: CONSOLE_USER_ID, messageId: 'question-1', actionId: 'deny' },
  ]);
  expect(router.channel.health().lastEventAt).toBeTypeOf('number');
  await router.channel.send({ id: 'answer-1', chatId, text: 'next' });
  await other.next('message');
  expect(other.frames.map(({ type }) => type)).toEqual(['history', 'message']);
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ messages: [{ text: question.text, actions }, { id: 'answer-1' }] });
});

test('an outcome with a text takes the place of the message and its buttons on every page, also after a restart', async () => {
  await using first = await ConsoleRouter.start();
  first.act = async () => ({ kind: 'success', toast: 'Allowed.', text: 'Allowed: `make`' });
  await first.channel.send(question);
  using page = await first.openPage();
  using other = await first.openPage();
  page.press('question-1', 'allow');
  await page.next('pressed');
  for (const { frames } of [page, other]) {
    const updates = frames.filter((frame) => frame.type === 'update');
    expect(updates).toMatchObject([{ message: { seq: 1, id: 'question-1', text: 'Allowed: `make`' } }]);
    expect(updates[0]?.message).not.toHaveProperty('actions');
  }
  expect(page.frames.map(({ type }) => type)).toEqual(['history', 'update', 'pressed']);
  await first.stop();

  await using second = await ConsoleRouter.start({ dataDir: first.dataDir });
  await second.channel.send(question);
  using later = await second.openPage();
  expect(later.frames[0]).toMatchObject({ messages: [{ seq: 1, text: 'Allowed: `make`' }] });
  expect(JSON.stringify(later.frames)).not.toContain('actions');
});

test('a page that was away is told which of its messages changed meanwhile, and only of those', async () => {
  await using router = await ConsoleRouter.start();
  router.act = async ({ messageId }) => ({ kind: 'success', toast: 'Done.', text: `${messageId} is answered` });
  using page = await router.openPage();
  const press = async (messageId: string) => {
    page.press(messageId, 'allow');
    await page.next('pressed');
  };
  for (const id of ['question-1', 'question-2', 'question-3']) await router.channel.send({ ...question, id });
  await press('question-1');
  await router.channel.send({ id: 'answer-4', chatId, text: 'news' });
  await press('question-2');
  await router.channel.send({ id: 'answer-5', chatId, text: 'more news' });

  using back = await router.openPage(4);
  expect(back.frames[0]).toMatchObject({
    replaces: false,
    changed: [{ seq: 2, text: 'question-2 is answered' }],
    messages: [{ id: 'answer-5' }],
  });
  using longAway = await router.openPage(3);
  expect(longAway.frames[0]).toMatchObject({ changed: [{ seq: 1 }, { seq: 2 }], messages: [{ seq: 4 }, { seq: 5 }] });
  using upToDate = await router.openPage(5);
  expect(upToDate.frames[0]).toMatchObject({ replaces: false, changed: [], messages: [] });
});

test.each([
  ['a message that is not there', 'question-9', 'allow'],
  ['a button that the message does not have', 'question-1', 'format-the-disk'],
  ['a message without buttons', 'answer-1', 'allow'],
  ['a message whose buttons are gone', 'question-2', 'allow'],
])('a press on %s is not handed on', async (_what, messageId, actionId) => {
  await using router = await ConsoleRouter.start();
  router.act = async () => ({ kind: 'success', toast: 'Done.', text: 'answered' });
  using page = await router.openPage();
  await router.channel.send(question);
  await router.channel.send({ ...question, id: 'question-2' });
  await router.channel.send({ id: 'answer-1', chatId, text: 'hello' });
  page.press('question-2', 'deny');
  await page.next('pressed');
  page.press(messageId, actionId);
  expect(await page.next('pressed')).toMatchObject({
    messageId,
    outcome: { kind: 'warning', toast: expect.stringContaining('no longer there') },
  });
  expect(router.presses.map((press) => press.messageId)).toEqual(['question-2']);
});

test('a press that fails is said to have failed, without its reason, and the buttons stay', async () => {
  await using router = await ConsoleRouter.start();
  router.act = () => Promise.reject(new Error('the disk is full of secrets'));
  await router.channel.send(question);
  using page = await router.openPage();
  page.press('question-1', 'allow');
  const { outcome } = await page.next('pressed');
  expect(outcome).toEqual({ kind: 'error', toast: 'That did not work. Try again.' });
  router.act = async () => ({ kind: 'success', toast: 'Done.' });
  page.press('question-1', 'allow');
  expect((await page.next('pressed')).outcome.toast).toBe('Done.');
});

test('a press that worked is told so even when its text could not be stored', async () => {
  await using router = await ConsoleRouter.start();
  await router.channel.send(question);
  using page = await router.openPage();
  const outcome: ActionOutcome = { kind: 'success', toast: 'Allowed.', text: 'Allowed: `make`' };
  router.act = async () => {
    router.breakStore();
    return outcome;
  };
  page.press('question-1', 'allow');
  expect((await page.next('pressed')).outcome).toEqual(outcome);
  expect(page.frames.map(({ type }) => type)).toEqual(['history', 'pressed']);
});

test('after a stop no press is handed on', async () => {
  await using router = await ConsoleRouter.start();
  await router.channel.send(question);
  await router.channel.stop();
  using page = await router.openPage();
  page.press('question-1', 'allow');
  expect((await page.next('pressed')).outcome).toMatchObject({
    kind: 'error',
    toast: expect.stringContaining('Try again in a moment'),
  });
  expect(router.presses).toEqual([]);
});
