import { expect, test } from 'vitest';
import { ConsoleRouter } from './console-router.ts';

test.each(['auto', 'en', 'zh'] as const)('a page is told that LANGUAGE is %s', async (languageSetting) => {
  await using router = await ConsoleRouter.start({ languageSetting });
  using page = await router.openPage();
  expect(page.frames[0]).toMatchObject({ language: languageSetting });
});

test('what the router says by itself is in the language of the user', async () => {
  await using router = await ConsoleRouter.start();
  router.language = 'zh';
  router.handle = () => Promise.reject(new Error('full'));
  using page = await router.openPage();
  page.say('message-1', '你好');
  expect((await page.next('refused')).reason).toBe('PhoneWork 没能收下这条消息。请稍后再试。');
  page.press('question-1', 'allow');
  expect((await page.next('pressed')).outcome.toast).toBe('这个按钮已经不在了：请再看一下那条消息。');
  router.language = 'en';
  page.press('question-1', 'allow');
  expect((await page.next('pressed')).outcome.toast).toContain('no longer there');
});

test.each([
  ['zh-CN,zh;q=0.9,en;q=0.8', 'auto', '打开控制台需要密钥'],
  ['en-GB,zh;q=0.9', 'auto', 'This console needs its key'],
  ['zh-CN', 'en', 'This console needs its key'],
  ['en', 'zh', '打开控制台需要密钥'],
] as const)('a browser that asks for %s is refused in its language where LANGUAGE is %s: %s', async (...row) => {
  const [asked, languageSetting, sentence] = row;
  await using router = await ConsoleRouter.start({ languageSetting });
  const headers = { 'accept-language': asked };
  const page = await (await fetch(`${router.origin}/`, { headers })).text();
  expect(page).toContain(`<h1>${sentence}</h1>`);
  expect(page).toContain(`<html lang="${sentence.startsWith('This') ? 'en' : 'zh'}">`);
});

test('a file that is not taken is refused in the language of the browser', async () => {
  await using router = await ConsoleRouter.start();
  const response = await fetch(`${router.origin}/console/files`, {
    method: 'POST',
    headers: { cookie: router.cookie, origin: 'http://evil.example', 'accept-language': 'zh-CN' },
    body: 'x',
  });
  expect(await response.json()).toEqual({ reason: '请用控制台自己的地址打开它。' });
});

test.each([
  ['zh', '/?lang=zh'],
  ['en', '/?lang=en'],
  ['//evil.example', '/'],
])('a language %s in the printed address leads to %s', async (lang, location) => {
  await using router = await ConsoleRouter.start();
  const url = `${router.channel.url(router.origin)}&lang=${encodeURIComponent(lang)}`;
  const response = await fetch(url, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([303, location]);
});
