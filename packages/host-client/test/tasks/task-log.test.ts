import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TaskLog } from '../../src/tasks/task-log.ts';
import type { LogEntry } from '../fakes/recording-logger.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

let folder: string;
let path: string;
let entries: readonly LogEntry[];
let makeLog: (maxBytes?: number) => TaskLog;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'task-log-'));
  path = join(folder, 'tasks', 'abc123.log');
  const recording = await recordingLogger();
  entries = recording.entries;
  makeLog = (maxBytes = 1_000_000) => new TaskLog({ path, maxBytes, logger: recording.logger });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const content = () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

test('what is written is in the file soon, without a close', async () => {
  const log = makeLog();
  expect(log.write(Buffer.from('a'))).toBeUndefined();
  await log.write(Buffer.from('b'));
  await waitFor(() => content() === 'ab');
  await log.write(Buffer.from('c'));
  await waitFor(() => content() === 'abc');
  await log.close();
  await log.close();
  expect(content()).toBe('abc');
});

test('one that nothing was written to is an empty file', async () => {
  await makeLog().close();
  expect(content()).toBe('');
});

test('the middle is taken out as often as it takes, and the gap tells how much is missing', async () => {
  const log = makeLog(10_000);
  const line = (n: number) => `line ${String(n).padStart(5, '0')}\n`;
  let largest = 0;
  const lines = 8_000;
  for (let n = 0; n < lines; n += 400) {
    await log.write(Buffer.from(Array.from({ length: 400 }, (_, i) => line(n + i)).join('')));
    await waitFor(() => content()?.endsWith(line(n + 399)));
    largest = Math.max(largest, Buffer.byteLength(content() ?? ''));
  }
  await log.close();
  const text = content() ?? '';
  expect(largest).toBeLessThanOrEqual(10_000);
  expect(text.startsWith(line(0) + line(1))).toBe(true);
  expect(text.endsWith(line(lines - 1))).toBe(true);
  const [gap, ...more] = text.matchAll(/\n\[… (\d+) bytes left out …\]\n/g);
  expect(more).toEqual([]);
  expect(text.length - (gap?.[0].length ?? 0) + Number(gap?.[1])).toBe(lines * line(0).length);
  expect(readdirSync(join(folder, 'tasks'))).toEqual(['abc123.log']);
});

test('a writer who is faster than the disk has to wait, and then may go on', async () => {
  const log = makeLog();
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  const room = log.write(megabyte);
  expect(room).toBeInstanceOf(Promise);
  await room;
  expect(log.write(Buffer.from('end'))).toBeUndefined();
  await log.close();
  expect(content()).toMatch(/end$/);
});

test('a writer gets room also while another one goes on writing', async () => {
  const log = makeLog(100_000);
  await log.write(Buffer.alloc(2 * 1024 * 1024));
  const chatter = setInterval(() => log.write(Buffer.from('chatter\n')), 1);
  try {
    const room = log.write(Buffer.alloc(1024 * 1024));
    expect(room).toBeInstanceOf(Promise);
    await room;
  } finally {
    clearInterval(chatter);
  }
  await log.close();
});

test('a link that was laid in its place is not followed', async () => {
  const log = makeLog();
  await log.close();
  rmSync(path);
  writeFileSync(join(folder, 'precious'), 'as it was');
  symlinkSync(join(folder, 'precious'), path);
  const other = makeLog();
  await other.write(Buffer.from('overwritten'));
  await other.close();
  expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('as it was');
  expect(entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('a disk that refuses is told to the operator once, and never holds up the writer', async () => {
  writeFileSync(join(folder, 'tasks'), '');
  const log = makeLog();
  await log.write(Buffer.alloc(2 * 1024 * 1024));
  for (let n = 0; n < 10; n++) expect(log.write(Buffer.alloc(2 * 1024 * 1024))).toBeUndefined();
  await log.close();
  expect(entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
});
