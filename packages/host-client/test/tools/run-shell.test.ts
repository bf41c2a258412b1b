import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FileRoots } from '../../src/files/file-roots.ts';
import { WorkDir } from '../../src/files/work-dir.ts';
import { childEnvironment } from '../../src/shell/environment.ts';
import { LastOutputs } from '../../src/shell/last-outputs.ts';
import { WholeOutputs } from '../../src/shell/whole-outputs.ts';
import { createTaint } from '../../src/taint.ts';
import type { RunShellOptions } from '../../src/tools/run-shell.ts';
import { runShellTool } from '../../src/tools/run-shell.ts';
import type { TurnContext } from '../../src/turn-context.ts';
import { nobodyToAsk } from '../fakes/nobody-to-ask.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger } = await recordingLogger();

let folder: string;
let data: string;
let wholeOutputs: WholeOutputs;
let lastOutputs: LastOutputs;
let effects: string[];
let context: TurnContext;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'run-shell-tool-')));
  await mkdir(join(folder, 'app'));
  data = await realpath(await mkdtemp(join(tmpdir(), 'run-shell-data-')));
  wholeOutputs = new WholeOutputs({ folder: join(data, 'outputs'), logger });
  lastOutputs = new LastOutputs({ folder: join(data, 'last-outputs'), logger });
  effects = [];
  context = {
    userId: 'alice',
    chatId: 'chat',
    turnId: 'turn',
    signal: new AbortController().signal,
    taint: createTaint(),
    // Also notes what was there at the time: a command must not have begun.
    beforeEffect: async (summary) => void effects.push(`${summary} | ${(await readdir(folder)).join(',')}`),
  };
});
afterEach(async () => {
  await wholeOutputs.close();
  await rm(folder, { recursive: true });
  await rm(data, { recursive: true });
});

function options(policy: RunShellOptions['policy']): RunShellOptions {
  const environment = childEnvironment(process.env);
  return { ...nobodyToAsk, policy, workDir: new WorkDir(folder), environment, wholeOutputs, lastOutputs };
}

async function call(policy: RunShellOptions['policy'], args: Readonly<Record<string, unknown>>): Promise<unknown> {
  return JSON.parse(await runShellTool(options(policy)).call(JSON.stringify(args), context));
}

