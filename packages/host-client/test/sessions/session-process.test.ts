import { rmSync } from 'node:fs';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { AgentError } from '../../src/sessions/agent-runner.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import type { FakeAgent } from '../fakes/fake-agent.ts';
import { SessionNode } from '../fakes/session-node.ts';

/** A session whose first message is being worked on. */
async function working(node: SessionNode, prepare: (agent: FakeAgent) => void = () => {}) {
  node.runner.prepare = prepare;
  const session = await node.session();
  await node.tell(session, 'm1');
  const agent = await node.runner.agent();
  await agent.got();
  agent.begin();
  node.runner.prepare = () => {};
  return { session, agent };
}

describe('stopping a turn', () => {
  test('takes less than a second, also while the process is starting', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.startsAfter = new Promise(() => {});
    await node.tell(session, 'm1');
    await waitFor(() => node.runner.asked.length === 1);
    const before = performance.now();
    expect(node.room.manager.interrupt(session)).toBe(true);
    expect(await node.answerTo('m1')).toBe(turnTexts.stopped.en);
    expect(performance.now() - before).toBeLessThan(1000);
    node.runner.startsAfter = undefined;
    await node.tell(session, 'm2');
    await (await node.runner.agent()).serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
  });

  test('keeps the process, and what was said so far', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.say('half of it');
    node.room.manager.interrupt(session);
    expect(await node.answerTo('m1')).toBe(`half of it\n\n${turnTexts.stopped.en}`);
    await node.tell(session, 'm2');
    await agent.got(2);
    expect(agent.endings).toEqual([]);
  });

  test.each([
    ['never says so', () => {}],
    ['does not even say that it heard of it', () => new Promise<void>(() => {})],
    ['can not be interrupted', () => Promise.reject(new AgentError('ended', 'It has ended.'))],
  ])('of an agent that %s ends the process, and the next message gets a new one', async (_, whenInterrupted) => {
    await using node = await SessionNode.open({ limits: { interruptMs: 100 } });
    const { session } = await working(node, (agent) => {
      agent.whenInterrupted = whenInterrupted;
    });
    const [agent] = node.runner.started;
    node.room.manager.interrupt(session);
    expect(await node.answerTo('m1')).toBe(turnTexts.stopped.en);
    expect(agent?.endings).toEqual([{ resumable: false }]);
    await node.tell(session, 'm2');
    const next = await node.runner.agent(2);
    expect(next.begun).toMatchObject({ conversationId: session.conversationId, isNew: false, continuesCutTurn: false });
    expect(node.log.filter(({ text }) => text.includes('broke off'))).toEqual([]);
  });

  test('that was done anyhow gives the answer', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.whenInterrupted = () => agent.finish('It was done already.');
    node.room.manager.interrupt(session);
    expect(await node.answerTo('m1')).toBe('It was done already.');
  });

  test('of a session that does nothing does nothing', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('done');
    await node.answerTo('m1');
    await waitFor(() => node.room.manager.view(session).state === 'idle');
    expect(node.room.manager.interrupt(session)).toBe(false);
    expect(agent.interrupts).toBe(0);
  });

  test('by the cancellation of its message ends that turn alone, and takes one that waits out of the queue', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    await node.tell(session, 'm2');
    await node.tell(session, 'm3');
    node.room.desk.cancelForward('m2');
    expect(await node.answerTo('m2')).toBe(turnTexts.notRun.en);
    expect(agent.interrupts).toBe(0);
    node.room.desk.cancelForward('m1');
    expect(await node.answerTo('m1')).toBe(turnTexts.stopped.en);
    await agent.told('do m3');
    expect(agent.interrupts).toBe(1);
  });
});

