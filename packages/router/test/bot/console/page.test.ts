import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONSOLE_CHAT_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter } from './console-router.ts';
import { lowContrast, openPhone } from './phone.ts';

const chatId = CONSOLE_CHAT_ID;
const view = { id: 'turn-1', chatId, startedAt: 0, language: 'en' } as const;
const homePc = { nodeId: 'home-pc', displayName: 'Home PC', online: true, sessions: [], moreSessions: 0 };

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

test('a conversation on a phone: said, stored, answered while it grows, and there again after a reload', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  await page.getByRole('heading', { name: 'What shall we work on?' }).waitFor();

  await say(page, 'what is in this folder?');
  const own = page.getByRole('article', { name: 'You' });
  await own.getByText('sent', { exact: true }).waitFor();
  const [message] = router.handled;
  if (message === undefined) throw new Error('told as sent, and not handed on');
  expect(message.text).toBe('what is in this folder?');
  expect(await page.getByRole('heading', { name: 'What shall we work on?' }).isVisible()).toBe(false);
  await page.getByText('PhoneWork is working on it').waitFor({ state: 'attached' });
  await waitFor(async () => await page.locator('#typing').isVisible());

  router.channel.showTurn({ ...view, replyTo: message.id, text: 'I see **two' });
  await page.getByText('I see **two').waitFor();
  router.channel.showTurn({ ...view, replyTo: message.id, text: 'I see **two** files' });
  await page.getByText('I see two files').waitFor();
  expect(await page.locator('#typing').isVisible()).toBe(false);

  const turn = { id: view.id, tookMs: 400, isInPlace: true };
  await router.channel.send({ id: 'answer-1', chatId, replyTo: message.id, text: 'There are **three** files.', turn });
  await page.getByText('There are three files.').waitFor();
  expect(await page.locator('#messages strong').allTextContents()).toEqual(['three']);
  expect(await page.getByRole('article', { name: 'PhoneWork' }).count()).toBe(1);

  await page.reload();
  await page.getByText('There are three files.').waitFor();
  expect(await page.getByRole('article').count()).toBe(2);
  expect(phone.faults).toEqual([]);
});

test('an answer full of traps runs nothing and asks no other host for anything', async () => {
  await using canary = await startCanary();
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const trap = `${canary.origin}/x.png`;
  await router.channel.send({
    id: 'answer-1',
    chatId,
    text: [
      `<script>window.caught = 1; alert(1)</script>`,
      `<script src="${trap}"></script>`,
      `<img src="${trap}" onerror="window.caught = 1; alert(1)">`,
      `<svg onload="window.caught = 1"><image href="${trap}"/></svg>`,
      `<iframe src="${trap}"></iframe><link rel="stylesheet" href="${trap}"><style>@import "${trap}"</style>`,
      `<form action="${trap}"><button>press</button></form>`,
      `![pixel](${trap})`,
      `![pixel"onerror="window.caught=1](${trap}"onerror="window.caught=1)`,
      '[press](javascript:window.caught=1)',
      '[press](&#106;avascript:window.caught=1)',
      '[press](data:text/html,<script>window.caught=1</script>)',
      '```"><img src=x onerror=window.caught=1>\ncode\n```',
      'generic `Vec<String>` and Vec<String>',
      '[good](https://example.com/page)',
      'the end',
    ].join('\n\n'),
  });
  await page.getByText('the end').waitFor();
  const answer = page.getByRole('article', { name: 'PhoneWork' });
  expect(await answer.locator('script, img, svg, iframe, link, style, form, input').count()).toBe(0);
  for (const press of await answer.getByText('press', { exact: true }).all()) await press.click();
  const links = await answer.locator('a[href]').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(links).toEqual([trap, expect.stringContaining(trap), 'https://example.com/page']);
  expect(await answer.textContent()).toContain('generic Vec<String> and Vec<String>');
  expect(await page.evaluate('window.caught')).toBeUndefined();
  expect(canary.requests).toEqual([]);
  expect(new Set(phone.requestedHosts)).toEqual(new Set([new URL(router.origin).host]));
  expect(phone.faults).toEqual([]);

  const good = answer.getByRole('link', { name: 'good' });
  expect(await good.getAttribute('target')).toBe('_blank');
  expect(await good.getAttribute('rel')).toBe('noopener noreferrer');
});

