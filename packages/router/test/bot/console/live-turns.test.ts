import { expect, test } from 'vitest';
import type { TurnView } from '../../../src/bot/chat-channel.ts';
import { CONSOLE_CHAT_ID, CONSOLE_USER_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter } from './console-router.ts';

const chatId = CONSOLE_CHAT_ID;
const view: TurnView = {
  id: 'turn-1',
  chatId,
  replyTo: 'console:message-1',
  startedAt: 1000,
  text: 'I am look',
  step: 'ls',
  language: 'en',
};
const live = { turnId: 'turn-1', replyTo: 'console:message-1', startedAt: 1000, text: 'I am look', step: 'ls' };
const answer = {
  id: 'answer-1',
  chatId,
  replyTo: 'console:message-1',
  text: 'Two files.',
  turn: { id: 'turn-1', tookMs: 12_345, isInPlace: true },
};

test('a running turn is shown on the open pages, and is not kept', async () => {
  await using first = await ConsoleRouter.start();
  using page = await first.openPage();
  first.channel.showTurn(view);
  expect(await page.next('progress')).toEqual({ type: 'progress', ...live });
  await first.stop();
  await using second = await ConsoleRouter.start({ dataDir: first.dataDir });
  using later = await second.openPage();
  expect(later.frames[0]).toMatchObject({ messages: [], live: [] });
});

test('a page that opens in the middle of a turn is shown its newest state', async () => {
  await using router = await ConsoleRouter.start();
  router.channel.showTurn(view);
  const { step: _, ...withoutStep } = view;
  router.channel.showTurn({ ...withoutStep, text: 'I am looking' });
  router.channel.showTurn({ ...view, id: 'turn-2', replyTo: 'console:message-2' });
  using page = await router.openPage();
  const { step: __, ...stepless } = live;
  expect(page.frames[0]).toMatchObject({ now: expect.any(Number) });
  expect(page.frames[0]).toHaveProperty('live', [
    { ...stepless, text: 'I am looking' },
    { ...live, turnId: 'turn-2', replyTo: 'console:message-2' },
  ]);
});

test('the answer ends the turn, with how long it took, and a page that opens then has nothing running', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  router.channel.showTurn(view);
  await router.channel.send(answer);
  await router.channel.send(answer);
  expect(await page.next('message')).toMatchObject({ endsTurn: 'turn-1', message: { tookMs: 12_345 } });
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ live: [], messages: [{ id: 'answer-1', tookMs: 12_345 }] });
});

test('a word in between, to the same message, leaves the turn running', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  router.channel.showTurn(view);
  await router.channel.send({ id: 'notice', chatId, replyTo: 'console:message-1', text: 'It still runs.' });
  expect(await page.next('message')).not.toHaveProperty('endsTurn');
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ live: [live] });
});

test('a turn of which nothing is heard any longer is not shown as running for ever', async () => {
  await using router = await ConsoleRouter.start({ turnForgetMs: 50 });
  using page = await router.openPage();
  router.channel.showTurn(view);
  expect(await page.next('turn-over')).toEqual({ type: 'turn-over', turnId: 'turn-1' });
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ live: [] });
});

test('of a very long text pages get the end, and of very many turns the newest', async () => {
  await using router = await ConsoleRouter.start();
  using page = await router.openPage();
  router.channel.showTurn({ ...view, text: `${'a line\n'.repeat(100_000)}the end` });
  const { text } = await page.next('progress');
  expect(text.length).toBeLessThanOrEqual(32_010);
  expect(text).toMatch(/^…\na line\n.*a line\nthe end$/s);
  for (let n = 2; n <= 40; n += 1) router.channel.showTurn({ ...view, id: `turn-${n}` });
  expect((await page.next('turn-over')).turnId).toBe('turn-1');
  using later = await router.openPage();
  const [history] = later.frames;
  if (history?.type !== 'history') throw new Error('the first frame is the history');
  expect(history.live.map(({ turnId }) => turnId)).toEqual(Array.from({ length: 32 }, (_, n) => `turn-${n + 9}`));
});

test("a turn of another chat is not shown here, and none after the channel's stop", async () => {
  await using router = await ConsoleRouter.start();
  router.channel.showTurn({ ...view, chatId: 'oc_team' });
  using page = await router.openPage();
  expect(page.frames[0]).toMatchObject({ live: [] });
  await router.channel.stop();
  router.channel.showTurn(view);
  using later = await router.openPage();
  expect(later.frames[0]).toMatchObject({ live: [] });
});

test("Stop is handed on as the local user's, and its outcome told to the page that pressed only", async () => {
  await using router = await ConsoleRouter.start();
  router.channel.showTurn(view);
  using page = await router.openPage();
  using other = await router.openPage();
  page.stop('turn-1');
  expect(await page.next('stopped')).toEqual({
    type: 'stopped',
    turnId: 'turn-1',
    outcome: { kind: 'success', toast: 'Stopping…' },
  });
  expect(router.stops).toEqual([{ channel: 'console', chatId, userId: CONSOLE_USER_ID, turnId: 'turn-1' }]);
  await router.channel.send({ id: 'news', chatId, text: 'next' });
  await other.next('message');
  expect(other.frames.map(({ type }) => type)).toEqual(['history', 'message']);
});

test("a Stop that fails is said to have failed, without its reason; after the channel's stop none is handed on", async () => {
  await using router = await ConsoleRouter.start();
  router.end = () => Promise.reject(new Error('the disk is full of secrets'));
  using page = await router.openPage();
  page.stop('turn-1');
  expect((await page.next('stopped')).outcome).toEqual({ kind: 'error', toast: 'That did not work. Try again.' });
  await router.channel.stop();
  using late = await router.openPage();
  late.stop('turn-1');
  expect((await late.next('stopped')).outcome.toast).toContain('Try again in a moment');
  expect(router.stops).toHaveLength(1);
});