describe('a turn that takes too long', () => {
  test('is ended, and says how longer ones are allowed', async () => {
    await using node = await SessionNode.open({ limits: { turnTimeoutMs: 50 } });
    const { agent } = await working(node);
    agent.say('far from done');
    expect(await node.answerTo('m1')).toBe(`far from done\n\n${turnTexts.tooLong(50).en}`);
    expect(agent.interrupts).toBe(1);
  });

  test('is not one that waits for its user', async () => {
    await using node = await SessionNode.open({ limits: { turnTimeoutMs: 400 } });
    const { agent } = await working(node);
    const before = performance.now();
    agent.ask('r1', { kind: 'plan', plan: 'First the tests.' });
    const asked = await node.message('First the tests.');
    await waitFor(() => performance.now() - before > 600);
    expect(agent.interrupts).toBe(0);
    await node.press(asked, 'Go');
    await waitFor(() => agent.answered.length === 1);
    agent.finish('done');
    expect(await node.answerTo('m1')).toBe('done');
  });
});

describe('the process of a session', () => {
  test('is ended when it has nothing to do, and the conversation goes on in another', async () => {
    await using node = await SessionNode.open({ limits: { idleMs: 30 } });
    const { session, agent } = await working(node);
    agent.finish('did m1');
    await node.answerTo('m1');
    await waitFor(() => agent.endings.length === 1);
    expect(agent.endings).toEqual([{ resumable: false }]);
    await node.tell(session, 'm2');
    const next = await node.runner.agent(2);
    expect(next.begun).toMatchObject({ conversationId: session.conversationId, isNew: false });
    await next.serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
  });

  test('is not ended while it works, or while it tells what nobody asked for', async () => {
    await using node = await SessionNode.open({ limits: { idleMs: 50 } });
    const { agent } = await working(node);
    const working2 = performance.now();
    await waitFor(() => performance.now() - working2 > 150);
    expect(agent.endings).toEqual([]);
    agent.finish('did m1');
    await node.answerTo('m1');
    agent.begin();
    const telling = performance.now();
    await waitFor(() => performance.now() - telling > 150);
    expect(agent.endings).toEqual([]);
    agent.say('done');
    agent.finish('done', { messageIds: [] });
    await waitFor(() => agent.endings.length === 1);
  });

  test('is new only once: the second one resumes', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    expect(agent.begun).toMatchObject({
      conversationId: session.conversationId,
      isNew: true,
      continuesCutTurn: false,
      cwd: session.cwd,
      mode: 'default',
    });
    agent.finish('did m1');
    await node.answerTo('m1');
    agent.die();
    await node.tell(session, 'm2');
    expect((await node.runner.agent(2)).begun).toMatchObject({ isNew: false });
  });

  test('that died unseen is replaced once, and the message is answered', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('did m1');
    await node.answerTo('m1');
    // Nobody has told us.
    agent.isGone = true;
    await node.tell(session, 'm2');
    await waitFor(() => node.answers.length > 1 || node.runner.started.length > 1);
    await (await node.runner.agent(2)).serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
  });

  test('that dies while it is given a message is replaced, and the message is answered once', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('did m1');
    await node.answerTo('m1');
    agent.whenSent = async () => {
      agent.die('out of memory');
      await waitFor(() => agent.isGone);
    };
    await node.tell(session, 'm2');
    await (await node.runner.agent(2)).serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
  });

  test('that dies as soon as it has a message is told of', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('did m1');
    await node.answerTo('m1');
    agent.whenSent = () => void setImmediate(() => agent.die('out of memory'));
    await node.tell(session, 'm2');
    expect((await node.answer('m2')).error).toBe(turnTexts.died('out of memory').en);
    expect(node.runner.started).toHaveLength(1);
  });

  test('that dies again at once is not replaced for ever', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.prepare = (agent) => {
      agent.isGone = true;
    };
    await node.tell(session, 'm1');
    expect((await node.answer('m1')).error).toBe('It has ended.');
    expect(node.runner.started.length).toBeLessThanOrEqual(2);
  });

  test('that dies in the middle of a turn is told of with its reason, and the next message gets a new one', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.say('half of it');
    agent.die('out of memory');
    expect(await node.answer('m1')).toMatchObject({ reply: 'half of it', error: turnTexts.died('out of memory').en });
    await node.tell(session, 'm2');
    await (await node.runner.agent(2)).serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
    expect(node.runner.started[1]?.sent.map(({ text }) => text)).toEqual(['do m2']);
  });

  test('is not begun before the one before it is gone', async () => {
    await using node = await SessionNode.open({ limits: { idleMs: 20 } });
    const gone = Promise.withResolvers<void>();
    const { session, agent } = await working(node, (each) => {
      each.endsAfter = gone.promise;
    });
    agent.finish('did m1');
    await waitFor(() => agent.endings.length === 1);
    await node.tell(session, 'm2');
    await waitFor(() => node.room.manager.view(session).state === 'working');
    const before = performance.now();
    await waitFor(() => performance.now() - before > 200);
    expect(node.runner.asked).toHaveLength(1);
    gone.resolve();
    await (await node.runner.agent(2)).serve('did m2');
    await node.answerTo('m2');
  });
});

