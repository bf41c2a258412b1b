import type { Browser } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONSOLE_CHAT_ID } from '../../../src/bot/console/channel.ts';
import type { ConsoleRouterOptions } from './console-router.ts';
import { ConsoleRouter } from './console-router.ts';

const chatId = CONSOLE_CHAT_ID;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

/** A browser of somebody who reads `locale`, with the page open. */
async function openPage(locale: string, { lang = '', ...options }: ConsoleRouterOptions & { lang?: string } = {}) {
  const router = await ConsoleRouter.start(options);
  const context = await browser.newContext({ locale, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  const url = router.channel.url(router.origin);
  await page.goto(lang === '' ? url : `${url}&lang=${lang}`);
  await page.locator('#connection[data-state=open]').waitFor();
  return {
    router,
    page,
    faults,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await router[Symbol.asyncDispose]();
    },
  };
}

test.each([
  ['zh-CN', 'auto', '', '今天做点什么？'],
  ['en-GB', 'auto', '', 'What shall we work on?'],
  ['en-GB', 'zh', '', '今天做点什么？'],
  ['zh-CN', 'en', '', 'What shall we work on?'],
  ['en-GB', 'en', 'zh', '今天做点什么？'],
  ['fr', 'auto', '', 'What shall we work on?'],
] as const)(
  'to a reader of %s, LANGUAGE %s and ?lang=%s, the page says: %s',
  async (locale, languageSetting, lang, text) => {
    await using opened = await openPage(locale, { languageSetting, lang });
    const { page, faults } = opened;
    await page.getByRole('heading', { name: text }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(text.startsWith('What') ? 'en' : 'zh-CN');
    expect(faults).toEqual([]);
  },
);

test('in Chinese nothing on the page is left in English', async () => {
  await using opened = await openPage('zh-CN');
  const { router, page, faults } = opened;
  router.nodes = [
    { nodeId: 'n-1', displayName: '1', online: true, sessions: [{ name: '2', state: 'asking' }], moreSessions: 3 },
  ];
  router.channel.nodesChanged();
  await page.locator('#machines').click();
  const english = async () =>
    await page.evaluate<string[]>(`[document.body, ...document.body.querySelectorAll('*')].flatMap((element) => [
      element.getAttribute('aria-label'), element.getAttribute('placeholder'), element.getAttribute('alt'),
      ...[...element.childNodes].filter((node) => node.nodeType === 3 && element.tagName !== 'NOSCRIPT').map((node) => node.data),
    ]).filter((text) => text !== null && /[a-z]{2,}/.test(text.replaceAll(/PhoneWork|\\/\\w+|Shift\\+Enter/g, '')))`);
  expect(await english()).toEqual([]);

  router.handle = () => Promise.reject(new Error('full'));
  router.language = 'zh';
  await page.getByLabel('发给 PhoneWork 的消息').fill('你好');
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await page.getByRole('button', { name: '未发送，点按重试' }).waitFor();
  router.handle = async () => {};
  await page.getByRole('button', { name: '未发送，点按重试' }).click();
  await page.getByText('已发送').waitFor();
  const [message] = router.handled;
  const actions = [{ id: 'allow', label: '允许', style: 'primary' as const }];
  await router.channel.send({ id: 'q', chatId, text: '可以吗？\n\n```\n1\n```\n\n|1|\n|-|\n|2|', actions });
  const view = { chatId, replyTo: message?.id ?? '', startedAt: Date.now(), text: '', language: 'zh' } as const;
  router.channel.showTurn({ ...view, id: 'turn-1' });
  await page.getByText('⏳ 处理中 · ').waitFor();
  await page.locator('#files').setInputFiles({ name: '1', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await page.getByText('1 (1 字节)').waitFor();
  expect(await english()).toEqual([]);
  expect(faults).toEqual([]);
});

test('every text of the page is there in both languages, with what it is about', async () => {
  const { en, zh } = await importTexts();
  const flat = (texts: object): [string, unknown][] =>
    Object.entries(texts).flatMap(([name, text]) => (typeof text === 'object' ? flat(text) : [[name, text]]));
  const said = (text: unknown) => (typeof text === 'function' ? String(text('42', '43')) : String(text));
  const english = new Map(flat(en));
  for (const [name, text] of flat(zh)) {
    const [chinese, inEnglish] = [said(text), said(english.get(name))];
    expect([name, chinese, /\p{Script=Han}/u.test(chinese)]).toEqual([name, chinese, true]);
    expect([name, inEnglish, /\p{Script=Han}/u.test(inEnglish)]).toEqual([name, inEnglish, false]);
    expect([name, chinese.match(/\d+|\/\w+/g)]).toEqual([name, inEnglish.match(/\d+|\/\w+/g)]);
  }
});

/** By its address: it is a script for browsers, whose types are checked with the page's. */
async function importTexts(): Promise<{ readonly en: object; readonly zh: object }> {
  const url = new URL('../../../src/bot/console/page/texts.js', import.meta.url);
  const module: { readonly pageTexts: { readonly en: object; readonly zh: object } } = await import(url.href);
  return module.pageTexts;
}
