import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessagesApi } from '@phonework/testkit/messages-api';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClaudeHouse } from './claude/claude-house.ts';
import { startRealHouse } from './claude/real-house.ts';
import { promptsIn, scriptedClaude } from './claude/scripted-claude.ts';

let api: MessagesApi;
let house: ClaudeHouse;
/** Files of an attempt before are not taken for those of this one. */
let tools = 0;

beforeAll(async () => {
  api = await MessagesApi.start({ brain: scriptedClaude });
  house = await startRealHouse(api);
}, 600_000);

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await api.close();
});

// Each kill also waits until nothing is left that the killed program had started.

test('after kill -9 of everything the session knows what was asked before', async () => {
  const alice = house.phone();
  await alice.asks('/new demo: remember the milk', 'You said: remember the milk');
  await alice.asks('/direct', 'straight to demo');
  const before = conversation();
  await house.kill();
  await house.startProgram();
  await alice.asks('what did I ask you before?', '- remember the milk');
  expect(lastPrompts()).toEqual(['remember the milk', 'what did I ask you before?']);
  expect(conversation()).toBe(before);
});

test('a tool that ran at the kill is told of, not run again, and Continue lets Claude go on', async () => {
  const alice = house.phone();
  const { name, ledger } = await killInTheMiddleOfATool();
  await house.startProgram();
  const notice = await alice.hears(`⚠️ demo was interrupted while doing this: Bash: echo ran >> ${name}`);
  expect(notice.text).toContain('nothing was run again');
  const asked = api.requests.length;
  await alice.press(notice, 'continue');
  await alice.hears('▶️ demo goes on');
  await alice.hears('It failed: Exit code 137');
  expect(readFileSync(ledger, 'utf8')).toBe('ran\n');
  expect(api.requests.length).toBe(asked + 1);
});

test('Drop leaves the turn as it is, and the session takes the next message', async () => {
  const alice = house.phone();
  const { ledger } = await killInTheMiddleOfATool();
  await house.startProgram();
  const asked = api.requests.length;
  await alice.press(await alice.hears('was interrupted'), 'drop');
  await alice.hears('Dropped.');
  expect(api.requests.length).toBe(asked);
  await alice.asks('something else', 'You said: something else');
  expect(readFileSync(ledger, 'utf8')).toBe('ran\n');
});

test('a permission that was asked before the kill may be given after it, and is not asked again', async () => {
  const alice = house.phone();
  const question = await alice.asks('ask bash touch allowed.txt', 'touch allowed.txt');
  await house.kill();
  await house.startProgram();
  await alice.hears('It still counts');
  expect(existsSync(join(house.projectFolder('demo'), 'allowed.txt'))).toBe(false);
  await alice.press(question, 'allow_once');
  await alice.hears('It worked');
  expect(existsSync(join(house.projectFolder('demo'), 'allowed.txt'))).toBe(true);
  // The card that was pressed keeps what it asked.
  const asking = alice.texts.filter((text) => text.includes('touch allowed.txt') && !text.includes('✓ Allow once'));
  expect(asking).toEqual([]);
});

test('a stop in good order while a permission is open keeps it open too', async () => {
  const alice = house.phone();
  const question = await alice.asks('ask bash touch later.txt', 'touch later.txt');
  expect(await house.program.stop()).toBe(0);
  await house.isEmpty();
  await house.startProgram();
  await alice.hears('It still counts');
  await alice.press(question, 'allow_once');
  await alice.hears('It worked');
});

/** Kills everything while a tool runs, and resolves with the file in which the tool has noted each of its runs. */
async function killInTheMiddleOfATool(): Promise<{ readonly name: string; readonly ledger: string }> {
  tools += 1;
  const name = `runs-${tools}`;
  const ledger = join(house.projectFolder('demo'), name);
  // Claude Code refuses a long sleep.
  await house
    .phone()
    .pressesAfter(`ask bash echo ran >> ${name}; tail -f /dev/null`, `>> ${name}; tail -f`, 'allow_once');
  await waitFor(() => existsSync(ledger), { timeoutMs: 30_000, what: 'the tool to run' });
  await waitFor(async () => (await house.inhabitants()).some(({ command }) => command === 'tail -f /dev/null'));
  await house.kill();
  return { name, ledger };
}

function conversation(): unknown {
  return api.requests.at(-1)?.headers['x-claude-code-session-id'];
}

function lastPrompts(): readonly string[] {
  const request = api.requests.at(-1);
  return request === undefined ? [] : promptsIn(request.body);
}