describe('run_shell', () => {
  test('a command that only reads runs at once, in every mode', async () => {
    for (const policy of ['read-only', 'ask', 'auto'] as const) {
      expect(await call(policy, { command: 'ls; pwd' })).toMatchObject({
        stdout: `app\n${folder}\n`,
        stderr: '',
        exit_code: 0,
      });
    }
    expect(effects).toEqual([]);
  });

  test('a command with effects runs with policy auto, after it was put on record', async () => {
    expect(await call('auto', { command: 'touch made;\n echo ok' })).toMatchObject({ stdout: 'ok\n', exit_code: 0 });
    expect(effects).toEqual(['run_shell: touch made; echo ok | app']);
    expect(await readdir(folder)).toContain('made');
  });

  test('what came of it is told in a few words, whatever it says itself', async () => {
    const tool = runShellTool(options('auto'));
    const outcomeOf = async (command: string) =>
      tool.toOutcome?.(await tool.call(JSON.stringify({ command }), context));
    expect(await outcomeOf(`echo '"exit_code":7'; false`)).toBe('exit code 1');
    expect(await outcomeOf('kill -9 $$')).toBe('ended by a signal');
    expect(tool.toOutcome?.('This machine has no such folder.')).toBeUndefined();
  });

  test('a long command is put on record in one short line', async () => {
    await call('auto', { command: `touch ${'x'.repeat(150)}\n${'true\n'.repeat(100)}` });
    expect(effects[0]?.length).toBeLessThan(250);
    expect(effects[0]).not.toContain('\n');
  });

  test('it is blocked with policy read-only, and nothing happens', async () => {
    await expect(call('read-only', { command: 'touch made' })).rejects.toMatchObject({
      name: 'ToolError',
      message: expect.stringMatching(/^Blocked: .*changes files: touch.*"read-only".*SHELL_POLICY: ask or auto/),
    });
    expect(await readdir(folder)).toEqual(['app']);
    expect(effects).toEqual([]);
  });

  test('destruction is blocked in every mode, and so is what cannot be checked', async () => {
    for (const policy of ['read-only', 'ask', 'auto'] as const) {
      await expect(call(policy, { command: 'touch made; sudo rm --help -rf /*' })).rejects.toThrow(
        /^Blocked: .*deletes the whole disk/,
      );
      await expect(call(policy, { command: 'touch made; echo "' })).rejects.toThrow(/^Blocked: .*cannot be checked/);
    }
    expect(await readdir(folder)).toEqual(['app']);
    expect(effects).toEqual([]);
  });

  test('when the record cannot be written, nothing runs', async () => {
    const failing = { ...context, beforeEffect: () => Promise.reject(new Error('disk full')) };
    const tool = runShellTool(options('auto'));
    await expect(tool.call(JSON.stringify({ command: 'touch made' }), failing)).rejects.toThrow('disk full');
    expect(await readdir(folder)).toEqual(['app']);
  });

  test('it runs in a folder inside the working folder, and nowhere else', async () => {
    expect(await call('ask', { command: 'pwd', cwd: 'app' })).toMatchObject({ stdout: `${folder}/app\n` });
    for (const policy of ['read-only', 'ask', 'auto'] as const) {
      await expect(call(policy, { command: 'pwd', cwd: '..' })).rejects.toMatchObject({
        name: 'ToolError',
        message: expect.stringContaining('outside the working folder'),
      });
    }
  });

  test('a time-out ends it and is said, with what the model can offer instead', async () => {
    expect(await call('ask', { command: 'echo begun; sleep 100', timeout: 1 })).toMatchObject({
      stdout: 'begun\n',
      exit_code: null,
      time: expect.stringMatching(/^\ds$/),
      timed_out: true,
      note: expect.stringMatching(/too long.*run_background/),
    });
  });

  test('wrong arguments are told to the model', async () => {
    await expect(call('ask', { command: 'ls', timeout: 121 })).rejects.toThrow(/timeout: at most 120 seconds/);
    await expect(call('ask', { command: '' })).rejects.toThrow(/command/);
    await expect(call('ask', {})).rejects.toThrow(/command/);
  });

  test('a background process is reported as ended', async () => {
    expect(await call('auto', { command: 'sleep 1000 & echo ok' })).toMatchObject({
      stdout: 'ok\n',
      note: expect.stringContaining('background'),
    });
  });

  test('a reading git runs no program that the repository names', async () => {
    const setUp =
      'git init -q . && echo "touch hit" > evil.sh && chmod +x evil.sh && git config core.fsmonitor ./evil.sh';
    expect(await call('auto', { command: setUp })).toMatchObject({ exit_code: 0 });
    expect(await call('ask', { command: 'git status --short' })).toMatchObject({ exit_code: 0 });
    expect(await readdir(folder)).not.toContain('hit');
  });

  test('what the model does not get to see is in a file that file_ops reaches', async () => {
    const roots = new FileRoots({ workingDir: folder, dataDir: data, home: folder });
    // The second fits into what is kept, and not into what a model is shown.
    for (const count of [100_000, 5_000]) {
      const result = await call('ask', { command: `seq ${count}` });
      expect(result).toMatchObject({ note: expect.stringContaining('file_ops') });
      const { whole_output: name } = z.object({ whole_output: z.string() }).parse(result);
      expect(name).toMatch(/^outputs\/\w{6}\.txt$/);
      await using file = await roots.openFile(name);
      expect((await text(file.stream())).split('\n')).toHaveLength(count + 1);
    }
  });

  test('what a command with effects has said can be read while it runs, and after a process that died with it', async () => {
    const stop = new AbortController();
    context = { ...context, signal: stop.signal };
    const running = call('auto', { command: 'echo begun; touch made; sleep 30' });
    const after = new LastOutputs({ folder: join(data, 'last-outputs'), logger });
    await waitFor(async () => (await after.read('turn')) === 'begun\n');
    stop.abort();
    await running;
  });

  test('what it sees whole leaves no file, and neither does what does not start', async () => {
    expect(await call('ask', { command: 'seq 2000' })).not.toHaveProperty('whole_output');
    await expect(call('ask', { command: 'ls', cwd: 'nowhere' })).rejects.toThrow();
    expect(await readdir(data)).toEqual([]);
  });
});
