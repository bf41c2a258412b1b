import type { Browser, Page } from '@phonework/testkit/browser';
import type { Program } from '@phonework/testkit/house';

/** Opens the console of a program, as its user does on the same machine. */
export async function openConsole(browser: Browser, program: Program): Promise<Page> {
  const url = await program.waitFor('the URL of the console', ({ stdout }) => /Console +(http\S+)/.exec(stdout)?.[1]);
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(url);
  return page;
}

export async function sayInConsole(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message to PhoneWork').fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}
