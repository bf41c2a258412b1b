import type { Browser } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionOutcome, TurnView } from '../../../src/bot/chat-channel.ts';
import { CONSOLE_CHAT_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter } from './console-router.ts';
import { lowContrast, openPhone } from './phone.ts';

const chatId = CONSOLE_CHAT_ID;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

/** Of a turn that began `agoMs` ago. */
function viewOf(messageId: string, agoMs = 0, changes: Partial<TurnView> = {}): TurnView {
  const startedAt = Date.now() - agoMs;
  const view = {
    id: `turn-of-${messageId}`,
    chatId,
    replyTo: `console:${messageId}`,
    startedAt,
    language: 'en',
  } as const;
  return { ...view, text: '', step: 'npm test', ...changes };
}

/** Somebody else's page says something. */
async function say(router: ConsoleRouter, id: string, text: string): Promise<void> {
  using page = await router.openPage();
  page.say(id, text);
  await page.next('stored');
}

test('a running turn stands under its message, with what it does, a clock that goes on, and its text so far', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  await say(router, 'message-1', 'first question');
  await say(router, 'message-2', 'second question');
  await page.getByText('second question').waitFor();
  router.channel.showTurn(viewOf('message-1', 12_500));
  const live = page.locator('.live');
  const seconds = async () => {
    const status = await live.locator('.status').textContent();
    return Number(/^⏳ npm test · (\d+)s$/.exec(status ?? '')?.[1]);
  };
  await live.waitFor();
  const first = await seconds();
  expect(first).toBeGreaterThanOrEqual(12);
  await waitFor(async () => (await seconds()) > first);
  router.channel.showTurn(viewOf('message-1', 75_000, { step: 'Reading **files**', text: 'Two of them **failed**' }));
  await live.getByText(/^⏳ Reading \*\*files\*\* · 1m \d+s$/).waitFor();
  expect(await live.locator('.markdown strong').textContent()).toBe('failed');
  const articles = await page.getByRole('article').allTextContents();
  expect(articles.map((text) => text.slice(0, 5))).toEqual(['first', 'Two o', 'secon']);

  const turn = { id: 'turn-of-message-1', tookMs: 75_000, isInPlace: false };
  await router.channel.send({ id: 'a', chatId, replyTo: 'console:message-1', text: 'All are mended.', turn });
  await page.getByText('All are mended.').waitFor();
  expect(await live.count()).toBe(0);
  await page.getByText('✓ 1m 15s').waitFor();
  expect(phone.faults).toEqual([]);
});

test('a quick answer does not say how long it took', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const turn = { id: 'turn-1', tookMs: 1999, isInPlace: true };
  await router.channel.send({ id: 'a', chatId, text: 'quick.', turn });
  await router.channel.send({ id: 'b', chatId, text: 'slower.', turn: { ...turn, id: 'turn-2', tookMs: 2000 } });
  await phone.page.getByText('slower.').waitFor();
  expect(await phone.page.locator('.took').allTextContents()).toEqual(['✓ 2s']);
});

test('a page that is opened in the middle of a turn shows it, and drops it when its end was missed', async () => {
  await using first = await ConsoleRouter.start();
  await say(first, 'message-1', 'hello');
  first.channel.showTurn(viewOf('message-1', 5000, { text: 'so far' }));
  await using phone = await openPhone(browser, first);
  const { page } = phone;
  const live = page.locator('.live');
  await live.getByText('so far').waitFor();
  await live.getByText(/⏳ npm test · \d+s/).waitFor();
  expect(await page.locator('#typing').isVisible()).toBe(false);
  await first.stop();
  await page.getByText('Reconnecting…').waitFor();
  const port = Number(new URL(first.origin).port);
  await using _second = await ConsoleRouter.start({ dataDir: first.dataDir, port });
  await page.getByText('Connected', { exact: true }).waitFor();
  await waitFor(async () => (await live.count()) === 0);
});

test('where the clocks differ, the seconds are those of the router', async () => {
  await using router = await ConsoleRouter.start();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.setSystemTime(Date.now() + 3_600_000);
  router.channel.showTurn(viewOf('message-1', 5000));
  await page.goto(router.channel.url(router.origin));
  // An hour less or more would be said in minutes or hours.
  await page.getByText(/⏳ npm test · \d+s/).waitFor();
  await context.close();
});

test('Stop is pressed once, waits for its outcome, and says it; the button is the same one while the text grows', async () => {
  await using router = await ConsoleRouter.start();
  const { promise: outcome, resolve } = Promise.withResolvers<ActionOutcome>();
  router.end = () => outcome;
  await say(router, 'message-1', 'hello');
  router.channel.showTurn(viewOf('message-1'));
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const stop = page.getByRole('button', { name: 'Stop' });
  const box = await stop.boundingBox();
  expect([Number(box?.width) >= 44, Number(box?.height) >= 44]).toEqual([true, true]);
  await stop.evaluate((button) => button.setAttribute('data-same', 'yes'));
  await stop.tap();
  expect(await stop.getAttribute('aria-disabled')).toBe('true');
  await stop.tap({ force: true });
  router.channel.showTurn(viewOf('message-1', 1000, { text: 'more words' }));
  await page.getByText('more words').waitFor();
  expect(await stop.getAttribute('data-same')).toBe('yes');
  resolve({ kind: 'success', toast: 'Stopping…' });
  await page.getByRole('status').getByText('Stopping…').waitFor();
  expect(await stop.getAttribute('aria-disabled')).toBe('false');
  expect(router.stops.map(({ turnId }) => turnId)).toEqual(['turn-of-message-1']);
  expect(phone.faults).toEqual([]);
});

test('without a connection Stop can not be pressed', async () => {
  await using router = await ConsoleRouter.start();
  router.channel.showTurn(viewOf('message-1'));
  await using phone = await openPhone(browser, router);
  const stop = phone.page.getByRole('button', { name: 'Stop' });
  await stop.waitFor();
  await router.stop();
  await phone.page.getByText('Reconnecting…').waitFor();
  expect(await stop.getAttribute('aria-disabled')).toBe('true');
});

test.each(['light', 'dark'] as const)('in the %s colours a running turn can be read', async (colorScheme) => {
  await using router = await ConsoleRouter.start();
  router.channel.showTurn(viewOf('message-1', 0, { text: 'so far', step: `${'a very long step '.repeat(20)}` }));
  await router.channel.send({ id: 'a', chatId, text: 'x', turn: { id: 'turn-2', tookMs: 5000, isInPlace: true } });
  await using phone = await openPhone(browser, router, 360);
  const { page } = phone;
  await page.emulateMedia({ colorScheme });
  await page.getByText('so far').waitFor();
  expect(await lowContrast(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await page.getByText(/^ · \d+s$/).isVisible()).toBe(true);
});
