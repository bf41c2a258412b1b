import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import type { Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { afterAll, beforeAll, expect, test } from 'vitest';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
});

test('in the console a question is answered, ls really runs, and kill -9 loses nothing of it', async () => {
  await using house = await startHouse({ standalone: true });
  writeFileSync(join(house.workingDir, 'hello-from-disk.txt'), 'hi');
  const first = await house.startStandalone();
  const page = await openConsole(first);

  house.model.enqueue('A **generator** is a function that yields.');
  await say(page, 'what is a Python generator?');
  await page.getByText('A generator is a function that yields.').waitFor();

  house.model.enqueue({ toolCalls: [{ name: 'run_shell', arguments: { command: 'ls' } }] }, 'One file is here.');
  await say(page, 'list the files here');
  await page.getByText('One file is here.').waitFor();
  const toolResult = house.model.requests.at(-1)?.body.messages.at(-1);
  expect(toolResult?.content).toContain('hello-from-disk.txt');

  await first.kill();
  const second = await house.startStandalone();
  await page.reload();
  await page.getByText('A generator is a function that yields.').waitFor();
  await page.getByText('One file is here.').waitFor();
  expect(await page.getByRole('article').count()).toBe(4);

  house.model.enqueue('You asked about generators.');
  await say(page, 'what did I ask first?');
  await page.getByText('You asked about generators.').waitFor();
  const remembered = house.model.requests.at(-1)?.body.messages.map(({ content }) => content);
  expect(remembered).toContain('what is a Python generator?');
  expect(await second.stop()).toBe(0);
});

test('with no configuration at all it starts, says what is off, and works with commands', async () => {
  await using house = await startHouse({ standalone: true });
  house.configure('keyring.yaml', {});
  const program = house.launch('phonework', { ROUTER_PORT: '0' });
  await program.waitFor('the start-up text', ({ stdout }) => stdout.includes('Shell '));
  expect(program.stdout).toContain('FEISHU_APP_ID');
  expect(program.stdout).toContain('OPENAI_API_KEY');
  const page = await openConsole(program);
  await say(page, 'hello');
  await page.getByText('set OPENAI_API_KEY').waitFor();
  await say(page, '/shell echo it-works | tr a-z A-Z');
  await page.getByText('IT-WORKS').waitFor();
  await say(page, '/help');
  await page.getByText('/status').last().waitFor();
});

async function openConsole(program: Program): Promise<Page> {
  const url = await program.waitFor('the URL of the console', ({ stdout }) => /Console +(http\S+)/.exec(stdout)?.[1]);
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(url);
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message to PhoneWork').fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}
