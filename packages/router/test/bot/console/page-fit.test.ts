import { Readable } from 'node:stream';
import type { Browser, Page } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

/** Everything that a thumb may tap, and is too small for it or reaches beyond the page. */
async function misfits(page: Page): Promise<unknown> {
  return await page.evaluate(`[...document.querySelectorAll('button, a.file, textarea')]
    .filter((one) => one.checkVisibility())
    .map((one) => ({ what: one.outerHTML.slice(0, 80), ...one.getBoundingClientRect().toJSON() }))
    .filter(({ width, height, left, right }) => width < 43.9 || height < 43.9 || left < 0 || right > innerWidth)`);
}

/** A file of the bot's in the chat, and what it is called there. */
async function show(router: ConsoleRouter, name: string, bytes: Buffer): Promise<void> {
  const origin = { kind: 'node', nodeId: 'home-pc' } as const;
  const {
    id: fileId,
    path,
    imageType,
  } = await router.files.receive(Readable.from([bytes]), { origin, size: bytes.length });
  const image = imageType === undefined ? {} : { imageType };
  await router.channel.sendFile({ id: `file-${name}`, chatId, name, size: bytes.length, fileId, path, ...image });
}

test.each(['light', 'dark'] as const)(
  'on a phone, in the %s colours, all fits, all can be read, and everything to tap has the size of a thumb',
  async (colorScheme) => {
    await using router = await ConsoleRouter.start();
    await using phone = await openPhone(browser, router);
    const { page } = phone;
    await page.emulateMedia({ colorScheme });
    expect(await misfits(page)).toEqual([]);
    const line = 'const answer = await ask(question, { patience: "endless", language: "any", tone: "calm" });';
    const labels = ['Allow once', 'Always allow', 'Deny'];
    const actions = labels.map((label) => ({ id: label, label, style: 'default' as const }));
    const text = `\`\`\`ts\n${line}\n\`\`\`\n\n| test | file | reason |\n|-|-|-|\n| ${'a b '.repeat(30)} | c | ${'d '.repeat(60)} |`;
    await router.channel.send({ id: 'a', chatId, text, actions });
    await show(router, `${'report-'.repeat(20)}.pdf`, Buffer.alloc(10_000));
    // As tall as two screens.
    const tall = await browser.newPage({ viewport: { width: 300, height: 1700 } });
    await show(router, 'tall.png', await tall.screenshot());
    await tall.close();
    router.channel.showTurn({ id: 't', chatId, replyTo: 'x', startedAt: 0, text: line, step: line, language: 'en' });
    router.handle = () => Promise.reject(new Error('full'));
    await page.locator('#files').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await page.locator('.chip[data-state=there]').waitFor();
    await page.getByLabel('Message to PhoneWork').fill('look at this');
    expect(await misfits(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await page.locator('.retry').waitFor();
    const image = page.getByAltText('tall.png');
    await image.scrollIntoViewIfNeeded();
    await image.evaluate((one) => 'decode' in one && typeof one.decode === 'function' && one.decode());
    expect((await image.boundingBox())?.height).toBeLessThanOrEqual(844 / 2);
    expect(await misfits(page)).toEqual([]);
    expect(await lowContrast(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await page.locator('#scroller').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    for (const wide of await page.locator('pre, .table').all()) {
      expect(await wide.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
    }
    const rows = await page
      .locator('.actions button')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    expect(new Set(rows).size).toBe(1);
    expect(phone.faults).toEqual([]);
  },
);
