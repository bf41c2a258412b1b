import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WorkDir } from '../../src/files/work-dir.ts';
import { childEnvironment } from '../../src/shell/environment.ts';
import { WholeOutputs } from '../../src/shell/whole-outputs.ts';
import { shellCommand } from '../../src/tools/shell-command.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger } = await recordingLogger();

let folder: string;
let data: string;
let wholeOutputs: WholeOutputs;
let effects: string[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'shell-command-')));
  data = await mkdtemp(join(tmpdir(), 'shell-command-data-'));
  wholeOutputs = new WholeOutputs({ folder: join(data, 'outputs'), logger });
  effects = [];
});
afterEach(async () => {
  await wholeOutputs.close();
  await rm(folder, { recursive: true });
  await rm(data, { recursive: true });
});

function shell(command: string, timeoutMs?: number) {
  const options = { workDir: new WorkDir(folder), environment: childEnvironment(process.env), wholeOutputs };
  return shellCommand({ ...options, ...(timeoutMs !== undefined && { timeoutMs }) }, command, {
    signal: new AbortController().signal,
    beforeEffect: async (summary) => void effects.push(summary),
  });
}

async function read(command: string): Promise<string> {
  return (await shell(command)).text;
}

describe('/shell', () => {
  test('runs what the user typed without a question, on record where it may change something', async () => {
    expect(await read('touch made')).toMatch(/^\(no output\)/);
    expect(await read('ls')).toMatch(/^```\nmade\n```/);
    expect(effects).toEqual(['run_shell: touch made']);
  });

  test('refuses what is refused in every mode', async () => {
    for (const command of ['touch made; reboot', 'rm -rf /', 'touch made; echo "']) {
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

  test('what takes too long is ended, and named for the background', async () => {
    const { text, tooSlow } = await shell('echo begun; sleep 100', 300);
    expect(text).toMatch(/^```\nbegun\n```\nEnded after \ds: it took too long\.$/);
    expect(tooSlow).toEqual({ command: 'echo begun; sleep 100', cwd: folder, readsOnly: true });
    expect((await shell('ls')).tooSlow).toBeUndefined();
  });
});
