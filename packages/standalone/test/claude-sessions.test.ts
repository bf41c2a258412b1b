import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installClaudeStandIn, standInJournal } from '@phonework/testkit/claude-stand-in';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ClaudeHouse } from './claude/claude-house.ts';
import { LoopPauses } from './claude/loop-pauses.ts';

const folder = mkdtempSync(join(tmpdir(), 'phonework-claude-'));
const pauses = new LoopPauses(folder);
const command = installClaudeStandIn(folder);
let house: ClaudeHouse;

/** The most that anything may keep the rest of the house waiting. */
const maxPauseMs = 20;

beforeAll(async () => {
  house = await ClaudeHouse.start({ command, environment: pauses.environment });
  const alice = house.phone();
  await alice.asks('/new demo: say hello', 'hello');
  await alice.asks('/direct', 'straight to demo');
}, 90_000);

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

beforeEach(() => pauses.reset());

test('a tool output of 5 MB does not hold anything up, and the audit knows of all of it', async () => {
  await house.phone().asks('tool-output 5000000', 'That was much.');
  await waitFor(() => audit().includes('5000000 characters in all'), { what: 'the audit' });
  expect(pauses.longestMs).toBeLessThan(maxPauseMs);
});

test('thousands of events at once make one whole answer, and do not hold anything up', async () => {
  const answer = await house.phone().asks('flood 5000', 'x');
  expect(answer.text).toBe('x'.repeat(5000));
  expect(pauses.longestMs).toBeLessThan(maxPauseMs);
});

test('a line that is no JSON costs nothing but itself', async () => {
  await house.phone().asks('bad line', 'There was a bad line.');
});

test('a Claude Code that dies in the middle of a turn is told of, and the next message finds the conversation', async () => {
  const alice = house.phone();
  await alice.asks('remember the milk', 'I will remember.');
  const notice = await alice.asks('crash', 'Claude Code on home-pc ended by itself (signal SIGKILL');
  expect(notice.text).toContain('the conversation is kept');
  await alice.asks('what did I ask you before?', '- remember the milk');
});

test('where there is no Claude Code, the user is told how to get one', async () => {
  const alice = house.phone();
  renameSync(command, `${command}-gone`);
  await alice.asks('/new other: hello', 'There is no Claude Code on home-pc: install it there with "npm install');
  renameSync(`${command}-gone`, command);
  await alice.asks('hello again', 'You said: hello again');
});

test('a prompt of 300,000 characters arrives whole, and so does an answer of as many', async () => {
  const alice = house.phone();
  const prompt = `echo ${'y'.repeat(299_995)}`;
  alice.say(prompt);
  // No chat shows that much: the answer begins there, and is whole in a file.
  const file = await waitFor(() => house.house.feishu.uploads.find(({ name }) => name.endsWith('.md')), {
    what: 'the answer',
    timeoutMs: 20_000,
  });
  expect(file.bytes.toString().replaceAll(/[^y]/g, '')).toBe('y'.repeat(299_995));
  const received = standInJournal(folder).flatMap((process) => process.received);
  expect(received.some((line) => line.includes(prompt))).toBe(true);
});

function audit(): string {
  const audits = join(house.house.folder, 'data', 'audit');
  return readdirSync(audits)
    .map((name) => readFileSync(join(audits, name), 'utf8'))
    .join('');
}
