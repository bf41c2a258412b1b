import type { Browser } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeState } from '../../../src/bot/console/frames.ts';
import { ConsoleRouter } from './console-router.ts';
import { lowContrast, openPhone } from './phone.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

const homePc: NodeState = {
  nodeId: 'home-pc',
  displayName: 'Home PC',
  online: true,
  sessions: [
    { name: 'todo_app', state: 'working' },
    { name: 'blog', state: 'asking' },
    { name: 'notes', state: 'of-tomorrow' },
  ],
  moreSessions: 4,
};
const workServer: NodeState = {
  nodeId: 'work-server',
  displayName: 'work-server',
  online: false,
  sessions: [],
  moreSessions: 0,
};

test('the machines and their sessions are a tap away, and keep up while they are shown', async () => {
  await using router = await ConsoleRouter.start();
  router.nodes = [workServer, homePc];
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const list = page.getByRole('list', { name: 'Your machines' });
  const button = page.getByRole('button', { name: 'PhoneWork Home PC online work-server offline' });
  expect(await list.isVisible()).toBe(false);
  expect(await button.getAttribute('aria-expanded')).toBe('false');
  await button.tap();
  expect(await button.getAttribute('aria-expanded')).toBe('true');
  expect(await list.getByRole('button').allTextContents()).toEqual([
    'Home PChome-pc · online',
    'todo_appworking',
    'blogwaiting for you',
    'notesof-tomorrow',
    'work-serveroffline',
  ]);
  await list.getByText('4 more: /sessions').waitFor();
  router.nodes = [{ ...homePc, sessions: [{ name: 'todo_app', state: 'idle' }], moreSessions: 0 }];
  router.channel.nodesChanged();
  await list.getByRole('button', { name: 'todo_app idle' }).waitFor();
  expect(await list.getByRole('button').count()).toBe(2);
  await page.getByRole('button', { name: 'PhoneWork Home PC online', exact: true }).tap();
  expect(await list.isVisible()).toBe(false);
  expect(phone.faults).toEqual([]);
});

test('a tap on a machine, or on a session, says what the user would have typed, and closes the list', async () => {
  await using router = await ConsoleRouter.start();
  router.nodes = [homePc, workServer];
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const list = page.getByRole('list', { name: 'Your machines' });
  const choose = async (name: RegExp) => {
    await page.getByRole('button', { name: /^PhoneWork/ }).tap();
    await list.getByRole('button', { name }).tap();
    expect(await list.isVisible()).toBe(false);
  };
  await choose(/^work-server/);
  await choose(/^todo_app/);
  await waitFor(() => router.handled.length === 3);
  expect(router.handled.map(({ text }) => text)).toEqual([
    '/node work-server',
    '/node home-pc',
    '@home-pc /switch todo_app',
  ]);
  await page.getByRole('article').filter({ hasText: '@home-pc /switch todo_app' }).waitFor();
});

test('with one machine a tap on a session needs no name of it', async () => {
  await using router = await ConsoleRouter.start();
  router.nodes = [homePc];
  await using phone = await openPhone(browser, router);
  await phone.page.getByRole('button', { name: /^PhoneWork/ }).tap();
  await phone.page.getByRole('button', { name: 'blog waiting for you' }).tap();
  await waitFor(() => router.handled[0]?.text === '/switch blog');
});

test('without any machine there is nothing to open', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const button = phone.page.getByRole('button', { name: 'PhoneWork No machine connected' });
  expect(await button.isDisabled()).toBe(true);
});

test('with the keyboard the list is opened, walked through and closed, and a change does not lose the place', async () => {
  await using router = await ConsoleRouter.start();
  router.nodes = [homePc];
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const focused = page.locator(':focus');
  await page.getByRole('button', { name: /^PhoneWork/ }).focus();
  for (const key of ['Enter', 'Tab', 'Tab']) await page.keyboard.press(key);
  expect(await focused.textContent()).toContain('todo_app');
  router.nodes = [{ ...homePc, sessions: [{ name: 'todo_app', state: 'cut' }] }];
  router.channel.nodesChanged();
  await page.getByText('interrupted').waitFor();
  expect(await focused.textContent()).toContain('todo_app');
  await page.keyboard.press('Escape');
  expect(await page.getByRole('list', { name: 'Your machines' }).isVisible()).toBe(false);
  expect(await focused.textContent()).toContain('PhoneWork');
});

test.each(['light', 'dark'] as const)(
  'on the narrowest phone, in the %s colours, many machines can be read and tapped',
  async (colorScheme) => {
    await using router = await ConsoleRouter.start();
    const long = { ...homePc, nodeId: 'x'.repeat(64), displayName: `The ${'very '.repeat(20)}old laptop` };
    const sessions = [{ name: 'y'.repeat(40), state: 'asking' }];
    router.nodes = [
      long,
      { ...homePc, sessions },
      ...Array.from({ length: 30 }, (_, n) => ({ ...workServer, nodeId: `n-${n}` })),
    ];
    await using phone = await openPhone(browser, router, 360);
    const { page } = phone;
    await page.emulateMedia({ colorScheme });
    await page.getByRole('button', { name: /^PhoneWork/ }).tap();
    expect(await lowContrast(page)).toEqual([]);
    const rows = page.getByRole('list', { name: 'Your machines' }).getByRole('button');
    for (const row of await rows.all()) {
      const box = await row.boundingBox();
      expect([Number(box?.height) >= 44, Number(box?.x) + Number(box?.width) <= 360]).toEqual([true, true]);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.locator('#nodes').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    expect(await page.getByLabel('Message to PhoneWork').isVisible()).toBe(true);
    const scroller = await page.locator('#scroller').boundingBox();
    expect(scroller?.height).toBeGreaterThan(200);
  },
);
