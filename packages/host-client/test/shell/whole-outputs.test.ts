import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { childEnvironment } from '../../src/shell/environment.ts';
import { runShell } from '../../src/shell/run.ts';
import type { KeptOutput, RunningOutput, WholeOutputsOptions } from '../../src/shell/whole-outputs.ts';
import { WholeOutputs } from '../../src/shell/whole-outputs.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger, entries } = await recordingLogger();

let base: string;
let folder: string;
let opened: WholeOutputs[];
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'whole-outputs-'));
  folder = join(base, 'outputs');
  opened = [];
  entries.length = 0;
});
afterEach(async () => {
  for (const outputs of opened) await outputs.close();
  await rm(base, { recursive: true });
});

function open(options: Partial<WholeOutputsOptions> = {}): WholeOutputs {
  const outputs = new WholeOutputs({ folder, logger, ...options });
  opened.push(outputs);
  return outputs;
}

async function run(command: string, output: RunningOutput) {
  return await runShell({
    command,
    cwd: base,
    env: childEnvironment(process.env),
    timeoutMs: 20_000,
    maxOutputBytes: 1_000,
    onOutput: (chunk) => output.write(chunk),
    signal: new AbortController().signal,
  });
}

async function keep(output: RunningOutput): Promise<KeptOutput> {
  const kept = await output.keep();
  if (kept === undefined) throw new Error('it was not kept');
  return kept;
}

async function keepText(outputs: WholeOutputs, text: string): Promise<KeptOutput> {
  const output = outputs.begin();
  await output.write(Buffer.from(text));
  return await keep(output);
}

async function age(path: string, hours: number): Promise<void> {
  const at = new Date(Date.now() - hours * 3600 * 1000);
  await utimes(path, at, at);
}

describe('the whole output of a command', () => {
  test('is kept byte for byte, errors in their place, for our eyes only', async () => {
    const output = open().begin();
    await run(`seq 20000; sleep 0.2; echo oops >&2; sleep 0.2; printf 'end \\377'`, output);
    const { path, name, missingBytes } = await keep(output);
    const numbers = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
    const expected = Buffer.concat([Buffer.from(`${numbers}oops\nend `), Buffer.from([0xff])]);
    expect((await readFile(path)).equals(expected)).toBe(true);
    expect(missingBytes).toBe(0);
    expect(name).toMatch(/^outputs\/[0-9a-z]{6}\.txt$/);
    expect(path).toBe(join(base, name));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual([name.slice('outputs/'.length)]);
  });

  test('leaves nothing behind when it is discarded, short or long', async () => {
    const outputs = open();
    for (const command of ['echo short', 'seq 200000']) {
      const output = outputs.begin();
      await run(command, output);
      await output.discard();
      await output.discard();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test('that was kept is not discarded', async () => {
    const output = open().begin();
    await output.write(Buffer.from('said'));
    const { path } = await keep(output);
    await output.discard();
    expect(await readFile(path, 'utf8')).toBe('said');
  });

  test('has its beginning, its end and the size of the gap when it is larger than a file may get', async () => {
    const outputs = open({ maxBytes: 100_000 });
    for (const length of [99_000, 99_936, 99_937, 100_000, 150_000, 1_234_567]) {
      const whole = Buffer.from(Array.from({ length: Math.ceil(length / 8) }, (_, at) => `${at}`.padStart(8)).join(''));
      const said = whole.subarray(0, length);
      const output = outputs.begin();
      for (let at = 0; at < length; at += 7_001) await output.write(said.subarray(at, at + 7_001));
      const { path, missingBytes } = await keep(output);
      const kept = await readFile(path);
      expect(missingBytes).toBe(Math.max(0, length - 99_936));
      expect(kept.length).toBeLessThanOrEqual(100_000);
      const gap = `\n[… ${missingBytes} bytes left out …]\n`;
      const expected =
        missingBytes === 0
          ? said
          : Buffer.concat([said.subarray(0, 50_000), Buffer.from(gap), said.subarray(length - 49_936)]);
      expect(kept.equals(expected)).toBe(true);
    }
  });

  test('of 300 MB is bounded on disk and in memory', async () => {
    const output = open().begin();
    const before = process.memoryUsage.rss();
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
    const result = await run('yes 0123456789 | head -c 300000000; echo; echo the end', output);
    clearInterval(watching);
    const { path, missingBytes } = await keep(output);
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    const { size } = await stat(path);
    expect(size).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(size + missingBytes).toBeGreaterThan(300_000_000);
    expect((await readFile(path, 'utf8')).endsWith('\nthe end\n')).toBe(true);
    expect(most - before).toBeLessThan(100 * 1024 * 1024);
  });

  test('that cannot be written stops neither the command nor its answer', async () => {
    await writeFile(folder, 'in the way');
    const output = open().begin();
    const result = await run('seq 1000000; echo done', output);
    expect(result.stdout.endsWith('\ndone\n')).toBe(true);
    expect(await output.keep()).toBeUndefined();
    await output.discard();
    expect(entries.map(({ text }) => text.split(' {')[0])).toContain('the output of a command could not be kept');
  });
});

describe('of the files with outputs', () => {
  test('only the newest stay', async () => {
    const outputs = open({ maxFiles: 3 });
    const names: string[] = [];
    for (const [at, text] of ['one', 'two', 'three', 'four', 'five'].entries()) {
      const { name, path } = await keepText(outputs, text);
      await age(path, 5 - at);
      names.push(name.slice('outputs/'.length));
    }
    await outputs.sweep();
    expect((await readdir(folder)).sort()).toEqual(names.slice(2).sort());
  });

  test('those of yesterday are removed at the start, with what a killed process left half written', async () => {
    const earlier = open();
    const [old, young] = [await keepText(earlier, 'old'), await keepText(earlier, 'young')];
    await age(old.path, 25);
    await age(young.path, 23);
    await writeFile(join(folder, 'k3f9x2.txt.part'), 'half');
    await writeFile(join(folder, 'notes.md'), "not one of ours, so it isn't touched");
    open().start();
    await waitFor(async () => (await readdir(folder)).length === 2, { what: 'the sweep' });
    expect((await readdir(folder)).sort()).toEqual(['notes.md', young.name.slice('outputs/'.length)].sort());
  });

  test('one that is being written is not removed', async () => {
    const outputs = open();
    const output = outputs.begin();
    await output.write(Buffer.alloc(100_000, 'a'));
    await waitFor(async () => (await readdir(folder).catch(() => [])).length === 1, { what: 'the file' });
    await outputs.sweep();
    await output.write(Buffer.from('b'));
    expect((await readFile((await keep(output)).path, 'utf8')).endsWith('aab')).toBe(true);
  });
});
