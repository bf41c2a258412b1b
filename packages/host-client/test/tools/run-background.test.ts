import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WorkDir } from '../../src/files/work-dir.ts';
import { createTaint } from '../../src/taint.ts';
import type { BackgroundPrompt, RunBackgroundOptions } from '../../src/tools/run-background.ts';
import { runBackgroundTool } from '../../src/tools/run-background.ts';
import { taskStatusTool } from '../../src/tools/task-status.ts';
import { ToolError } from '../../src/tools/tool.ts';
import type { TurnContext } from '../../src/turn-context.ts';
import { nobodyToAsk } from '../fakes/nobody-to-ask.ts';
import { TaskHouse } from '../fakes/task-house.ts';

type Call = {
  readonly args: unknown;
  readonly options?: Partial<RunBackgroundOptions>;
  readonly context?: Partial<TurnContext>;
};

async function call(
  house: TaskHouse,
  { args, options = {}, context = {} }: Call,
): Promise<{ task_id: string; message: string }> {
  const tool = runBackgroundTool({
    shell: { ...nobodyToAsk, workDir: new WorkDir(house.folder), policy: 'auto' },
    submit: (task) => house.runner.submit(task),
    ...options,
  });
  return JSON.parse(await tool.call(JSON.stringify(args), turn(context)));
}

function turn(context: Partial<TurnContext> = {}): TurnContext {
  const signal = new AbortController().signal;
  const who = { userId: 'alice', chatId: 'chat', turnId: 'turn' };
  return { ...who, signal, beforeEffect: async () => {}, taint: createTaint(), ...context };
}

async function status(house: TaskHouse, taskId: string, userId = 'alice'): Promise<unknown> {
  const tool = taskStatusTool({
    find: (user, id) => house.tasks.find(user, id),
    output: (user, id) => house.runner.output(user, id),
  });
  return JSON.parse(await tool.call(JSON.stringify({ task_id: taskId }), turn({ userId })));
}

describe('run_background', () => {
  test('starts a command and says so at once; its end comes by itself', async () => {
    await using house = new TaskHouse();
    const args = { command: 'until [ -e go ]; do sleep 0.02; done; echo built', description: 'build the app' };
    const { task_id: id, message } = await call(house, { args });
    expect(message).toBe(`⏳ Task #${id} started. I'll notify you when it's done.`);
    expect(house.told).toEqual([]);
    writeFileSync(join(house.folder, 'go'), '');
    expect(await house.noticeOf(id)).toMatch(/^✅ .*\nbuild the app\n\n```\nbuilt\n```$/);
    expect(house.told).toMatchObject([{ task_id: id, user_id: 'alice', chat_id: 'chat' }]);
  });

  test('puts also a command that only reads on the turn’s record first, and starts nothing without it', async () => {
    await using house = new TaskHouse();
    const args = { command: 'ls', description: 'look' };
    const effects: string[] = [];
    const beforeEffect = async (summary: string) =>
      void effects.push(`${summary} | ${house.tasks.list('alice').length}`);
    await call(house, { args, context: { beforeEffect } });
    expect(effects).toEqual(['run_background: ls | 0']);
    const failing = { beforeEffect: () => Promise.reject(new Error('disk full')) };
    await expect(call(house, { args, context: failing })).rejects.toThrow('disk full');
    expect(house.tasks.list('alice')).toHaveLength(1);
  });

  test('judges the command as run_shell does', async () => {
    await using house = new TaskHouse();
    const blocked = (command: string, policy: 'read-only' | 'auto') =>
      call(house, {
        args: { command, description: 'x' },
        options: { shell: { ...nobodyToAsk, workDir: new WorkDir(house.folder), policy } },
      });
    await expect(blocked('touch made', 'read-only')).rejects.toThrow(/^Blocked: .*SHELL_POLICY/);
    await expect(blocked('sleep 1; rm --help -rf /', 'auto')).rejects.toThrow(/^Blocked: .*deletes the whole disk/);
    expect(house.tasks.list('alice')).toEqual([]);
    await expect(blocked('pwd', 'read-only')).resolves.toMatchObject({ task_id: expect.any(String) });
    expect(readdirSync(house.folder)).not.toContain('made');
  });

  test('runs in a folder inside the working folder only', async () => {
    await using house = new TaskHouse();
    const args = { command: 'pwd', cwd: '..', description: 'x' };
    await expect(call(house, { args })).rejects.toMatchObject({ name: 'ToolError' });
    const { task_id: id } = await call(house, { args: { ...args, cwd: '.' } });
    expect(await house.noticeOf(id)).toContain(house.folder);
  });

  test('tells the model when too many wait', async () => {
    await using house = new TaskHouse({ maxRunning: 1, maxQueued: 1 });
    const args = { command: 'sleep 100', description: 'x' };
    await call(house, { args });
    await call(house, { args });
    await expect(call(house, { args })).rejects.toMatchObject({
      name: 'ToolError',
      message: expect.stringContaining('/tasks'),
    });
  });

  test('hands a prompt to a session', async () => {
    await using house = new TaskHouse();
    const sent: BackgroundPrompt[] = [];
    const sendToSession = async (prompt: BackgroundPrompt) => {
      sent.push(prompt);
      return 'abc123';
    };
    const args = { conv_id: 's1', prompt: 'fix it', description: 'the fix' };
    const answer = await call(house, { args, options: { sendToSession } });
    expect(answer).toMatchObject({ task_id: 'abc123', message: expect.stringContaining('⏳ Task #abc123 started.') });
    expect(sent).toEqual([
      { userId: 'alice', chatId: 'chat', idOrName: 's1', prompt: 'fix it', description: 'the fix' },
    ]);
    await expect(call(house, { args })).rejects.toThrow(/no sessions/);
  });

  test.each([
    [{ description: 'x' }],
    [{ command: 'ls', conv_id: 's1', prompt: 'y', description: 'x' }],
    [{ conv_id: 's1', description: 'x' }],
    [{ command: 'ls' }],
  ])('refuses %o, which is neither of the two', async (args) => {
    await using house = new TaskHouse();
    const sendToSession = async () => 'abc123';
    await expect(call(house, { args, options: { sendToSession } })).rejects.toBeInstanceOf(ToolError);
    expect(house.tasks.list('alice')).toEqual([]);
  });
});

describe('task_status', () => {
  test('tells the state and the output so far', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo begun; until [ -e go ]; do sleep 0.02; done; exit 2', { description: 'wait' });
    await expect
      .poll(() => status(house, `#${id.toUpperCase()}`))
      .toEqual({
        task_id: id,
        description: 'wait',
        state: 'running',
        time: '0s',
        output: 'begun\n',
      });
    writeFileSync(join(house.folder, 'go'), '');
    await house.noticeOf(id);
    expect(await status(house, id)).toMatchObject({ state: 'failed', reason: 'exit code 2', output: 'begun\n' });
  });

  test('knows only the user’s own tasks', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('true', { userId: 'bob' });
    await expect(status(house, id)).rejects.toMatchObject({ name: 'ToolError', message: expect.stringContaining(id) });
    await expect(status(house, id, 'bob')).resolves.toMatchObject({ task_id: id });
  });

  test('cuts the middle out of a long output', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('seq 100000');
    await house.noticeOf(id);
    const { output } = (await status(house, id)) as { output: string };
    expect(output).toMatch(/^1\n2\n[\s\S]*characters left out[\s\S]*\n100000\n$/);
    expect(output.length).toBeLessThan(8_100);
  });
});
