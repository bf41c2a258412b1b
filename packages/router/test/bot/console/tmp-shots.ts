import { startBrowser } from '@phonework/testkit/browser';
import { ConsoleRouter } from './console-router.ts';
const router = await ConsoleRouter.start();
const browser = await startBrowser();
router.nodes = [{ nodeId: 'home-pc', displayName: 'Home PC', online: true }, { nodeId: 'work', displayName: 'work-server', online: false }];
const answer = (id: string, text: string, replyTo?: string) => router.channel.send({ id, chatId: 'console', text, ...(replyTo ? { replyTo } : {}) });
for (const scheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: scheme, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  page.on('console', (m) => process.stdout.write(`[${m.type()}] ${m.text()}\n`));
  page.on('pageerror', (e) => process.stdout.write(`[error] ${e}\n`));
  await page.goto(router.channel.url(router.origin));
  if (scheme === 'light') {
    await page.waitForSelector('#greeting:not([hidden])');
    await page.waitForTimeout(300);
    await page.screenshot({ path: '/tmp/console-greeting.png' });
    router.handle = async () => {};
    await page.locator('#text').fill('fix the login bug in todo_app, and tell me what it was');
    await page.screenshot({ path: '/tmp/console-typing.png' });
    await page.locator('#send').click();
    await page.waitForSelector('text=sent');
    await page.waitForTimeout(200);
    await page.screenshot({ path: '/tmp/console-waiting.png' });
    const id = router.handled[0]?.id ?? '';
    router.channel.showProgress({ chatId: 'console', replyTo: id, text: 'Looking at `src/auth.ts` first. The session cookie is set **before** the password is' });
    await page.waitForSelector('.live');
    await page.waitForTimeout(100);
    await page.screenshot({ path: '/tmp/console-live.png' });
    await answer('a1', `Found it and fixed it. The token was compared with \`==\`, so an **empty** token passed.

\`\`\`ts
export function verify(token: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(token), Buffer.from(expected)); // was: token == expected
}
\`\`\`

1. \`src/auth.ts\`: compare in constant time
2. \`test/auth.test.ts\`: a test that failed before

| file | lines | tests | who touched it last |
|---|--:|---|---|
| src/auth.ts | +4 −2 | 12 passed | claude, just now |
| test/auth.test.ts | +18 | new | claude, just now |

- [x] tests pass
- [ ] not pushed yet

> 2 files changed, 20 insertions(+), 2 deletions(−)

See [the commit](https://example.com/c/123) and ![diagram](https://evil.example/x.png).`, id);
    await page.locator('#text').fill('https://example.com/a/very/long/address/without/any/space/in/it/that/has/to/be/wrapped/somewhere/0123456789012345678901234567890123456789');
    await page.locator('#send').click();
    await page.waitForTimeout(100);
    await answer('a2', '⏳ Task #k3x9a1 started. I\'ll notify you when it\'s done.', router.handled[1]?.id);
    router.handle = () => Promise.reject(new Error('x'));
    await page.locator('#text').fill('and push it');
    await page.locator('#send').click();
    await page.waitForSelector('.retry');
  }
  await page.waitForTimeout(300);
  await page.screenshot({ path: `/tmp/console-end-${scheme}.png` });
  await page.locator('#scroller').evaluate('(e) => { e.scrollTop = 0 }');
  await page.waitForTimeout(100);
  if (scheme === 'dark') await answer('a3', '✅ Task #k3x9a1 done (42s)\n\nAll 124 tests passed.');
  await page.waitForTimeout(200);
  await page.screenshot({ path: `/tmp/console-top-${scheme}.png` });
  await context.close();
}
const desk = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
await desk.goto(router.channel.url(router.origin));
await desk.waitForTimeout(500);
await desk.screenshot({ path: '/tmp/console-desk.png' });
router.nodes = [];
router.channel.nodesChanged();
await router.stop();
await desk.waitForTimeout(500);
await desk.screenshot({ path: '/tmp/console-cut.png' });
await browser.close();
