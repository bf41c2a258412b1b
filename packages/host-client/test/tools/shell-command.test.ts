import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inLanguage } from '@phonework/shared/language';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WorkDir } from '../../src/files/work-dir.ts';
import { childEnvironment } from '../../src/shell/environment.ts';
import { LastOutputs } from '../../src/shell/last-outputs.ts';
import { WholeOutputs } from '../../src/shell/whole-outputs.ts';
import type { ShellCommandOptions } from '../../src/tools/shell-command.ts';
import { shellCommand } from '../../src/tools/shell-command.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger } = await recordingLogger();

let folder: string;
let data: string;
let wholeOutputs: WholeOutputs;
let lastOutputs: LastOutputs;
let effects: string[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'shell-command-')));
  data = await mkdtemp(join(tmpdir(), 'shell-command-data-'));
  wholeOutputs = new WholeOutputs({ folder: join(data, 'outputs'), logger });
  lastOutputs = new LastOutputs({ folder: join(data, 'last-outputs'), logger });
  effects = [];
});
afterEach(async () => {
  await wholeOutputs.close();
  await rm(folder, { recursive: true });
  await rm(data, { recursive: true });
});

function shell(command: string, timeoutMs?: number, limits?: ShellCommandOptions['limits']) {
  const environment = childEnvironment(process.env);
  const options = { workDir: new WorkDir(folder), environment, wholeOutputs, lastOutputs };
  return shellCommand(
    { ...options, ...(timeoutMs !== undefined && { timeoutMs }), ...(limits && { limits }) },
    command,
    {
      turnId: 'turn',
      signal: new AbortController().signal,
      beforeEffect: async (summary) => void effects.push(summary),
    },
  );
}

async function read(command: string): Promise<string> {
  return inLanguage((await shell(command)).text, 'en');
}

describe('/shell', () => {
  test('runs what the user typed without a question, on record where it may change something', async () => {
    expect(await read('touch made')).toMatch(/^\(no output\)/);
    expect(await read('ls')).toMatch(/^```\nmade\n```/);
    expect(effects).toEqual(['run_shell: touch made']);
  });

  test('refuses what is refused in every mode', async () => {
    for (const command of ['touch made; reboot --help', 'rm --help -rf /', 'touch made; echo "']) {
      expect(await read(command)).toMatch(/^Blocked: /);
    }
    expect(await readdir(folder)).toEqual([]);
    expect(effects).toEqual([]);
  });

  test('backticks in the output do not end the block', async () => {
    expect(await read("echo '````'")).toMatch(/^`````\n````\n`````/);
  });

  test('errors, exit code and duration are added where they say something', async () => {
    expect(await read('true')).toMatch(/^\(no output\)(\ntook \ds)?$/);
    expect(await read('echo out; ls nowhere')).toMatch(
      /^```\nout\nls: .*nowhere.*\n```\nexit code [12]( · took \ds)?$/,
    );
    expect(await read('sleep 1.1; false')).toMatch(/^\(no output\)\nexit code 1 · took \ds$/);
  });

  test('long output is cut for a phone, with the size of what is left out', async () => {
    const text = await read('seq 100000');
    expect(text.length).toBeLessThan(9_000);
    expect(text).toMatch(/^```\n1\n2\n[\s\S]*\[… \d+ bytes left out …\][\s\S]*\n100000\n```/);
  });

  test('what was left out is in a file, with all the rest', async () => {
    const { text, wholeOutput = '' } = await shell('seq 100000; echo oops >&2');
    expect(inLanguage(text, 'en')).toMatch(/\n```\n… 567 KB left out( · took \ds)?$/);
    const lines = (await readFile(wholeOutput, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(100_001);
    expect(lines).toContain('oops');
  });

  test('what fits leaves no file', async () => {
    const { wholeOutput } = await shell('seq 1000; seq 1000 >&2');
    expect(wholeOutput).toBeUndefined();
    expect(await readdir(data)).toEqual([]);
    // Too much to wait in memory for what becomes of it.
    expect((await shell('seq 30000', undefined, { maxOutputBytes: 300_000 })).wholeOutput).toBeUndefined();
    expect(await readdir(join(data, 'outputs'))).toEqual([]);
  });

  test('what takes too long is ended, and named for the background', async () => {
    const { text, tooSlow } = await shell('echo begun; sleep 100', 300);
    expect(inLanguage(text, 'en')).toMatch(/^```\nbegun\n```\nEnded after \ds: it took too long\.$/);
    expect(tooSlow).toEqual({ command: 'echo begun; sleep 100', cwd: folder, readsOnly: true });
    expect((await shell('ls')).tooSlow).toBeUndefined();
  });
});
