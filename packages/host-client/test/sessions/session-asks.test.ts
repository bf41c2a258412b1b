import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { AgentAsk } from '../../src/sessions/agent-runner.ts';
import { outcomeTexts } from '../../src/sessions/outcome-texts.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import type { FakeAgent } from '../fakes/fake-agent.ts';
import { mayRun } from '../fakes/fake-agent.ts';
import { labels, SessionNode } from '../fakes/session-node.ts';

const twoQuestions: AgentAsk = {
  kind: 'questions',
  questions: [
    {
      question: 'Which database?',
      header: 'Database',
      options: [
        { label: 'SQLite', description: 'a file' },
        { label: 'Postgres', description: 'a server' },
      ],
      multiple: false,
    },
    {
      question: 'Which tests?',
      header: 'Tests',
      options: [
        { label: 'Unit', description: 'fast' },
        { label: 'Whole', description: 'slow' },
      ],
      multiple: true,
    },
  ],
};

/** A session whose agent is in the middle of message m1. */
async function working(node: SessionNode, name = 'app') {
  const session = await node.session(name);
  await node.tell(session, `${name}-m1`);
  const agent = await node.runner.of(session.conversationId);
  await agent.got();
  agent.begin();
  return { session, agent };
}

async function decision(agent: FakeAgent, requestId = 'r1') {
  return await waitFor(() => agent.answered.find((answer) => answer.requestId === requestId)?.decision, {
    what: `the answer to ${requestId}`,
  });
}

describe('what the agent asks', () => {
  test('reaches its user whole, with buttons; the one that is pressed is the answer, and the turn goes on', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    expect(asked).toMatchObject({ user_id: 'alice', chat_id: 'chat of alice' });
    expect(labels(asked)).toEqual(['Allow once', 'Allow for this session', 'Deny']);
    expect(node.room.manager.view(session).state).toBe('asking');
    await node.press(asked, 'Allow for this session');
    expect(await decision(agent)).toEqual({ kind: 'allow', scope: 'session' });
    expect(node.room.manager.view(session).state).toBe('working');
    agent.finish('All green.');
    expect(await node.answerTo('app-m1')).toBe('All green.');
    expect(agent.answered).toHaveLength(1);
  });

  test('stands in the audit with one decision, also where the commit of that has to be done once more', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    await Promise.all([node.press(asked, 'Allow once'), node.disk.failOneWrite()]);
    await decision(agent);
    agent.finish('All green.');
    await waitFor(() => node.audit(session).some((line) => line.includes('All green.')));
    const lines = node.audit(session);
    expect(lines.filter((line) => line.includes('"kind":"decision"'))).toHaveLength(1);
  });

  test('is denied with the words that the user writes', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    await node.message('npm test');
    await node.disk.store.write(() =>
      node.questions.answerInWords('alice', 'chat of alice', 'not before the build is done'),
    );
    expect(await decision(agent)).toEqual({
      kind: 'deny',
      message: 'The user said no to this, and wrote: not before the build is done',
    });
  });

  test('of a plan is answered with go, with accepting edits too', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', { kind: 'plan', plan: '1. the tests\n2. the docs' });
    await node.press(await node.message('2. the docs'), 'Go and accept edits');
    expect(await decision(agent)).toEqual({ kind: 'approve-plan', acceptEdits: true });
  });

  test('as several questions is put one after the other, and answered in one', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.ask('r1', twoQuestions);
    const first = await node.message('Which database?');
    expect(labels(first)).toEqual(['SQLite', 'Postgres']);
    expect(node.messages.some(({ text }) => text.includes('Which tests?'))).toBe(false);
    await node.press(first, 'Postgres');
    await node.message('Which tests?');
    expect(agent.answered).toEqual([]);
    expect(node.room.manager.view(session).state).toBe('asking');
    await node.disk.store.write(() => node.questions.answerInWords('alice', 'chat of alice', '1,2'));
    expect(await decision(agent)).toEqual({
      kind: 'answers',
      answers: { 'Which database?': 'Postgres', 'Which tests?': 'Unit, Whole' },
    });
    expect(node.asked()).toEqual([]);
  });

  test('by several sessions is open side by side, blocks no other message, and each answer goes to its own', async () => {
    await using node = await SessionNode.open();
    const app = await working(node, 'app');
    const web = await working(node, 'web');
    const docs = await working(node, 'docs');
    app.agent.ask('same-id', mayRun());
    web.agent.ask('same-id', mayRun('npm run build'));
    const build = await node.message('npm run build');
    const tests = await node.message('npm test');
    docs.agent.finish('did the docs');
    expect(await node.answerTo('docs-m1')).toContain('did the docs');
    await node.press(build, 'Deny');
    expect(await decision(web.agent, 'same-id')).toMatchObject({ kind: 'deny' });
    expect(app.agent.answered).toEqual([]);
    await node.press(tests, 'Allow once');
    expect(await decision(app.agent, 'same-id')).toEqual({ kind: 'allow', scope: 'once' });
    expect(web.agent.answered).toHaveLength(1);
  });

  test('twice in one turn is answered by each press to its own', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', mayRun('ls one'));
    agent.ask('r2', mayRun('ls two'));
    await node.press(await node.message('ls two'), 'Allow once');
    expect(await decision(agent, 'r2')).toEqual({ kind: 'allow', scope: 'once' });
    expect(agent.answered).toHaveLength(1);
    await node.press(await node.message('ls one'), 'Deny');
    expect(await decision(agent, 'r1')).toMatchObject({ kind: 'deny' });
  });

  test('can not be answered by somebody else, or in another chat', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    await node.press(asked, 'Allow once', 'bob');
    expect(agent.answered).toEqual([]);
    expect(node.asked()).toHaveLength(1);
  });
});

