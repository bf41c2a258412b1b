import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { MessagesApi } from '@phonework/testkit/messages-api';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClaudeHouse } from './claude/claude-house.ts';
import { openConsole, sayInConsole } from './claude/console-page.ts';
import { longLines, trickyPrompts } from './claude/prompts.ts';
import { startRealHouse } from './claude/real-house.ts';
import { promptsIn, scriptedClaude } from './claude/scripted-claude.ts';

let api: MessagesApi;
let house: ClaudeHouse;
let browser: Browser;

// One conversation after the other in the same house: to start it costs more than all turns of a test.
beforeAll(async () => {
  api = await MessagesApi.start({ brain: scriptedClaude });
  [house, browser] = await Promise.all([startRealHouse(api), startBrowser()]);
}, 600_000);

afterAll(async () => {
  await browser.close();
  await house[Symbol.asyncDispose]();
  await api.close();
});

test('in Feishu a file is written after Allow once, and that is reported', async () => {
  const alice = house.phone();
  const question = await alice.asks('/new demo: create hello.txt with hi', 'hello.txt');
  expect(existsSync(join(house.projectFolder('demo'), 'hello.txt'))).toBe(false);
  await alice.press(question, 'allow_once');
  await alice.hears('It worked: File created successfully');
  expect(readFileSync(join(house.projectFolder('demo'), 'hello.txt'), 'utf8')).toBe('hi');
  expect(question.text).toContain('✓ Allow once');
});

test('in the console a click on Allow once does the same', async () => {
  const page = await openConsole(browser, house.program);
  await sayInConsole(page, '/new from-console: create hello.txt with hi');
  await page.getByRole('button', { name: 'Allow once', exact: true }).click();
  await page.getByText('It worked: File created successfully').waitFor();
  expect(readFileSync(join(house.projectFolder('from-console'), 'hello.txt'), 'utf8')).toBe('hi');
  await page.close();
});

test('a command that is denied does not run, and Claude is told', async () => {
  const alice = house.phone();
  await alice.asks('/direct', 'straight to demo');
  await alice.pressesAfter('ask bash touch denied.txt', 'touch denied.txt', 'deny');
  await alice.hears('It failed: The user said no to this.');
  expect(existsSync(join(house.projectFolder('demo'), 'denied.txt'))).toBe(false);
});

test('what is allowed for the session is not asked again', async () => {
  const alice = house.phone();
  await alice.pressesAfter('ask bash touch again.txt', 'touch again.txt', 'allow_session');
  await alice.hears('It worked');
  await alice.asks('ask bash touch again.txt', 'It worked');
});

test("Claude's question is answered by a button", async () => {
  const alice = house.phone();
  await alice.pressesAfter('question', 'Which colour?', 'o2');
  expect((await alice.hears('It worked')).text).toContain('Blue');
});

test('in plan mode a plan is shown, and Go lets Claude begin', async () => {
  const alice = house.phone();
  await alice.asks('/mode plan', 'works in mode plan now');
  await alice.pressesAfter('plan', 'first this, then that', 'go');
  await alice.hears('It worked: User has approved');
  await alice.pressesAfter('create planned.txt with it', 'planned.txt', 'allow_once');
  await alice.hears('It worked: File created successfully');
});

test('every prompt arrives as it was written', async () => {
  const alice = house.phone();
  for (const prompt of [...trickyPrompts, longLines]) {
    alice.say(prompt);
    await waitFor(() => lastPrompt() === prompt, { what: `${JSON.stringify(prompt.slice(0, 100))} to arrive` });
    await alice.hears('You said');
  }
});

test('a prompt of 300,000 characters arrives whole', async () => {
  const prompt = 'A long story. '.repeat(21_429);
  const alice = house.phone();
  await alice.asks('/new story', 'story is open');
  alice.say(`${prompt}END`);
  await waitFor(() => lastPrompt() === `${prompt}END`, { timeoutMs: 30_000, what: 'the prompt to arrive' });
  await alice.hears('You said: A long story.');
  await alice.asks('/switch demo', '→ demo');
});

test('/stop ends a running turn within a second', async () => {
  const alice = house.phone();
  alice.say('long 60000');
  await waitFor(() => lastPrompt() === 'long 60000');
  const running = api.requests.at(-1);
  const stoppedAt = performance.now();
  await alice.asks('/stop', '⏹ Stopped.');
  expect(performance.now() - stoppedAt).toBeLessThan(1000);
  await waitFor(() => running?.hungUp, { what: 'the model to be left alone' });
  await alice.asks('still there?', 'You said: still there?');
});

test('/model chooses the model of the next turns', async () => {
  const alice = house.phone();
  await alice.asks('/model claude-sonnet-4-5', 'uses claude-sonnet-4-5');
  await alice.asks('which model?', 'You said');
  expect(api.requests.at(-1)?.body.model).toBe('claude-sonnet-4-5');
});

test('/compact puts a summary in the place of what was said', async () => {
  const alice = house.phone();
  await alice.asks('/compact', 'with a summary');
  await alice.asks('what did I ask you before?', 'They talked about files.');
  expect(lastPrompts()).not.toContain('question');
});

test('/clear forgets, and the conversation has another id', async () => {
  const alice = house.phone();
  const before = api.requests.at(-1)?.headers['x-claude-code-session-id'];
  await alice.asks('/clear', 'forgotten');
  await alice.asks('what did I ask you before?', 'Nothing.');
  expect(before).toEqual(expect.any(String));
  expect(api.requests.at(-1)?.headers['x-claude-code-session-id']).not.toBe(before);
});

function lastPrompts(): readonly string[] {
  const request = api.requests.at(-1);
  return request === undefined ? [] : promptsIn(request.body);
}

function lastPrompt(): string | undefined {
  return lastPrompts().at(-1);
}