test('after a restart of the router the page comes back by itself, and nothing that was said is lost', async () => {
  await using first = await ConsoleRouter.start();
  await using phone = await openPhone(browser, first);
  const { page } = phone;
  await first.channel.send({ id: 'answer-1', chatId, text: 'before' });
  await page.getByText('before').waitFor();
  await first.stop();
  await page.getByText('Reconnecting…').waitFor();
  await say(page, 'are you there?');
  await page.getByText('sending…').waitFor();

  const port = Number(new URL(first.origin).port);
  await using second = await ConsoleRouter.start({ dataDir: first.dataDir, port });
  await second.channel.send({ id: 'answer-2', chatId, text: 'meanwhile' });
  await page.getByText('Connected', { exact: true }).waitFor();
  await page.getByText('meanwhile').waitFor();
  await page.getByText('sent', { exact: true }).waitFor();
  expect(second.handled.map(({ text }) => text)).toEqual(['are you there?']);
  expect(await page.getByText('before').count()).toBe(1);
  expect(await page.getByText('are you there?').count()).toBe(1);
});

test('what the page could not send before it was reloaded is sent then, and shown once', async () => {
  await using first = await ConsoleRouter.start();
  await using phone = await openPhone(browser, first);
  const { page } = phone;
  const port = Number(new URL(first.origin).port);
  await first.stop();
  await say(page, 'hello');
  await page.getByText('sending…').waitFor();
  await using second = await ConsoleRouter.start({ dataDir: first.dataDir, port });
  await page.reload();
  await page.getByText('sent', { exact: true }).waitFor();
  expect(second.handled.map(({ text }) => text)).toEqual(['hello']);
  expect(await page.getByText('hello').count()).toBe(1);
});

test('a message that was not taken says so, and a tap sends it again', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  router.handle = () => Promise.reject(new Error('full'));
  await say(page, 'hello');
  const retry = page.getByRole('button', { name: 'not sent, tap to retry' });
  await retry.waitFor();
  router.handle = async () => {};
  await retry.click();
  await page.getByText('sent', { exact: true }).waitFor();
  expect(router.handled.map(({ text }) => text)).toEqual(['hello']);
});

test('the header says which machines are connected, as it changes', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const machines = phone.page.getByRole('heading', { level: 1 });
  await machines.getByText('No machine connected').waitFor();
  router.nodes = [homePc];
  router.channel.nodesChanged();
  await machines.getByText('Home PC online').waitFor();
  expect(await machines.getByText('No machine connected').count()).toBe(0);
});

test('a tap on an example sends it', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  await phone.page.getByRole('button', { name: '/help' }).click();
  await waitFor(() => router.handled[0]?.text === '/help');
});

test('on a desktop Enter sends and Shift+Enter breaks the line; Enter that ends a composed word does neither', async () => {
  await using router = await ConsoleRouter.start();
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  await page.goto(router.channel.url(router.origin));
  const text = page.getByLabel('Message to PhoneWork');
  await text.pressSequentially('one');
  await text.press('Shift+Enter');
  await text.pressSequentially('two');
  await text.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
  expect(await text.inputValue()).toBe('one\ntwo');
  await text.press('Enter');
  await waitFor(() => router.handled[0]?.text === 'one\ntwo');
  expect(await text.inputValue()).toBe('');
  await page.close();
});

