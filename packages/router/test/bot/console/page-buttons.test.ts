import type { Browser, Page } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionOutcome, OutgoingMessage } from '../../../src/bot/chat-channel.ts';
import { CONSOLE_CHAT_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter } from './console-router.ts';
import { lowContrast, openPhone } from './phone.ts';

const chatId = CONSOLE_CHAT_ID;
const question: OutgoingMessage = {
  id: 'question-1',
  chatId,
  text: 'May I run `make clean`?',
  actions: [
    { id: 'allow', label: 'Allow once', style: 'primary' },
    { id: 'always', label: 'Always allow', style: 'default' },
    { id: 'deny', label: 'Deny', style: 'danger' },
  ],
};

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

test('a press disables the buttons at once, says what came of it, and replaces the message on every page', async () => {
  await using router = await ConsoleRouter.start();
  const { promise: outcome, resolve } = Promise.withResolvers<ActionOutcome>();
  router.act = () => outcome;
  await router.channel.send(question);
  await using phone = await openPhone(browser, router);
  await using other = await openPhone(browser, router);
  const { page } = phone;
  expect(await page.getByRole('group', { name: 'Choices' }).getByRole('button').allTextContents()).toEqual([
    'Allow once',
    'Always allow',
    'Deny',
  ]);
  await page.getByRole('button', { name: 'Allow once' }).tap();
  expect(await enabled(page)).toEqual([]);
  await page.getByRole('button', { name: 'Deny' }).tap({ force: true });
  resolve({ kind: 'success', toast: 'Allowed once.', text: 'Allowed: **make clean**' });

  await page.getByRole('status').getByText('Allowed once.').waitFor();
  for (const one of [page, other.page]) {
    await one.getByText('Allowed: make clean').waitFor();
    expect(await one.locator('.actions').count()).toBe(0);
    expect(await one.getByRole('article').count()).toBe(1);
  }
  expect(router.presses.map(({ actionId }) => actionId)).toEqual(['allow']);
  expect(await other.page.locator('#toast').textContent()).toBe('');
  await page.reload();
  await page.getByText('Allowed: make clean').waitFor();
  expect(await page.locator('.actions').count()).toBe(0);
  expect([...phone.faults, ...other.faults]).toEqual([]);
});

test('when a press fails or changes nothing, the buttons come back and can be pressed again', async () => {
  await using router = await ConsoleRouter.start();
  router.act = () => Promise.reject(new Error('full'));
  await router.channel.send(question);
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  await page.getByRole('button', { name: 'Deny' }).tap();
  await page.getByRole('status').getByText('That did not work. Try again.').waitFor();
  expect(await enabled(page)).toEqual(['Allow once', 'Always allow', 'Deny']);
  router.act = async () => ({ kind: 'warning', toast: 'Home PC is offline.' });
  await page.getByRole('button', { name: 'Allow once' }).tap();
  await page.getByRole('status').getByText('Home PC is offline.').waitFor();
  expect(await enabled(page)).toEqual(['Allow once', 'Always allow', 'Deny']);
  await page.reload();
  await page.getByRole('button', { name: 'Deny' }).waitFor();
  expect(router.presses.map(({ actionId }) => actionId)).toEqual(['deny', 'allow']);
});

test('without a connection the buttons are disabled and say so; back again, they show what happened meanwhile', async () => {
  await using first = await ConsoleRouter.start();
  await first.channel.send(question);
  await first.channel.send({ ...question, id: 'question-2', text: 'And `make test`?' });
  // Never answered: the router stops first.
  first.act = () => new Promise(() => {});
  await using phone = await openPhone(browser, first);
  const { page } = phone;
  await page.getByRole('button', { name: 'Allow once' }).first().tap();
  await waitFor(() => first.presses.length === 1);
  await first.stop();
  await page.getByText('Not connected. The buttons work again').first().waitFor();
  expect(await enabled(page)).toEqual([]);
  await page.getByRole('button', { name: 'Deny' }).last().tap({ force: true });

  const port = Number(new URL(first.origin).port);
  await using second = await ConsoleRouter.start({ dataDir: first.dataDir, port });
  second.act = async () => ({ kind: 'success', toast: 'Denied.', text: 'You said no.' });
  using elsewhere = await second.openPage();
  elsewhere.press('question-2', 'deny');
  await elsewhere.next('pressed');
  await page.getByText('Connected', { exact: true }).waitFor();
  await waitFor(async () => (await page.getByText('And make test?').count()) === 0);
  await page.getByText('You said no.').waitFor();
  expect(await enabled(page)).toEqual(['Allow once', 'Always allow', 'Deny']);
  expect(await page.getByText('Not connected. The buttons').count()).toBe(0);
  await page.getByRole('button', { name: 'Allow once' }).tap();
  await waitFor(() => second.presses.length === 2);
  expect(second.presses.map(({ messageId, actionId }) => [messageId, actionId])).toEqual([
    ['question-2', 'deny'],
    ['question-1', 'allow'],
  ]);
});

