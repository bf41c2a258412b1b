import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LastOutputs } from '../../src/shell/last-outputs.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger, entries } = await recordingLogger();

let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'last-outputs-'));
  folder = join(base, 'last-outputs');
  entries.length = 0;
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

function open(): LastOutputs {
  return new LastOutputs({ folder, logger });
}

test('what a command has said can be read while it runs, by a process that starts then', async () => {
  const running = open().begin('m1');
  running.write(Buffer.from('step 1\n'));
  await waitFor(async () => (await open().read('m1')) === 'step 1\n');
  running.write(Buffer.from('step 2\n'));
  await waitFor(async () => (await open().read('m1')) === 'step 1\nstep 2\n');
  await running.end();
});

test('what it said at its very end is there when it has ended', async () => {
  const outputs = open();
  const running = outputs.begin('m1');
  for (let line = 1; line <= 100; line += 1) running.write(Buffer.from(`line ${line}\n`));
  await running.end();
  expect(await outputs.read('m1')).toMatch(/^line 1\n[\s\S]*\nline 100\n$/);
  expect(await readdir(folder)).toHaveLength(1);
});

test('of much, only the beginning and the end are kept, in a file for us alone', async () => {
  const outputs = open();
  const running = outputs.begin('m1');
  running.write(Buffer.from('first\n'));
  for (let line = 0; line < 1000; line += 1) running.write(Buffer.from(`${'x'.repeat(1000)}\n`));
  running.write(Buffer.from('last\n'));
  await running.end();
  const text = await outputs.read('m1');
  expect(text).toMatch(/^first\n[\s\S]*bytes left out[\s\S]*\nlast\n$/);
  const [name = ''] = await readdir(folder);
  const { mode, size } = await stat(join(folder, name));
  expect(size).toBeLessThan(10_000);
  expect((mode & 0o777).toString(8)).toBe('600');
});

test('a command that says nothing leaves no file, and nothing is read of it', async () => {
  const outputs = open();
  await outputs.begin('m1').end();
  expect(await outputs.read('m1')).toBe('');
  expect(await readdir(base)).toEqual([]);
  expect(entries).toEqual([]);
});

test('ids of any kind are names of their own', async () => {
  const outputs = open();
  const ids = ['../escape', 'a/b', '', '.', 'x'.repeat(5000), '重试'];
  for (const id of ids) {
    const running = outputs.begin(id);
    running.write(Buffer.from(`of ${id}`));
    await running.end();
  }
  for (const id of ids) expect(await outputs.read(id)).toBe(`of ${id}`);
  expect(await readdir(base)).toEqual(['last-outputs']);
});

test('what is forgotten is gone, whichever process has written it', async () => {
  const running = open().begin('m1');
  running.write(Buffer.from('said'));
  await running.end();
  const next = open();
  await next.read('m1');
  await next.forget('m1');
  await next.forget('m1');
  expect(await readdir(folder)).toEqual([]);
});

test('a start removes what belongs to no open turn, and nothing of others', async () => {
  const earlier = open();
  for (const id of ['open', 'settled']) {
    const running = earlier.begin(id);
    running.write(Buffer.from(id));
    await running.end();
  }
  await writeFile(join(folder, 'notes.txt'), 'not ours');
  const outputs = open();
  const running = outputs.begin('new');
  running.write(Buffer.from('new'));
  await running.end();
  await outputs.sweep(['open']);
  expect(await outputs.read('open')).toBe('open');
  expect(await outputs.read('new')).toBe('new');
  expect(await outputs.read('settled')).toBe('');
  expect(await readdir(folder)).toContain('notes.txt');
});

test('a folder that can not be written costs a warning, and not the command', async () => {
  await mkdir(base, { recursive: true });
  await writeFile(folder, 'a file in its place');
  const running = open().begin('m1');
  running.write(Buffer.from('said'));
  await running.end();
  expect(entries).toMatchObject([{ level: 'warn' }]);
});
