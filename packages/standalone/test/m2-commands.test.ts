import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installClaudeStandIn } from '@phonework/testkit/claude-stand-in';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';
import { StandInRm } from './m2/stand-in-rm.ts';

let house: House;
let alice: Phone;
let rm: StandInRm;

beforeAll(async () => {
  house = await startHouse({ hostConfig: { OPENAI_API_KEY: undefined } });
  await house.startRouter();
  rm = new StandInRm(join(house.folder, 'bin'));
  const claude = installClaudeStandIn(join(house.folder, 'claude'));
  await house.startNode({ CLAUDE_COMMAND: claude, ...rm.environment });
  await house.connected();
  alice = new Phone(house.feishu, 'ou_alice');
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

test('without a model a question is answered with what works, and with what only a model can do', async () => {
  const { text } = await alice.asks('what is a Python generator?', 'There is no model on home-pc');
  for (const words of ['/new', '/shell', 'OPENAI_API_KEY', 'files', 'web']) expect(text).toContain(words);
});

test('"/shell" runs the command line of its user', async () => {
  const project = join(house.workingDir, 'todo_app');
  mkdirSync(project);
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', project]);
  writeFileSync(join(project, 'login.ts'), 'export {};');
  const { text } = await alice.asks('/shell cd todo_app && git status', 'On branch main');
  expect(text).toContain('login.ts');
});

test('"/shell rm -rf /" is blocked, and "rm -rf ./dist" is not', async () => {
  await alice.asks('/shell rm -rf /', 'Blocked: this command');
  expect(rm.calls).toEqual([]);
  await alice.asks('/shell rm -rf ./dist', '(no output)');
  expect(rm.calls).toEqual(['-rf ./dist']);
});

test('an audit file is read where it is', async () => {
  await alice.asks('/new audited: run echo first', 'It worked: first');
  const { text } = await alice.asks('/shell tail -n 50 ../node-data/audit/*.jsonl', 'It worked: first');
  expect(text).toContain('"kind":"prompt"');
});

test('plain messages go to the session that "/new" opened', async () => {
  await alice.asks('/new todo_app', 'Your messages go to it.');
  await alice.asks('fix the login bug', 'You said: fix the login bug');
});

test('a long turn is answered at once, shown running with its time, and reported when it is finished', async () => {
  const { text: answer } = await alice.asks('/new blog --timeout 120: long 4000', '⏳ Task #');
  const [, id = ''] = /⏳ Task #([0-9a-z]{6}) started/.exec(answer) ?? [];
  expect((await alice.asks('/tasks', `⏳ #${id}`)).text).toMatch(/running for \d+s: blog: long 4000/);
  expect((await alice.asks(`/task ${id}`, `⏳ Task #${id}`)).text).toMatch(/running for \d+s\nblog: long 4000/);
  expect((await alice.hears(`✅ Task #${id} done (`)).text).toContain('word 1');
  expect((await alice.asks(`/task ${id}`, `✅ Task #${id}`)).text).toContain('word 1');
});

test('"/remind" is heard when its time has come, and not before', async () => {
  const { text } = await alice.asks('/remind 10m deploy check', 'in 10m');
  const [, id = ''] = /\/reminders cancel ([0-9a-z]{6})/.exec(text) ?? [];
  await alice.asks('/remind 1s deploy check now', 'in 1s');
  await alice.hears('⏰ deploy check now');
  expect((await alice.asks('/reminders', 'Reminders')).text).toMatch(new RegExp(`${id} · .* · deploy check$`, 'm'));
  await alice.asks(`/reminders cancel ${id}`, `Reminder ${id} is cancelled: deploy check`);
  await alice.asks('/reminders', 'No reminders are set');
  expect(alice.texts).not.toContain('⏰ deploy check');
});

test('no model was asked', () => {
  expect(house.model.requests).toEqual([]);
});
