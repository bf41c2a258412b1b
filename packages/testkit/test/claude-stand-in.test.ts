import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installClaudeStandIn, standInJournal } from '../src/claude/install-stand-in.ts';
import { waitFor } from '../src/wait.ts';
import type { ClaudeEvent } from './claude/claude-pipe.ts';
import { ClaudePipe, isIdle, isText } from './claude/claude-pipe.ts';

let home = '';
let cwd = '';
let started: ClaudePipe[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'phonework-stand-in-'));
  cwd = join(home, 'my project');
  mkdirSync(cwd);
  started = [];
});

afterEach(async () => {
  // Unlike SIGKILL it takes the tools along.
  for (const claude of started) claude.kill('SIGTERM');
  await Promise.all(started.map((claude) => claude.ended()));
  rmSync(home, { recursive: true, force: true });
});

function start(args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): ClaudePipe {
  const claude = new ClaudePipe({ command: installClaudeStandIn(join(home, 'bin')), args, home, cwd, environment });
  started.push(claude);
  return claude;
}

function resultOf(events: readonly ClaudeEvent[]): ClaudeEvent {
  const result = events.find(({ type }) => type === 'result');
  if (result === undefined) throw new Error('there is no result');
  return result;
}

function liveProcesses(): Record<string, unknown>[] {
  const folder = join(home, '.claude', 'sessions');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** Allows a command that goes on until it is killed, and resolves with the pid of its shell. */
async function runEndless(claude: ClaudePipe): Promise<number> {
  claude.say('ask bash echo $$ > pid; tail -f /dev/null');
  claude.allow(await claude.nextAsk());
  const file = join(cwd, 'pid');
  return await waitFor(() => existsSync(file) && Number(readFileSync(file, 'utf8')));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('it says its version without being started as a whole', () => {
  const command = installClaudeStandIn(join(home, 'bin'));
  expect(execFileSync(command, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+ \(Claude Code\)\n$/);
  expect(standInJournal(join(home, 'bin'))).toEqual([]);
});

test('an echo is the prompt to the byte, however long and strange', async () => {
  const claude = start();
  const prompt = `echo  "quoted" \\ 🦊\u2028\u2029\r\n\ttab ${'ü'.repeat(300_000)} `;
  expect(resultOf(await claude.turn(prompt)).result).toBe(prompt);
});

test('the pieces of a text are the text, and no character is cut', async () => {
  const claude = start();
  const text = `a${'🦊'.repeat(40)}`;
  const events = await claude.turn(`say ${text}`);
  const pieces = events.filter(isText).map(({ event }) => event?.delta?.text ?? '');
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join('')).toBe(text);
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
});

test('an unknown prompt is quoted', async () => {
  expect(resultOf(await start().turn('please fix it')).result).toBe('You said: please fix it');
});

test('each process is in the journal, with its arguments, its environment and all that it was told', async () => {
  const first = start(['--model', 'opus'], { SECRET_OF_TEST: 'x' });
  await first.turn('say one');
  first.endInput();
  await first.ended();
  const second = start();
  await second.turn('say two');
  const [one, two] = standInJournal(join(home, 'bin'));
  expect(one).toMatchObject({ cwd, environment: { SECRET_OF_TEST: 'x', HOME: home } });
  expect(one?.args.slice(-2)).toEqual(['--model', 'opus']);
  expect(one?.received.map((line) => JSON.parse(line).message.content)).toEqual(['say one']);
  expect(two?.received).toHaveLength(1);
  expect(two?.environment.SECRET_OF_TEST).toBeUndefined();
});

test('a conversation lies on disk in rows like the real ones', async () => {
  const id = randomUUID();
  const claude = start(['--session-id', id]);
  await claude.turn('ask bash echo hi', async () => claude.allow(await claude.nextAsk()));
  const folder = join(home, '.claude', 'projects', cwd.replace(/[^A-Za-z0-9]/g, '-'));
  const rows = readFileSync(join(folder, `${id}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const [prompt, use, result, answer] = rows.map((row) => JSON.parse(row));
  expect(prompt).toMatchObject({ type: 'user', message: { content: 'ask bash echo hi' }, cwd, sessionId: id });
  expect(use).toMatchObject({ type: 'assistant', parentUuid: prompt.uuid, isSidechain: false });
  expect(result).toMatchObject({ type: 'user', message: { content: [{ type: 'tool_result', content: 'hi' }] } });
  expect(answer.message.content).toEqual([{ type: 'text', text: 'It worked: hi' }]);
});

test('a live process is on record, with what it does, until it ends in order', async () => {
  const id = randomUUID();
  const claude = start(['--session-id', id]);
  await claude.control({ subtype: 'initialize' });
  expect(liveProcesses()).toMatchObject([{ pid: claude.pid, sessionId: id, cwd, status: 'idle' }]);
  claude.say('ask bash touch a');
  await claude.nextAsk();
  await waitFor(() => liveProcesses()[0]?.waitingFor === 'permission prompt');
  claude.kill('SIGTERM');
  expect(await claude.ended()).toEqual({ code: 143, signal: null });
  expect(liveProcesses()).toEqual([]);
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s takes the tool along, and leaves no result', async (signal, code) => {
  const claude = start();
  const pid = await runEndless(claude);
  claude.kill(signal);
  expect(await claude.ended()).toEqual({ code, signal: null });
  await waitFor(() => !isAlive(pid));
  expect(claude.events.filter(({ type }) => type === 'result')).toEqual([]);
});

test('SIGKILL leaves the tool behind in a session of its own, and the record of the process', async () => {
  const claude = start();
  const pid = await runEndless(claude);
  claude.kill('SIGKILL');
  await claude.ended();
  expect(isAlive(pid)).toBe(true);
  expect(liveProcesses()).toHaveLength(1);
  process.kill(-pid, 'SIGKILL');
  await waitFor(() => !isAlive(pid));
});

test('an interrupt ends the tool too', async () => {
  const claude = start();
  const pid = await runEndless(claude);
  await claude.control({ subtype: 'interrupt' });
  await claude.next(isIdle);
  await waitFor(() => !isAlive(pid));
});

test('an interrupt in the same breath as the prompt ends the turn too', async () => {
  const claude = start();
  claude.say('ask bash touch a');
  await claude.control({ subtype: 'interrupt' });
  await claude.next(isIdle);
  expect(resultOf(claude.events)).toMatchObject({ terminal_reason: 'aborted_tools' });
  const asked = claude.events.filter(({ type }) => type === 'control_request').length;
  expect(claude.events.filter(({ type }) => type === 'control_cancel_request')).toHaveLength(asked);
});

test('what was allowed for good is asked for no more, in another process neither', async () => {
  const claude = start();
  await claude.turn('ask bash touch a', async () => {
    const rules = [{ toolName: 'Bash', ruleContent: 'touch *' }];
    const update = { type: 'addRules', rules, behavior: 'allow', destination: 'localSettings' };
    claude.answer(await claude.nextAsk(), { behavior: 'allow', updatedPermissions: [update] });
  });
  await start().turn('ask bash touch b');
  expect(readdirSync(cwd).sort()).toEqual(['.claude', 'a', 'b']);
});

test('an answer to a request that is not open does nothing', async () => {
  const claude = start();
  await claude.turn('ask bash touch a', async () => {
    const ask = await claude.nextAsk();
    claude.answer({ ...ask, request_id: randomUUID() }, { behavior: 'allow' });
    claude.answer(ask, { behavior: 'deny', message: 'No' });
  });
  expect(existsSync(join(cwd, 'a'))).toBe(false);
});

test('the user may change what the tool does', async () => {
  const claude = start();
  const events = await claude.turn('ask bash echo one', async () => {
    claude.allow(await claude.nextAsk(), { command: 'echo two' });
  });
  expect(resultOf(events).result).toBe('It worked: two');
});

test('nothing comes while it is silent, and many pieces at once when it floods', async () => {
  const claude = start();
  const before = performance.now();
  expect((await claude.turn('silent 300')).filter(isText).length).toBeGreaterThan(0);
  expect(performance.now() - before).toBeGreaterThanOrEqual(300);
  expect((await claude.turn('flood 5000')).filter(isText)).toHaveLength(5000);
});

test('a tool can have a result of megabytes', async () => {
  const claude = start();
  const events = await claude.turn('tool-output 2000000');
  expect(events.some((event) => JSON.stringify(event).length > 2_000_000)).toBe(true);
});

test('a line that is no JSON does not stop the turn', async () => {
  const claude = start();
  expect(resultOf(await claude.turn('bad line'))).toMatchObject({ is_error: false });
  expect(claude.noise).toHaveLength(1);
});

test('after an unsolicited turn there are two results, the second for nobody', async () => {
  const claude = start();
  const id = claude.say('unsolicited');
  await waitFor(() => claude.events.filter(isIdle).length === 2);
  const results = claude.events.filter(({ type }) => type === 'result');
  expect(results.map((result) => result.user_message_uuids)).toEqual([[id], undefined]);
});

test.each([
  ['crash', { code: null, signal: 'SIGKILL' }],
  ['exit 7', { code: 7, signal: null }],
])('%s ends the process in the middle of a turn', async (prompt, end) => {
  const claude = start();
  claude.say(prompt);
  expect(await claude.ended()).toEqual(end);
  expect(claude.events.filter(({ type }) => type === 'result')).toEqual([]);
});

test('over the limit it says until when, in words and in a field', async () => {
  const events = await start().turn('over limit');
  expect(resultOf(events)).toMatchObject({ is_error: true, subtype: 'success', api_error: 'usage_limit_reached' });
  expect(resultOf(events).result).toMatch(/resets \d\d:\d\d/);
  expect(events.find(({ type }) => type === 'rate_limit_event')).toMatchObject({
    rate_limit_info: { status: 'rejected', resetsAt: expect.any(Number) },
  });
});

test('a service that stays overloaded fails the turn after ten attempts', async () => {
  const events = await start().turn('overloaded 11');
  expect(events.filter(({ subtype }) => subtype === 'api_retry')).toHaveLength(10);
  expect(resultOf(events)).toMatchObject({ is_error: true, api_error_status: 529 });
});

test('the price grows over the conversation, resumed or not, and starts anew after /clear', async () => {
  const id = randomUUID();
  const first = start(['--session-id', id]);
  const one = Number(resultOf(await first.turn('say one')).total_cost_usd);
  first.endInput();
  await first.ended();
  const second = start(['--resume', id]);
  const two = Number(resultOf(await second.turn('say two')).total_cost_usd);
  expect(two).toBeCloseTo(2 * one, 6);
  expect(resultOf(await second.turn('/clear')).total_cost_usd).toBe(0);
});

test('modes that never ask are refused to root, as long as nobody says that this is a sandbox', async () => {
  const isRoot = process.getuid?.() === 0;
  const refused = start(['--permission-mode', 'bypassPermissions']);
  refused.endInput();
  expect((await refused.ended()).code).toBe(isRoot ? 1 : 0);
  const allowed = start(['--permission-mode', 'bypassPermissions'], { IS_SANDBOX: '1' });
  await allowed.turn('ask bash touch a');
  expect(existsSync(join(cwd, 'a'))).toBe(true);
});
