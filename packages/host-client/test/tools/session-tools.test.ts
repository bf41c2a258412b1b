import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { WorkDir } from '../../src/files/work-dir.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { createTaint } from '../../src/taint.ts';
import { closeSessionTool } from '../../src/tools/close-session.ts';
import { createSessionTool } from '../../src/tools/create-session.ts';
import { listSessionsTool } from '../../src/tools/list-sessions.ts';
import { sendToSessionTool } from '../../src/tools/send-to-session.ts';
import { sessionToolTexts as texts } from '../../src/tools/session-tool-texts.ts';
import type { TurnContext } from '../../src/turn-context.ts';
import { mayRun } from '../fakes/fake-agent.ts';
import { SessionNode } from '../fakes/session-node.ts';

const tools = { create: createSessionTool, send: sendToSessionTool, list: listSessionsTool, close: closeSessionTool };

/** Calls a tool as the mailboy does in a turn of Alice's. */
async function call(
  node: SessionNode,
  name: keyof typeof tools,
  args: unknown = {},
  context: Partial<TurnContext> = {},
): Promise<string> {
  const { manager, desk } = node.room;
  const tool = tools[name]({ store: node.disk.store, manager, desk, workDir: new WorkDir(node.workingDir) });
  const signal = new AbortController().signal;
  const turn = { userId: 'alice', chatId: 'chat of alice', turnId: 'turn', signal, beforeEffect: async () => {} };
  const taint = createTaint();
  return await tool.call(JSON.stringify(args), { ...turn, taint, ...context });
}

describe('create_session', () => {
  test('opens a session in a folder, which is made, and makes it the active one', async () => {
    await using node = await SessionNode.open();
    const created = JSON.parse(await call(node, 'create', { working_dir: 'apps/todo' }));
    const session = node.room.manager.active('alice');
    expect(created).toEqual({ conv_id: session?.id, name: 'todo', working_dir: join(node.workingDir, 'apps/todo') });
    expect(existsSync(join(node.workingDir, 'apps/todo'))).toBe(true);
    expect(node.runner.asked).toEqual([]);
  });

  test('gives it its first prompt, and the model gets the answer', async () => {
    await using node = await SessionNode.open();
    const creating = call(node, 'create', { name: 'Todo', working_dir: 'todo', prompt: 'fix it', cc_timeout: 45 });
    expect((await (await node.runner.agent()).serve('Fixed.')).text).toBe('fix it');
    expect(JSON.parse(await creating)).toMatchObject({ name: 'Todo', reply: 'Fixed.' });
    expect(node.room.manager.active('alice')?.timeoutS).toBe(45);
    expect(node.frames).toEqual([]);
  });

  test('says that the session is there when its first prompt failed', async () => {
    await using node = await SessionNode.open();
    const creating = call(node, 'create', { working_dir: 'todo', prompt: 'fix it' });
    const agent = await node.runner.agent();
    await agent.got();
    agent.die('no memory');
    await expect(creating).rejects.toThrow(texts.failedStart('todo', turnTexts.died('no memory').en));
    expect(node.room.manager.list('alice')).toHaveLength(1);
  });

  test('puts what it is about to do on the turn’s record first, and does nothing without it', async () => {
    await using node = await SessionNode.open();
    const effects: string[] = [];
    const beforeEffect = async (summary: string) =>
      void effects.push(`${summary} | ${node.room.manager.list('alice').length} | ${node.runner.asked.length}`);
    const creating = call(node, 'create', { working_dir: 'todo', prompt: 'fix it' }, { beforeEffect });
    await (await node.runner.agent()).serve('Fixed.');
    await creating;
    expect(effects).toEqual(['create_session: todo | 0 | 0', 'create_session todo: fix it | 1 | 0']);
    const failing = { beforeEffect: () => Promise.reject(new Error('disk full')) };
    await expect(call(node, 'create', { working_dir: 'other' }, failing)).rejects.toThrow('disk full');
    expect(existsSync(join(node.workingDir, 'other'))).toBe(false);
  });

  test('refuses a folder outside with a sentence for the model', async () => {
    await using node = await SessionNode.open();
    await expect(call(node, 'create', { working_dir: '../elsewhere' })).rejects.toMatchObject({
      name: 'ToolError',
      message: expect.stringContaining('outside the working folder'),
    });
  });
});

