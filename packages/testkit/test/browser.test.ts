import { expect, test } from 'vitest';
import { startBrowser } from '../src/browser.ts';

test('a browser shows a page and runs its script, and is gone after it was closed', { timeout: 60_000 }, async () => {
  const browser = await startBrowser();
  const page = await browser.newPage();
  await page.setContent('<h1></h1><script>document.querySelector("h1").textContent = "it runs"</script>');
  expect(await page.locator('h1').textContent()).toBe('it runs');
  await browser.close();
  expect(browser.isConnected()).toBe(false);
});

test('an executable that is no browser is refused with a sentence that says what to set', async () => {
  await expect(startBrowser({ executablePath: '/nowhere/chrome' })).rejects.toThrow(
    /\/nowhere\/chrome.*PHONEWORK_CHROME/,
  );
});
