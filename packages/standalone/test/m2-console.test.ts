import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { installClaudeStandIn } from '@phonework/testkit/claude-stand-in';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { MetasoServer } from '@phonework/testkit/metaso-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openConsole, sayInConsole } from './claude/console-page.ts';
import { ScriptedMailboy } from './m2/scripted-mailboy.ts';
import { StandInRm } from './m2/stand-in-rm.ts';

let browser: Browser;
let metaso: MetasoServer;
let house: House;
let mailboy: ScriptedMailboy;
let page: Page;
let rm: StandInRm;

beforeAll(async () => {
  browser = await startBrowser();
  metaso = await MetasoServer.start();
  house = await startHouse({
    standalone: true,
    keyring: { METASO_MCP_URL: metaso.url, METASO_API_KEY: metaso.apiKey },
  });
  const claude = installClaudeStandIn(join(house.folder, 'claude'));
  rm = new StandInRm(join(house.folder, 'bin'));
  const program = await house.startStandalone({ CLAUDE_COMMAND: claude, ...rm.environment });
  mailboy = new ScriptedMailboy(house);
  page = await openConsole(browser, program);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await house[Symbol.asyncDispose]();
  await metaso.close();
});

test('a question is answered directly', async () => {
  mailboy.says('A generator is a function that yields.');
  await asks('what is a Python generator?', 'A generator is a function that yields.');
  expect(mailboy.requests).toBe(1);
});

test('a command that only reads runs, "rm -rf /" is blocked, and others are asked about', async () => {
  writeFileSync(join(house.workingDir, 'login.ts'), 'export {};');
  mailboy.calls('run_shell', { command: 'ls' });
  await asks('list the files here', 'told: {"stdout":"login.ts');
  mailboy.calls('run_shell', { command: 'rm -rf /' });
  await asks('rm -rf /', 'told: Blocked: this command');
  expect(rm.calls).toEqual([]);
  mailboy.calls('run_shell', { command: 'touch made' });
  await asks('make a file', 'asks to run a command');
  expect(existsSync(join(house.workingDir, 'made'))).toBe(false);
  await page.getByRole('button', { name: 'Allow once' }).click();
  await page.getByText('told: {"stdout":"","stderr":"","exit_code":0}').waitFor();
  expect(existsSync(join(house.workingDir, 'made'))).toBe(true);
});

test('a file arrives as a link, and is saved byte for byte', async () => {
  const path = join(house.workingDir, 'sessions.json');
  writeFileSync(path, randomBytes(100_000));
  mailboy.calls('file_ops', { action: 'send', path: 'sessions.json' });
  await asks('send me the sessions.json file', 'is sent into the chat');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'sessions.json' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('sessions.json');
  expect(readFileSync(await saved.path()).equals(readFileSync(path))).toBe(true);
});

test('a long turn is answered at once, shown running with a button, and reported when it is finished', async () => {
  await asks('/new blog --timeout 120: long 4000', /⏳ Task #[0-9a-z]{6} started/);
  await asks('/tasks', /⏳ #[0-9a-z]{6} running for \d+s: blog: long 4000/);
  await page.getByRole('button', { name: /^Cancel #/ }).waitFor();
  await page.getByText(/✅ Task #[0-9a-z]{6} done \(\d+s\)/).waitFor();
  await asks('/tasks', /✅ #[0-9a-z]{6} done \(\d+s\): blog: long 4000/);
});

test('a reminder comes when its time has come', async () => {
  await asks('/remind 1s deploy check', 'Set for');
  await page.getByText('⏰ deploy check', { exact: true }).waitFor();
});

test('a web question gets the answer of Metaso, and a URL is fetched as Markdown', async () => {
  metaso.enqueue('Node 24 is the newest LTS.', '# Releases\n\nNode **24** is LTS.');
  mailboy.calls('web', { action: 'ask', query: 'which Node is the newest LTS?' });
  await asks('which Node is the newest LTS?', 'Node 24 is the newest LTS.');
  mailboy.calls('web', { action: 'fetch', url: 'https://nodejs.org/releases' });
  await asks('read https://nodejs.org/releases', 'Node 24 is LTS.');
  expect(metaso.calls.map(({ name }) => name)).toEqual(['metaso_chat', 'metaso_web_reader']);
});

/** Says it on the page, and waits until an answer holds `answer`. */
async function asks(text: string, answer: string | RegExp): Promise<void> {
  await sayInConsole(page, text);
  await page.getByRole('article').filter({ hasText: answer }).last().waitFor();
}
