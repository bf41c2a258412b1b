import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { SessionNode } from '../fakes/session-node.ts';

/** The id in "⏳ Task #k3f9x2 started. …". */
async function taskOf(node: SessionNode, forwardId: string): Promise<string> {
  const reply = await node.answerTo(forwardId);
  const [, id = ''] = /^⏳ Task #([0-9a-z]{6}) started\. I'll notify you when it's done\.$/.exec(reply) ?? [];
  expect(reply).toBe(turnTexts.taskStarted(id).en);
  return id;
}

const soon = { limits: { backgroundAfterMs: 30 } };

describe('a turn that takes long', () => {
  test('goes on in the background: its message is answered with the task, its result comes as a notice', async () => {
    await using node = await SessionNode.open(soon);
    const session = await node.session();
    await node.tell(session, 'm1', { text: 'refactor all of it\nand then the docs' });
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    const id = await taskOf(node, 'm1');
    expect(node.taskRoom.tasks.find('alice', id)).toMatchObject({
      state: 'running',
      description: 'app: refactor all of it',
      chatId: 'chat of alice',
    });
    agent.finish('All done.');
    const { task_id, user_id, chat_id, result } = await node.completion();
    expect({ task_id, user_id, chat_id }).toEqual({ task_id: id, user_id: 'alice', chat_id: 'chat of alice' });
    expect(result).toBe(`✅ Task #${id} done (0s)\napp: refactor all of it\n\nAll done.`);
    expect(node.answers).toHaveLength(1);
    expect(agent.interrupts).toBe(0);
  });

  test('is not shown live any more once its message is answered', async () => {
    await using node = await SessionNode.open(soon);
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    await taskOf(node, 'm1');
    const count = node.progress.length;
    agent.say('still at it');
    const before = performance.now();
    await waitFor(() => performance.now() - before > 500);
    expect(node.progress).toHaveLength(count);
  });

  test('holds up what waits behind it all the same', async () => {
    await using node = await SessionNode.open(soon);
    const session = await node.session();
    await node.tell(session, 'm1');
    await node.tell(session, 'm2');
    const agent = await node.runner.agent();
    await agent.got();
    await taskOf(node, 'm1');
    expect(agent.sent).toHaveLength(1);
    agent.begin();
    agent.finish('did m1');
    await node.completion();
    expect((await agent.got(2)).text).toBe('do m2');
  });

  test.each([
    [
      'fails',
      { failure: { code: 'failed', said: 'The API is down.' } } as const,
      '❌ Task #ID failed (The API is down.)',
    ],
    ['says nothing', {}, '✅ Task #ID done (0s)'],
  ])('and %s is told so in its notice', async (_, result, headline) => {
    await using node = await SessionNode.open(soon);
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    const id = await taskOf(node, 'm1');
    agent.finish('', result);
    expect((await node.completion()).result.split('\n')[0]).toBe(headline.replace('ID', id));
  });

  test('and is stopped by its user ends as cancelled, with what it said', async () => {
    await using node = await SessionNode.open(soon);
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    agent.say('half of it');
    const id = await taskOf(node, 'm1');
    await node.disk.store.write(() => node.taskRoom.runner.cancel('alice', id));
    const { result } = await node.completion();
    expect(result).toContain(`🚫 Task #${id} cancelled`);
    expect(result).toContain('half of it');
  });

  test('that ends in the last moment is answered, and is no task', async () => {
    await using node = await SessionNode.open({ limits: { backgroundAfterMs: 60 } });
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.serve('quick');
    expect(await node.answerTo('m1')).toBe('quick');
    await node.tell(session, 'm2');
    await agent.got(2);
    await taskOf(node, 'm2');
    expect(node.taskRoom.tasks.list('alice')).toHaveLength(1);
    expect(node.answers.filter(({ id }) => id === 'm1')).toHaveLength(1);
  });
});

describe('a session with a time-out of its own', () => {
  test('over 60 s works in the background at once', async () => {
    await using node = await SessionNode.open();
    const session = await node.session('app', { timeoutS: 120 });
    await node.tell(session, 'm1');
    const id = await taskOf(node, 'm1');
    await (await node.runner.agent()).serve('did m1');
    expect((await node.completion()).result).toContain(`✅ Task #${id} done`);
  });

  test('tells a tool call the task that was stored, also where the commit has to be done once more', async () => {
    await using node = await SessionNode.open();
    const session = await node.session('app', { timeoutS: 120 });
    const prompt = { userId: 'alice', chatId: 'chat of alice', text: 'build it' };
    const asking = node.room.desk.ask(session, prompt, new AbortController().signal);
    await node.disk.failOneWrite();
    const [task] = node.taskRoom.tasks.list('alice');
    expect(await asking).toEqual({ kind: 'background', taskId: task?.id });
  });

  test('that waits in the queue is a task already, and can be cancelled before it began', async () => {
    await using node = await SessionNode.open();
    const session = await node.session('app', { timeoutS: 120 });
    await node.tell(session, 'm1');
    await node.tell(session, 'm2');
    const agent = await node.runner.agent();
    await agent.got();
    const id = await taskOf(node, 'm2');
    await node.disk.store.write(() => node.taskRoom.runner.cancel('alice', id));
    expect((await node.completion()).result).toContain(`🚫 Task #${id} cancelled`);
    await agent.serve('did m1');
    await node.completion(2);
    expect(agent.sent).toHaveLength(1);
  });

  test('of 60 s or less is shown live, and ended by it', async () => {
    await using node = await SessionNode.open();
    const session = await node.session('app', { timeoutS: 0.05 });
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    expect(await node.answerTo('m1')).toBe(turnTexts.tooLong(50).en);
    expect(node.completions).toEqual([]);
  });
});

describe('a prompt that nobody typed', () => {
  test('of a job is answered with a message of its own', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const { store } = node.disk;
    const job = { id: 'job001', userId: 'alice', chatId: 'chat of alice', message: 'check the build', at: 0 };
    expect(await store.write(() => node.room.takeJob({ ...job, sessionId: session.id }))).toBe(true);
    const agent = await node.runner.agent();
    expect((await agent.serve('It is green.')).text).toBe('check the build');
    expect((await node.message('It is green.')).chat_id).toBe('chat of alice');
    expect(node.answers).toEqual([]);
    expect(await store.write(() => node.room.takeJob({ ...job, sessionId: 'gone00' }))).toBe(false);
    expect(await store.write(() => node.room.takeJob({ ...job, userId: 'bob', sessionId: session.id }))).toBe(false);
  });

  test('in the background is a task from the start, and refused with a sentence when there is no room', async () => {
    await using node = await SessionNode.open({ limits: { maxWaiting: 1 } });
    const session = await node.session();
    const prompt = { userId: 'alice', chatId: 'chat of alice', text: 'build it' };
    const id = await node.room.desk.background(session, prompt);
    const agent = await node.runner.agent();
    await agent.got();
    await node.room.desk.background(session, prompt);
    await expect(node.room.desk.background(session, prompt)).rejects.toMatchObject({
      name: 'AgentError',
      code: 'refused',
      message: turnTexts.queueFull('app', 1).en,
    });
    agent.begin();
    agent.finish('built');
    expect((await node.completion()).result).toContain(`✅ Task #${id} done`);
    expect(node.taskRoom.tasks.list('alice')).toHaveLength(2);
  });
});