/** Thirty answers, of which the last is in sight; `distance` is how far it is from the end, in CSS px. */
async function readTheEnd(router: ConsoleRouter, page: Page) {
  for (let n = 1; n <= 30; n += 1) await router.channel.send({ id: `answer-${n}`, chatId, text: `number ${n}.` });
  await page.getByText('number 30.').waitFor();
  const scroller = page.locator('#scroller');
  const distance = async () => await scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  await waitFor(async () => (await distance()) < 2);
  return { scroller, distance };
}

test('a reader who went back is left there, and is told of what is new', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const { scroller, distance } = await readTheEnd(router, page);
  await scroller.evaluate(
    (box) =>
      new Promise((resolve) => {
        box.addEventListener('scroll', resolve, { once: true });
        box.scrollTop = 100;
      }),
  );
  await router.channel.send({ id: 'answer-31', chatId, text: 'number 31.' });
  await page.getByText('number 31.').waitFor({ state: 'attached' });
  expect(await scroller.evaluate((box) => box.scrollTop)).toBe(100);
  await page.getByRole('button', { name: 'New messages' }).click();
  await waitFor(async () => (await distance()) < 2);
});

test('who reads the end stays there when something there grows, such as an image that has come', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  const { distance } = await readTheEnd(router, page);
  // As when it comes between a scrolling and the event that tells of it.
  await page.getByText('number 29.').evaluate((bubble) => {
    bubble.append('more '.repeat(1000));
    bubble.closest('#scroller')?.dispatchEvent(new Event('scroll'));
  });
  await waitFor(async () => (await distance()) < 2);
});

test('on the narrowest phone nothing runs out of the page: long words wrap, code and tables scroll in themselves', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router, 360);
  const { page } = phone;
  const long = 'x'.repeat(300);
  await router.channel.send({
    id: 'answer-1',
    chatId,
    text: `${long}\n\n\`${long}\`\n\n\`\`\`sh\n${long}\n\`\`\`\n\n| a | b |\n|---|---|\n| ${'word '.repeat(40)} | ${'word '.repeat(40)} |`,
  });
  await say(page, long);
  await page.getByText('sent', { exact: true }).waitFor();
  expect(await page.locator('#scroller').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await page.locator('pre').evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
  expect(await page.getByRole('region', { name: 'Table' }).evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(
    true,
  );
  await phone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${long}\n`);
});

test('everything that can be used has a name, new messages are spoken, and a phone does not zoom into the text field', async () => {
  await using router = await ConsoleRouter.start();
  await using phone = await openPhone(browser, router);
  const { page } = phone;
  await page.getByRole('heading', { name: 'PhoneWork', level: 1 }).waitFor();
  const nameless = await page
    .locator('button, textarea, [role="log"], main img')
    .evaluateAll((all) =>
      all
        .filter((one) => !one.getAttribute('aria-label') && !one.textContent?.trim() && one.getAttribute('alt') !== '')
        .map((one) => one.outerHTML),
    );
  expect(nameless).toEqual([]);
  expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  const size = await page
    .getByLabel('Message to PhoneWork')
    .evaluate((box) => box.computedStyleMap().get('font-size')?.toString());
  expect(Number.parseFloat(String(size))).toBeGreaterThanOrEqual(16);
});

test.each(['light', 'dark'] as const)(
  'in the %s colours every text has a contrast of 4.5 at least',
  async (colorScheme) => {
    await using router = await ConsoleRouter.start();
    router.nodes = [homePc];
    await using phone = await openPhone(browser, router);
    const { page } = phone;
    await page.emulateMedia({ colorScheme });
    expect(await lowContrast(page)).toEqual([]);
    await router.channel.send({
      id: 'answer-1',
      chatId,
      text: '> quote\n\n`code` [link](https://example.com)\n\n```\nx\n```',
    });
    await say(page, 'hello');
    await page.getByText('sent', { exact: true }).waitFor();
    expect(await lowContrast(page)).toEqual([]);
  },
);

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message to PhoneWork').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

/** Another host's server, which nobody should ask for anything. */
async function startCanary() {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port, and so has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
