import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MessagesApi } from '@phonework/testkit/messages-api';
import { quietEnvironment, realClaude } from '@phonework/testkit/real-claude';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClaudeHouse } from './claude/claude-house.ts';
import { openFilesOf } from './claude/inhabitants.ts';
import type { Phone } from './claude/phone.ts';
import { startRealHouse } from './claude/real-house.ts';
import { promptsIn, scriptedClaude } from './claude/scripted-claude.ts';

let api: MessagesApi;
let house: ClaudeHouse;

beforeAll(async () => {
  api = await MessagesApi.start({ brain: scriptedClaude });
  house = await startRealHouse(api, { users: ['ou_alice', 'ou_bob'] });
}, 600_000);

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await api.close();
});

test('three sessions of two users work at once, and nothing of one comes to another', async () => {
  const [alice, bob] = [house.phone('ou_alice'), house.phone('ou_bob')];
  for (const phone of [alice, bob]) await phone.asks('/direct', 'No session is open yet');
  await alice.asks('/new red', 'red is open');
  await alice.asks('/new green', 'green is open');
  await bob.asks('/new blue', 'blue is open');
  for (const round of [1, 2, 3]) {
    for (const [phone, session] of [
      [alice, 'red'],
      [alice, 'green'],
      [bob, 'blue'],
    ] as const) {
      await phone.asks(`/switch ${session}`, `→ ${session}`);
      phone.say(slowPrompt(session, round));
      await waitFor(() => isAsked(slowPrompt(session, round)), { timeoutMs: 30_000, what: 'the turn to begin' });
    }
  }
  await waitFor(() => answersTo(alice).length === 6 && answersTo(bob).length === 3, {
    timeoutMs: 60_000,
    what: 'all answers',
  });
  const expected = (session: string) => [1, 2, 3].map((round) => `You said: ${slowPrompt(session, round)}`);
  expect(answersTo(bob)).toEqual(expected('blue'));
  for (const session of ['red', 'green']) {
    const signature = `\n\n· ${session}`;
    const signed = answersTo(alice).filter((text) => text.endsWith(signature));
    expect(signed).toEqual(expected(session).map((text) => `${text}${signature}`));
  }
  const conversations = api.requests.map(({ headers }) => headers['x-claude-code-session-id']);
  expect(new Set(conversations).size).toBe(3);
  for (const name of ['red', 'green']) await alice.asks(`/close ${name}`, 'is closed');
  await bob.asks('/close blue', 'is closed');
});

test('fifty starts and ends of sessions leave no process, no terminal and no open file', {
  timeout: 300_000,
}, async () => {
  const alice = house.phone();
  await house.isEmpty();
  const before = await openFiles();
  for (let round = 0; round < 10; round += 1) {
    for (let session = 0; session < 5; session += 1) alice.say(`/new cycle${session}: hello ${round} ${session}`);
    for (let session = 0; session < 5; session += 1) await alice.hears('You said: hello');
    for (let session = 0; session < 5; session += 1) alice.say(`/close cycle${session}`);
    for (let session = 0; session < 5; session += 1) await alice.hears('is closed');
  }
  await house.isEmpty();
  expect((await openFiles()).filter((name) => name.includes('ptmx') || name.includes('/pts'))).toEqual([]);
  // Connections to Feishu stay open for some seconds after a call, up to five of them after five calls at once.
  await waitFor(async () => (await openFiles()).length <= before.length, {
    timeoutMs: 30_000,
    what: `no more open files than the ${before.length} before`,
  });
});

test('a conversation that was had at the machine is listed, taken over, and goes on', async () => {
  const folder = house.projectFolder('by-hand');
  mkdirSync(folder);
  const { stdout } = await runByHand(['-p', 'the word is xylophone'], folder);
  expect(stdout).toContain('You said: the word is xylophone');
  const alice = house.phone();
  const list = await alice.asks('/sessions', 'the word is xylophone');
  const number = /^ *(?:→ )?(\d+)\..*\n?.*xylophone/m.exec(list.text)?.[1];
  expect(number).toEqual(expect.any(String));
  await alice.asks(`/switch ${number}`, 'taken over from this machine');
  await alice.asks('what did I ask you before?', '- the word is xylophone');
});

test('a conversation that another Claude has open is not touched: its pid is told', async () => {
  const alice = house.phone();
  const conversation = String(api.requests.at(-1)?.headers['x-claude-code-session-id']);
  await alice.asks('/close by-hand', 'is closed');
  const args = [
    '-p',
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
    '--resume',
    conversation,
  ];
  const other = spawn(await realClaude(), args, {
    cwd: house.projectFolder('by-hand'),
    env: byHand(),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    const registration = join(house.house.folder, '.claude', 'sessions', `${other.pid}.json`);
    await waitFor(() => existsSync(registration) && readFileSync(registration, 'utf8').includes(conversation), {
      timeoutMs: 30_000,
      what: 'the other Claude to have it open',
    });
    const list = await alice.asks('/sessions', 'the word is xylophone');
    await alice.asks(`/switch ${/(\d+)\.[^\n]*\n?[^\n]*xylophone/.exec(list.text)?.[1]}`, 'taken over');
    const asked = api.requests.length;
    const refusal = await alice.asks('hello?', 'is open in another program on this machine');
    expect(refusal.text).toContain(`(process ${other.pid})`);
    expect(api.requests.length).toBe(asked);
  } finally {
    const exited = once(other, 'exit');
    other.stdin.end();
    await exited;
  }
  await alice.asks('hello again?', 'You said: hello again?');
});

test('who is not logged in is told so at the first attempt', async () => {
  const alice = house.phone();
  await alice.asks('/new locked-out', 'is open');
  api.answerWith(() => ({ status: 401 }));
  const askedAt = performance.now();
  const answer = await alice.asks('hello?', 'is not logged in');
  expect(performance.now() - askedAt).toBeLessThan(10_000);
  expect(answer.text).toContain('Claude Code on home-pc');
  api.answerWith(scriptedClaude);
  await alice.asks('and now?', 'You said: and now?');
});

/** Long enough for all three to be answered at the same time. */
function slowPrompt(session: string, round: number): string {
  return `slowly ${`${session} ${round} `.repeat(200)}.`;
}

function isAsked(prompt: string): boolean {
  return api.requests.some(({ body }) => promptsIn(body).at(-1) === prompt);
}

function answersTo(phone: Phone): readonly string[] {
  // A card that became the answer says under it how long it took.
  const answers = phone.texts.map((text) => text.replace(/\n<font color='grey'>✓ [^<]*<\/font>$/, ''));
  return answers.filter((text) => text.startsWith('You said: slowly'));
}

async function openFiles(): Promise<readonly string[]> {
  return await openFilesOf(house.program.pid);
}

function byHand(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: house.house.folder, ...quietEnvironment(api.url) };
}

async function runByHand(args: readonly string[], cwd: string): Promise<{ readonly stdout: string }> {
  const running = promisify(execFile)(await realClaude(), [...args], { cwd, env: byHand() });
  running.child.stdin?.end();
  return await running;
}