describe('a question that nobody answers', () => {
  test('expires some time after it was shown: the agent is told no, with the reason, and the turn goes on', async () => {
    await using node = await SessionNode.open({ limits: { questionTtlMs: 40 } });
    node.questions.start();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    await node.questions.delivered(asked.id);
    expect(await decision(agent)).toEqual({ kind: 'deny', message: outcomeTexts.deniedByExpiry(40) });
    const { replaces } = await node.message(outcomeTexts.expired('app: Bash npm test', 40).en);
    expect(replaces).toBe(asked.id);
    agent.finish('Then not.');
    expect(await node.answerTo('app-m1')).toBe('Then not.');
  });

  test('is withdrawn when its turn is interrupted; a late press is told so', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    node.room.manager.interrupt(session);
    await node.answer('app-m1');
    expect((await node.message(turnTexts.askWithdrawn('app: Bash npm test').en)).replaces).toBe(asked.id);
    await node.press(asked, 'Allow once');
    await node.message('That question was taken back');
    expect(agent.answered).toEqual([]);
    expect(node.room.manager.view(session).state).toBe('idle');
  });

  test('is withdrawn when the agent needs it no more, and when its process dies', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    await node.message('npm test');
    agent.emit({ kind: 'ask-withdrawn', requestId: 'r1' });
    await waitFor(() => node.asked().length === 0);
    agent.ask('r2', mayRun('npm run build'));
    await node.message('npm run build');
    agent.die('killed');
    await waitFor(() => node.asked().length === 0);
    expect((await node.answer('app-m1')).error).toBe(turnTexts.died('killed').en);
  });

  test('and is taken back before it was stored is not open for ever', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.ask('r1', mayRun());
    agent.emit({ kind: 'ask-withdrawn', requestId: 'r1' });
    agent.finish('done');
    await node.answer('app-m1');
    await waitFor(() => node.room.manager.view(session).state === 'idle');
    await waitFor(() => node.asked().length === 0);
  });

  test('of a turn that nobody asked for is withdrawn with its process', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('done');
    await node.answer('app-m1');
    agent.begin();
    agent.ask('r1', mayRun());
    await node.message('npm test');
    expect(node.room.manager.view(session).state).toBe('asking');
    agent.die();
    await waitFor(() => node.asked().length === 0);
    expect(node.room.manager.view(session).state).toBe('idle');
  });

  test('can not be shown while the disk fails: then the agent is told no instead of waiting for ever', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    node.disk.breakDisk();
    agent.ask('r1', mayRun());
    expect(await decision(agent)).toEqual({
      kind: 'deny',
      message: 'The question could not be shown to the user.',
    });
    node.disk.mendDisk();
    agent.finish('Then not.');
    expect(await node.answerTo('app-m1')).toBe('Then not.');
  });
});