describe('send_to_session', () => {
  test('sends a prompt to the session of this id or name, and resolves with the answer', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    for (const [index, idOrName] of [session.id, 'APP'].entries()) {
      const sending = call(node, 'send', { conv_id: idOrName, prompt: `prompt ${index}` });
      await (await node.runner.agent()).serve(`answer ${index}`, index + 1);
      expect(await sending).toBe(`answer ${index}`);
    }
    expect(node.frames).toEqual([]);
  });

  test('waits its turn behind the messages of the user', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    const sending = call(node, 'send', { conv_id: 'app', prompt: 'by the mailboy' });
    await waitFor(() => node.room.turns.list(session.id, 'waiting').length === 1);
    await agent.serve('did m1');
    await agent.serve('did it', 2);
    expect(await sending).toBe('did it');
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('that takes long resolves with the task that it became; its end is told to the user', async () => {
    await using node = await SessionNode.open({ limits: { backgroundAfterMs: 30 } });
    await node.session();
    const sending = call(node, 'send', { conv_id: 'app', prompt: 'all of it' });
    const agent = await node.runner.agent();
    await agent.got();
    const [, id = ''] = /#(\w{6})/.exec(await sending) ?? [];
    expect(await sending).toBe(texts.background(id));
    agent.begin();
    agent.finish('All done.');
    expect((await node.completion()).result).toContain('All done.');
  });

  test('to a session with a long time-out resolves with the task at once', async () => {
    await using node = await SessionNode.open();
    await node.session('app', { timeoutS: 120 });
    expect(await call(node, 'send', { conv_id: 'app', prompt: 'x' })).toMatch(/^⏳ Task #\w{6} started/);
  });

  test('ends its turn when the turn of the mailboy is stopped; also one that has not begun', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const stopping = new AbortController();
    const context = { signal: stopping.signal };
    const running = call(node, 'send', { conv_id: 'app', prompt: 'one' }, context);
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    const waiting = call(node, 'send', { conv_id: 'app', prompt: 'two' }, context);
    await waitFor(() => node.room.turns.list(session.id, 'waiting').length === 1);
    stopping.abort();
    expect(await running).toBe(turnTexts.stopped.en);
    await expect(waiting).rejects.toThrow(turnTexts.notRun.en);
    expect(agent.interrupts).toBe(1);
    expect(agent.sent).toHaveLength(1);
  });

  test('that fails is told to the model in a sentence', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.owners.set(session.conversationId, 4711);
    await expect(call(node, 'send', { conv_id: 'app', prompt: 'x' })).rejects.toMatchObject({
      name: 'ToolError',
      message: turnTexts.ownedElsewhere('app', 4711).en,
    });
  });

  test('is refused when too many wait already', async () => {
    await using node = await SessionNode.open({ limits: { maxWaiting: 0 } });
    await node.session();
    await expect(call(node, 'send', { conv_id: 'app', prompt: 'x' })).rejects.toThrow(turnTexts.queueFull('app', 0).en);
  });

  test('reaches no session of another user, and names those that there are', async () => {
    await using node = await SessionNode.open();
    const others = await node.session('secret', { userId: 'bob' });
    await expect(call(node, 'send', { conv_id: others.id, prompt: 'x' })).rejects.toThrow(texts.unknown(others.id, []));
    const mine = await node.session();
    await expect(call(node, 'send', { conv_id: 'secret', prompt: 'x' })).rejects.toThrow(
      texts.unknown('secret', [`${mine.id} (app)`]),
    );
    expect(node.runner.asked).toEqual([]);
  });

  test('asks the user, not the model, for permissions', async () => {
    await using node = await SessionNode.open();
    await node.session();
    const sending = call(node, 'send', { conv_id: 'app', prompt: 'test it' });
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    agent.ask('r1', mayRun());
    await node.press(await node.message('npm test'), 'Allow once');
    await waitFor(() => agent.answered.length === 1);
    agent.finish('Green.');
    expect(await sending).toBe('Green.');
  });
});

describe('list_sessions', () => {
  test("tells the user's sessions and what each is doing, and nothing of others", async () => {
    await using node = await SessionNode.open();
    expect(await call(node, 'list')).toBe(texts.none);
    const web = await node.session('web');
    const app = await node.session('app');
    await node.session('secret', { userId: 'bob' });
    await node.tell(web, 'm1');
    await (await node.runner.agent()).got();
    await node.tell(web, 'm2');
    const listed = JSON.parse(await call(node, 'list'));
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual({
      conv_id: web.id,
      name: 'web',
      active: false,
      working_dir: web.cwd,
      mode: 'default',
      state: 'working',
      doing: expect.stringMatching(/^thinking/),
      waiting: 1,
      last_used: expect.stringMatching(/^\d{4}-/),
    });
    expect(listed).toContainEqual(
      expect.objectContaining({ conv_id: app.id, active: true, state: 'idle', waiting: 0 }),
    );
  });
});

describe('close_session', () => {
  test('ends the process, and takes the session off the list', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.serve('did m1');
    await node.answer('m1');
    const effects: string[] = [];
    const beforeEffect = async (summary: string) => void effects.push(`${summary} | ${agent.endings.length}`);
    expect(await call(node, 'close', { conv_id: 'app' }, { beforeEffect })).toBe(texts.closed('app'));
    expect(effects).toEqual(['close_session: app | 0']);
    expect(agent.endings).toHaveLength(1);
    expect(await call(node, 'list')).toBe(texts.none);
  });

  test('closes no session of another user', async () => {
    await using node = await SessionNode.open();
    const others = await node.session('secret', { userId: 'bob' });
    await expect(call(node, 'close', { conv_id: others.id })).rejects.toThrow(texts.unknown(others.id, []));
    expect(node.room.manager.list('bob')).toHaveLength(1);
  });
});
