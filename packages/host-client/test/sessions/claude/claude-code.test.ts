import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentStart } from '../../../src/sessions/agent-runner.ts';
import type { ClaudeCodeOptions } from '../../../src/sessions/claude/claude-code.ts';
import { ClaudeCode } from '../../../src/sessions/claude/claude-code.ts';
import { recordingLogger } from '../../fakes/recording-logger.ts';
import { ScriptedClaude, success } from './scripted-claude.ts';

let home: string;
const signal = new AbortController().signal;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'phonework-claude-code-'));
  await mkdir(join(home, 'bin'));
  await writeFile(join(home, 'bin', 'claude'), '#!/bin/sh\n');
  await chmod(join(home, 'bin', 'claude'), 0o755);
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

async function codeOver(claude: ScriptedClaude, options: Partial<ClaudeCodeOptions> = {}): Promise<ClaudeCode> {
  const { logger } = await recordingLogger();
  return new ClaudeCode({
    command: 'claude',
    environment: { PATH: join(home, 'bin'), HOME: home, ROUTER_SECRET: 'a secret of ours' },
    startLineProcess: claude.start,
    nodeName: 'home-pc',
    logger,
    isRoot: false,
    ...options,
  });
}

function startOf(fields: Partial<AgentStart> = {}): AgentStart {
  return {
    conversationId: randomUUID(),
    isNew: true,
    continuesCutTurn: false,
    cwd: home,
    mode: 'default',
    onEvent: () => {},
    ...fields,
  };
}

async function writeTranscript(conversationId: string): Promise<void> {
  const folder = join(home, '.claude', 'projects', (await realpath(home)).replace(/[^a-zA-Z0-9]/g, '-'));
  await mkdir(folder, { recursive: true });
  const row = { type: 'user', cwd: home, message: { content: 'hello' } };
  await writeFile(join(folder, `${conversationId}.jsonl`), JSON.stringify(row));
}

/** As Claude Code does when it has no such conversation. */
function dyingClaude(): ScriptedClaude {
  const claude: ScriptedClaude = new ScriptedClaude({
    initialize: () => {
      claude.say('No conversation found');
      claude.exit({ code: 1 });
      return undefined;
    },
  });
  return claude;
}

test('the program that was found is started in its folder, with nothing of ours that it need not have', async () => {
  const claude = new ScriptedClaude();
  await (await codeOver(claude)).start(startOf({ model: 'opus' }), signal);
  expect(claude.spec).toMatchObject({ command: join(home, 'bin', 'claude'), cwd: home });
  expect(claude.spec?.args).toEqual(expect.arrayContaining(['--session-id', '--model', 'opus']));
  expect(JSON.stringify(claude.spec?.env)).not.toContain('a secret of ours');
});

test('where there is no Claude Code, it is said how to get one', async () => {
  const code = await codeOver(new ScriptedClaude(), { command: join(home, 'nowhere') });
  await expect(code.start(startOf(), signal)).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringMatching(/^There is no Claude Code on home-pc: install it .* or set CLAUDE_COMMAND/),
  });
});

test('as root bypassPermissions is refused before anything starts, unless the machine is a sandbox', async () => {
  const claude = new ScriptedClaude();
  const start = startOf({ mode: 'bypassPermissions' });
  const code = await codeOver(claude, { isRoot: true });
  await expect(code.start(start, signal)).rejects.toMatchObject({ code: 'refused' });
  expect(claude.spec).toBeUndefined();
  const environment = { PATH: join(home, 'bin'), HOME: home, IS_SANDBOX: '1' };
  await (await codeOver(claude, { isRoot: true, environment })).start(start, signal);
  expect(claude.spec?.env.IS_SANDBOX).toBe('1');
});

test('a conversation that Claude Code has lost is told as that', async () => {
  const start = startOf({ isNew: false });
  await expect((await codeOver(dyingClaude())).start(start, signal)).rejects.toMatchObject({ code: 'no_conversation' });
});

test('one that it has, and that can not be gone on with for another reason, is not lost', async () => {
  const start = startOf({ isNew: false });
  await writeTranscript(start.conversationId);
  await expect((await codeOver(dyingClaude())).start(start, signal)).rejects.toMatchObject({ code: 'not_started' });
});

test('a new conversation that it knows already is resumed: we were cut off before we could note it', async () => {
  const claude = new ScriptedClaude();
  const start = startOf();
  await writeTranscript(start.conversationId);
  await (await codeOver(claude)).start(start, signal);
  expect(claude.spec?.args).toEqual(expect.arrayContaining(['--resume', start.conversationId]));
});

test('our own process does not own its conversation against us; it does against another of us', async () => {
  const claude = new ScriptedClaude({
    initialize: () => success({ pid: process.pid, current_permission_mode: 'default' }),
  });
  const code = await codeOver(claude);
  const start = startOf();
  await mkdir(join(home, '.claude', 'sessions'), { recursive: true });
  const registration = { pid: process.pid, sessionId: start.conversationId };
  await writeFile(join(home, '.claude', 'sessions', `${process.pid}.json`), JSON.stringify(registration));
  const started = await code.start(start, signal);
  expect(await code.findOwner(start.conversationId)).toBeUndefined();
  expect(await (await codeOver(new ScriptedClaude())).findOwner(start.conversationId)).toBe(process.pid);
  await started.end({ resumable: false });
  expect(await code.findOwner(start.conversationId)).toBe(process.pid);
});

test('conversations are looked for where Claude Code is told to keep them', async () => {
  const conversationId = randomUUID();
  await writeTranscript(conversationId);
  const environment = { HOME: '/nowhere', CLAUDE_CONFIG_DIR: join(home, '.claude') };
  const code = await codeOver(new ScriptedClaude(), { environment });
  expect(await code.listConversations(home, 5)).toMatchObject([{ conversationId, firstLine: 'hello' }]);
});