test('with a keyboard buttons are reached, seen and pressed, and the place in the page is kept', async () => {
  await using router = await ConsoleRouter.start();
  router.act = async () => ({ kind: 'error', toast: 'Not now.' });
  await router.channel.send(question);
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const focused = page.locator(':focus');
  await page.locator('#scroller').focus();
  for (const label of ['Allow once', 'Always allow']) {
    await page.keyboard.press('Tab');
    expect(await focused.textContent()).toBe(label);
    expect(await focused.evaluate((button) => button.computedStyleMap().get('outline-style')?.toString())).toBe(
      'solid',
    );
  }
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Not now.').waitFor();
  expect(await focused.textContent()).toBe('Always allow');
  router.act = async () => ({ kind: 'success', toast: 'Good.', text: 'It runs.' });
  await page.keyboard.press('Space');
  await page.getByText('It runs.').waitFor();
  await waitFor(async () => (await focused.getAttribute('aria-label')) === 'PhoneWork');
  expect(router.presses.map(({ actionId }) => actionId)).toEqual(['always', 'always']);
});

test('buttons are large enough for a thumb and wrap on the narrowest phone, however many and long they are', async () => {
  await using router = await ConsoleRouter.start();
  const labels = ['OK', 'x'.repeat(200), 'Send to work-server', 'Send to home-pc', 'Send to the-old-laptop', '取消'];
  const actions = labels.map((label, index) => ({ id: `action-${index}`, label, style: 'default' as const }));
  await router.channel.send({ ...question, actions });
  await using phone = await openPhone(browser, router, 360);
  const { page } = phone;
  const buttons = page.getByRole('group', { name: 'Choices' }).getByRole('button');
  expect(await buttons.count()).toBe(labels.length);
  for (const button of await buttons.all()) {
    const box = await button.boundingBox();
    if (box === null) throw new Error('a button is not shown');
    expect(box.height).toBeGreaterThanOrEqual(44);
    expect(box.width).toBeGreaterThanOrEqual(44);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
  }
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
});

test('labels are text, whatever stands in them', async () => {
  await using router = await ConsoleRouter.start();
  const label = '<img src=x onerror=alert(1)> **bold**';
  await router.channel.send({ ...question, actions: [{ id: 'a', label, style: 'default' }] });
  await using phone = await openPhone(browser, router);
  await phone.page.getByRole('button', { name: label }).waitFor();
  expect(phone.faults).toEqual([]);
});

test.each(['light', 'dark'] as const)(
  'in the %s colours buttons and what is said of a press have a contrast of 4.5 at least',
  async (colorScheme) => {
    await using router = await ConsoleRouter.start();
    await router.channel.send(question);
    await using phone = await openPhone(browser, router);
    const { page } = phone;
    await page.emulateMedia({ colorScheme });
    for (const kind of ['success', 'warning', 'error'] as const) {
      router.act = async () => ({ kind, toast: `It was a ${kind}.` });
      await page.getByRole('button', { name: 'Deny' }).tap();
      await page.getByRole('status').getByText(`It was a ${kind}.`).waitFor();
      expect(await lowContrast(page)).toEqual([]);
    }
    router.act = () => new Promise(() => {});
    await page.getByRole('button', { name: 'Allow once' }).tap();
    expect(await lowContrast(page)).toEqual([]);
    await router.stop();
    await page.getByText('Not connected. The buttons').waitFor();
    expect(await lowContrast(page)).toEqual([]);
  },
);

/** The labels of the buttons under messages that can be pressed. */
async function enabled(page: Page): Promise<string[]> {
  return await page.locator('.actions button:not([aria-disabled="true"])').allTextContents();
}
