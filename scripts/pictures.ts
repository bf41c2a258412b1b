import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '../packages/testkit/src/browser.ts';
import { startBrowser } from '../packages/testkit/src/browser.ts';
import { installClaudeStandIn } from '../packages/testkit/src/claude/install-stand-in.ts';
import type { FeishuMessage } from '../packages/testkit/src/feishu-server.ts';
import type { House, Program } from '../packages/testkit/src/house.ts';
import { startHouse } from '../packages/testkit/src/house.ts';
import { waitFor } from '../packages/testkit/src/wait.ts';
import { story } from './story.ts';
import { TodoApp } from './todo-app.ts';

/**
 * Draws the pictures of docs/pictures: the real standalone program, with a Feishu, a model and a Claude Code of the
 * testkit's, is talked to in both of its chats. Fonts are those that the machine has.
 */

const folder = fileURLToPath(new URL('../docs/pictures', import.meta.url));
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** A turn that is shown has run for some seconds: long enough for its time to be one that a person sees. */
const elapsed = /· ([4-9]|\d\d)s/;

type Scene = { readonly browser: Browser; readonly house: House; readonly program: Program; readonly app: TodoApp };

mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
const house = await startHouse({ standalone: true, keyring: { NODE_ID: 'home-pc', DISPLAY_NAME: 'home-pc' } });
try {
  const app = new TodoApp(join(house.workingDir, 'todo_app'));
  const program = await house.startStandalone({ CLAUDE_COMMAND: installClaudeStandIn(join(house.folder, 'claude')) });
  await house.connected();
  const scene = { browser, house, program, app };
  await drawFeishu(scene);
  await drawConsole(scene);
} finally {
  await house[Symbol.asyncDispose]();
  await browser.close();
}

async function drawFeishu(scene: Scene): Promise<void> {
  const { app, house } = scene;
  const { feishu, model } = house;
  const openId = 'ou_alice';
  const chatId = feishu.chatOf(openId);
  const hears = async (what: RegExp): Promise<FeishuMessage> =>
    await waitFor(() => feishu.messagesIn(chatId).findLast(({ text, sender }) => sender === 'bot' && what.test(text)), {
      timeoutMs: 60_000,
      what: `${what} in the chat`,
    });
  const photograph = async (name: string) =>
    await photographFeishu(scene, { name, html: feishu.phonePage(chatId, { userOpenId: openId }) });

  model.enqueue({ toolCalls: [story.runTests] }, story.result);
  feishu.say({ openId, text: story.request });
  await feishu.press(openId, await hears(/npm test\n/), 'always');
  await hears(/29 tests pass/);

  app.hold();
  model.enqueue({ text: story.plan, toolCalls: [story.runTests] }, story.answer);
  feishu.say({ openId, text: story.question });
  await hears(elapsed);
  await photograph('feishu-live');
  app.release();
  await hears(/Shall I change it/);
  await waitFor(() => feishu.messagesIn(chatId).every(({ reactions }) => reactions.size === 0));
  await photograph('feishu-answer');

  model.enqueue({ toolCalls: [story.commit] }, { toolCalls: [story.push] }, story.done);
  feishu.say({ openId, text: story.assent });
  await feishu.press(openId, await hears(/git commit.*\n/), 'allow_once');
  const push = await hears(/git push\n/);
  await hears(/git push.* · [1-9]s/);
  await photograph('feishu-approval');
  await feishu.press(openId, push, 'deny');
  await hears(/nothing was pushed/);
}

async function drawConsole({ browser, house, program, app }: Scene): Promise<void> {
  const { model } = house;
  const url = await program.waitFor('the URL of the console', ({ stdout }) => /Console +(http\S+)/.exec(stdout)?.[1]);
  const page = await browser.newPage(phone);
  await page.goto(url);
  const says = async (text: string) => {
    await page.getByLabel('Message to PhoneWork').fill(text);
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
  };

  model.enqueue({ toolCalls: [story.runTests] }, story.result);
  await says(story.request);
  await page.getByRole('button', { name: 'Always allow' }).tap();
  await page.getByText(story.result).waitFor();
  // Without the word that the press was taken.
  await page.reload();

  app.hold();
  model.enqueue({ text: story.plan, toolCalls: [story.runTests] }, { toolCalls: [story.sendReport] }, story.answer);
  await says(story.question);
  await page.getByText(elapsed).waitFor();
  await save(page, { name: 'console-live', home: house.folder });
  app.release();
  await page.getByText('Shall I change it').waitFor();
  await save(page, { name: 'console-answer', home: house.folder });
  await page.close();
}

type FeishuPicture = { readonly name: string; readonly html: string };

/** As on a phone whose owner has read it all. */
async function photographFeishu({ browser, house }: Scene, { name, html }: FeishuPicture): Promise<void> {
  const page = await browser.newPage(phone);
  await page.setContent(html);
  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await save(page, { name, home: house.folder });
  await page.close();
}

/** The house lives in a temporary folder, its user's home: shown is where a person's would be. */
async function save(page: Page, { name, home }: { readonly name: string; readonly home: string }): Promise<void> {
  await page.evaluate(`{
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(${JSON.stringify(home)}, '/home/alice');
  }`);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
