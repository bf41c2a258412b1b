import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLiveProcess } from '../../../src/sessions/claude/live-processes.ts';

const conversationId = '38fcb979-f78c-4917-b0bc-4343cb2a5c94';
const none: ReadonlySet<number> = new Set();
const isLinux = process.platform === 'linux';

let configDir: string;

beforeEach(async () => {
  configDir = await mkdtemp(join(tmpdir(), 'phonework-live-processes-'));
  await mkdir(join(configDir, 'sessions'));
});

afterEach(async () => {
  await rm(configDir, { recursive: true });
});

/** As Claude Code writes it for itself. */
async function register(pid: number, fields: object = {}): Promise<void> {
  const registration = { pid, sessionId: conversationId, cwd: '/home/ada/demo', kind: 'interactive', ...fields };
  await writeFile(join(configDir, 'sessions', `${pid}.json`), JSON.stringify(registration));
}

async function ownStart(): Promise<string> {
  const stat = await readFile('/proc/self/stat', 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

test('a live process that has the conversation open is its owner', async () => {
  await register(process.pid, isLinux ? { procStart: await ownStart() } : {});
  expect(await findLiveProcess(configDir, conversationId, none)).toBe(process.pid);
  expect(await findLiveProcess(configDir, 'another', none)).toBeUndefined();
});

test('one of our own is no other', async () => {
  await register(process.pid);
  expect(await findLiveProcess(configDir, conversationId, new Set([process.pid]))).toBeUndefined();
});

test('one that was killed, and could not clean up, owns nothing', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await register(child.pid ?? 0);
  expect(await findLiveProcess(configDir, conversationId, none)).toBeUndefined();
});

test.runIf(isLinux)('a later process with the same pid owns nothing', async () => {
  await register(process.pid, { procStart: `${Number(await ownStart()) - 1}` });
  expect(await findLiveProcess(configDir, conversationId, none)).toBeUndefined();
});

test('files that are half written, or something else, are passed over', async () => {
  await writeFile(join(configDir, 'sessions', '1.json'), '{"pid":');
  await writeFile(join(configDir, 'sessions', '2.json'), '[]');
  await writeFile(join(configDir, 'sessions', '1.abc.key'), 'x');
  await register(process.pid);
  expect(await findLiveProcess(configDir, conversationId, none)).toBe(process.pid);
});

test('where Claude Code never ran, nobody owns anything', async () => {
  expect(await findLiveProcess(join(configDir, 'nowhere'), conversationId, none)).toBeUndefined();
});
