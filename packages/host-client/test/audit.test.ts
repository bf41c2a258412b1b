import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redactor } from '@phonework/shared/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Audit } from '../src/audit.ts';
import type { LogEntry } from './fakes/recording-logger.ts';
import { recordingLogger } from './fakes/recording-logger.ts';

const secret = 'sk-very-secret-0123456789';
let base: string;
let folder: string;
let logged: LogEntry[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'audit-'));
  folder = join(base, 'data', 'audit');
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

async function openAudit(at = folder): Promise<Audit> {
  const { logger, entries } = await recordingLogger();
  logged = entries;
  return new Audit({ folder: at, redact: redactor([secret]), logger });
}

async function linesOf(sessionId: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, `${sessionId}.jsonl`), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('an entry is a line with its time, readable by its owner alone', async () => {
  await using audit = await openAudit();
  audit.write('abc123', { kind: 'prompt', text: 'hello\nworld', costUsd: 0.1 });
  await audit.close();
  const [line] = await linesOf('abc123');
  expect(line).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    kind: 'prompt',
    text: 'hello\nworld',
    costUsd: 0.1,
  });
  expect((await stat(join(folder, 'abc123.jsonl'))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('a thousand entries of several sessions keep their order', async () => {
  const audit = await openAudit();
  for (let number = 0; number < 1000; number += 1) {
    for (const id of ['aaaaaa', 'bbbbbb', 'cccccc']) audit.write(id, { kind: 'tool', number });
    // Some of them meet a write that is on its way.
    if (number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all([audit.close(), audit.close()]);
  for (const id of ['aaaaaa', 'bbbbbb', 'cccccc']) {
    expect((await linesOf(id)).map(({ number }) => number)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  }
  audit.write('aaaaaa', { kind: 'late' });
  await audit.close();
  expect(await linesOf('aaaaaa')).toHaveLength(1000);
});

test('a long value is cut, and its length is said', async () => {
  await using audit = await openAudit();
  audit.write('abc123', { kind: 'result', text: '好'.repeat(100_000), input: { list: Array(20_000).fill('x') } });
  await audit.close();
  const [line] = await linesOf('abc123');
  expect(String(line?.text)).toMatch(/^好{20000}\[/);
  expect(line?.text).toContain('100000 characters in all');
  expect(String(line?.input).length).toBeLessThan(20_100);
  expect(line?.input).toContain('80010 characters in all');
});

test('secrets are in no field, name or depth, and not where a value is cut', async () => {
  await using audit = await openAudit();
  audit.write('abc123', { kind: 'tool', text: `key=${secret}`, input: { deep: [{ [secret]: `a ${secret} b` }] } });
  // Each cut lies at another place of the secret.
  for (let shift = 0; shift <= secret.length; shift += 1) {
    audit.write('abc123', { kind: 'result', text: 'x'.repeat(20_000 - shift) + secret + 'y'.repeat(50_000) });
    const window = 'x'.repeat(20_000 + 8192 - shift) + secret + 'y'.repeat(50_000);
    audit.write('abc123', { kind: 'result', text: window });
    // What is redacted before brings the cut of the window nearer.
    audit.write('abc123', { kind: 'result', text: secret.repeat(1000) + window.slice(secret.length * 1000) });
  }
  await audit.close();
  const text = await readFile(join(folder, 'abc123.jsonl'), 'utf8');
  expect(text).not.toContain(secret.slice(0, 8));
  expect(text).toContain('[redacted]');
  expect((await linesOf('abc123'))[0]?.input).toEqual({ deep: [{ '[redacted]': 'a [redacted] b' }] });
});

test('a link that was planted at the name of a file is not followed', async () => {
  const audit = await openAudit();
  audit.write('aaaaaa', { kind: 'prompt' });
  await audit.close();
  const victim = join(base, 'victim');
  await writeFile(victim, 'mine');
  await symlink(victim, join(folder, 'abc123.jsonl'));
  const next = await openAudit();
  for (let count = 0; count < 3; count += 1) {
    next.write('abc123', { kind: 'prompt', text: 'x' });
    next.write('bbbbbb', { kind: 'prompt', text: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await next.close();
  expect(await readFile(victim, 'utf8')).toBe('mine');
  expect(await linesOf('bbbbbb')).toHaveLength(3);
  expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('after a crash in the middle of a line, the next entry has a line of its own', async () => {
  const audit = await openAudit();
  audit.write('abc123', { kind: 'one' });
  await audit.close();
  await appendFile(join(folder, 'abc123.jsonl'), '{"at":"2026-');
  const next = await openAudit();
  next.write('abc123', { kind: 'two' });
  await next.close();
  const lines = (await readFile(join(folder, 'abc123.jsonl'), 'utf8')).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe('{"at":"2026-');
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ kind: 'two' });
});

test.each(['../../x', 'ABC123', 'abc12', 'abc1234', ''])(
  '"%s" is the id of no session, and becomes no path',
  async (id) => {
    await using audit = await openAudit();
    audit.write(id, { kind: 'prompt' });
    await audit.close();
    expect(await readdir(base)).toEqual([]);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  },
);

test('a folder that cannot be made fails no turn, and is logged once', async () => {
  await writeFile(join(base, 'data'), 'a file');
  await using audit = await openAudit();
  for (let count = 0; count < 50; count += 1) {
    audit.write('abc123', { kind: 'prompt' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await audit.close();
  expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a file that cannot be written to loses its own entries alone', async () => {
  await mkdir(join(folder, 'abc123.jsonl'), { recursive: true });
  await using audit = await openAudit();
  audit.write('abc123', { kind: 'prompt' });
  audit.write('bbbbbb', { kind: 'prompt' });
  await audit.close();
  expect(await linesOf('bbbbbb')).toHaveLength(1);
  expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('what cannot be a line is left out, and fails no turn', async () => {
  await using audit = await openAudit();
  const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
  audit.write('abc123', { kind: 'tool', input: deep });
  audit.write('abc123', { kind: 'tool', input: JSON.parse('['.repeat(100) + ']'.repeat(100)) });
  await audit.close();
  expect(await linesOf('abc123')).toMatchObject([{ input: '['.repeat(100) + ']'.repeat(100) }]);
});