describe('a session can not begin', () => {
  test('while another program has its conversation open: that is said, and nothing is started', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.owners.set(session.conversationId, 4711);
    await node.tell(session, 'm1');
    expect(await node.answer('m1')).toMatchObject({ reply: '', error: turnTexts.ownedElsewhere('app', 4711).en });
    expect(node.runner.asked).toEqual([]);
    node.runner.owners.clear();
    await node.tell(session, 'm2');
    await (await node.runner.agent()).got();
  });

  test('when its folder is gone', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    rmSync(session.cwd, { recursive: true });
    await node.tell(session, 'm1');
    expect((await node.answer('m1')).error).toBe(turnTexts.folderGone(session.cwd).en);
  });

  test('when the agent refuses: its sentence is the answer', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.refusals.push(new AgentError('missing', 'Claude Code is not installed on home-pc.'));
    await node.tell(session, 'm1');
    expect(await node.answer('m1')).toMatchObject({ reply: '', error: 'Claude Code is not installed on home-pc.' });
  });

  test('when the agent has lost its conversation: that is said, with what to do', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('did m1');
    await node.answerTo('m1');
    agent.die();
    node.runner.refusals.push(new AgentError('no_conversation', 'No conversation found.'));
    await node.tell(session, 'm2');
    expect((await node.answer('m2')).error).toBe(turnTexts.noRecord('app').en);
  });

  test('as a new one when the agent knows it already: it is resumed', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.refusals.push(new AgentError('not_started', 'That session id is in use.'));
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    expect(agent.begun).toMatchObject({ isNew: false, conversationId: session.conversationId });
    await agent.serve('did m1');
    expect(await node.answerTo('m1')).toBe('did m1');
  });
});

describe("the model's service", () => {
  test('that will not answer is told at once, and its process is ended', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    const failure = { code: 'not_logged_in', said: 'Claude Code is not logged in on home-pc.' } as const;
    agent.emit({ kind: 'retry', attempt: 1, maxAttempts: 10, reason: 'authentication failed', failure });
    expect(await node.answer('m1')).toMatchObject({ reply: '', error: failure.said });
    expect(agent.endings).toEqual([{ resumable: false }]);
    await node.tell(session, 'm2');
    await (await node.runner.agent(2)).serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
  });

  test('that is asked again is waited for, and seen to be', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.emit({ kind: 'retry', attempt: 2, maxAttempts: 10, reason: 'overloaded' });
    await waitFor(() => node.progress.find(({ step }) => step?.includes('retrying 2/10: overloaded')));
    agent.finish('did m1');
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('that failed is the answer, in a sentence', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.finish('', { failure: { code: 'over_limit', said: 'Your limit is used up until 5 pm.' } });
    expect(await node.answer('m1')).toMatchObject({ reply: '', error: 'Your limit is used up until 5 pm.' });
  });
});
