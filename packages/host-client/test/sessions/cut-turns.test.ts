import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { outcomeTexts } from '../../src/sessions/outcome-texts.ts';
import { mayRun } from '../fakes/fake-agent.ts';
import { labels, SessionNode } from '../fakes/session-node.ts';

/** A session in the middle of message m1, seen to run a tool. */
async function working(node: SessionNode) {
  const session = await node.session();
  await node.tell(session, 'm1');
  const agent = await node.runner.agent();
  await agent.got();
  agent.begin();
  agent.finish('did m1');
  await node.answer('m1');
  await node.tell(session, 'm2');
  await agent.got(2);
  agent.begin();
  agent.emit({ kind: 'tool-started', toolUseId: 't1', name: 'Bash', input: { command: 'npm test' } });
  await waitFor(() => node.room.turns.running().some(({ step }) => step !== undefined));
  return { session, agent };
}

describe('a turn that a crash has cut', () => {
  test('is told once, with what it did last and two buttons, and nothing runs by itself', async () => {
    await using node = await SessionNode.open();
    await working(node);
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.answer('m2');
    expect(told.reply).toMatch(/^⚠️ app was interrupted while doing this: .*npm test/);
    expect(labels(told)).toEqual(['Continue', 'Drop it']);
    expect(next.room.manager.list('alice').map((session) => next.room.manager.view(session).state)).toEqual(['cut']);
    expect(next.frames.filter((frame) => JSON.stringify(frame).includes('interrupted'))).toHaveLength(1);
    expect(next.runner.asked).toEqual([]);

    await using third = await next.afterCrash();
    await third.room.start();
    expect(third.frames.filter((frame) => JSON.stringify(frame).includes('interrupted'))).toHaveLength(1);
    await third.press(told, 'Continue');
    expect((await third.runner.agent()).begun.continuesCutTurn).toBe(true);
  });

  test('goes on with Continue: the agent runs it again, and is sent nothing; its answer is a message', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await using next = await node.afterCrash();
    await next.room.start();
    await next.press(await next.answer('m2'), 'Continue');
    await next.message(outcomeTexts.continuing('app').en);
    const agent = await next.runner.agent();
    expect(agent.begun).toMatchObject({
      continuesCutTurn: true,
      isNew: false,
      conversationId: session.conversationId,
    });
    await waitFor(() => next.room.manager.view(session).state === 'working');
    agent.begin();
    agent.finish('All green after all.', { messageIds: ['an-id-of-before'] });
    await next.message('All green after all.');
    expect(agent.sent).toEqual([]);
    expect(next.answers.filter(({ id }) => id === 'm2')).toHaveLength(1);
    await next.tell(session, 'm3');
    await agent.serve('did m3');
    expect(await next.answerTo('m3')).toBe('did m3');
    expect(next.runner.started).toHaveLength(1);
  });

  test('is left with Drop it, and the next message begins as usual', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.answer('m2');
    await next.press(told, 'Drop it');
    await next.message(outcomeTexts.dropped('app').en);
    await next.press(told, 'Continue');
    await next.message('That question was already answered: Drop it.');
    await next.tell(session, 'm3');
    const agent = await next.runner.agent();
    expect(agent.begun.continuesCutTurn).toBe(false);
    expect((await agent.got()).text).toBe('do m3');
  });

  test('is dropped by a new message, which runs; the question is taken back', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.answer('m2');
    await next.tell(session, 'm3');
    const agent = await next.runner.agent();
    expect(agent.begun.continuesCutTurn).toBe(false);
    await agent.serve('did m3');
    expect(await next.answerTo('m3')).toBe('did m3');
    expect(next.asked()).toEqual([]);
    await next.press(told, 'Continue');
    await next.message('That question was taken back');
    expect(next.runner.started).toHaveLength(1);
  });

  test('holds what waits behind it, says so, and lets it go on after the choice, in its order', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await node.tell(session, 'm3');
    await node.tell(session, 'm4');
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.answer('m2');
    expect(told.reply).toContain('2 more wait behind it');
    expect(next.runner.asked).toEqual([]);
    await next.press(told, 'Continue');
    const agent = await next.runner.agent();
    await waitFor(() => next.room.manager.view(session).state === 'working');
    agent.begin();
    agent.finish('went on');
    for (const nth of [1, 2]) await agent.serve(`did ${nth}`, nth);
    await next.answer('m4');
    expect(agent.sent.map(({ text }) => text)).toEqual(['do m3', 'do m4']);
  });

  test('of a new session whose first turn it was is no new one when it goes on', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    await (await node.runner.agent()).got();
    await using next = await node.afterCrash();
    await next.room.start();
    await next.press(await next.answer('m1'), 'Continue');
    expect((await next.runner.agent()).begun).toMatchObject({ continuesCutTurn: true, isNew: false });
  });

  test('as a background task is told as an interrupted task, with the same two buttons', async () => {
    await using node = await SessionNode.open({ limits: { backgroundAfterMs: 20 } });
    await working(node);
    const reply = await node.answerTo('m2');
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.message('interrupted');
    expect(told.text).toContain(`⚠️ Task ${/#\w{6}/.exec(reply)?.[0]} interrupted`);
    expect(labels(told)).toEqual(['Continue', 'Drop it']);
    expect(next.answers.filter(({ id }) => id === 'm2')).toHaveLength(1);
    await next.press(told, 'Continue');
    expect((await next.runner.agent()).begun.continuesCutTurn).toBe(true);
  });

  test('of a session that is closed by now is told to nobody', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await using next = await node.afterCrash();
    await next.disk.store.write(() =>
      next.disk.store.prepare('UPDATE sessions SET closed_at = 1 WHERE id = ?').run(session.id),
    );
    await next.room.start();
    expect(next.answers.filter(({ id }) => id === 'm2')).toEqual([]);
    expect(next.room.turns.running()).toEqual([]);
  });
});

describe('a message that had not reached the agent', () => {
  test('when a crash came is worked on after the next start, without a question', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.startsAfter = new Promise(() => {});
    await node.tell(session, 'm1');
    await node.tell(session, 'm2');
    await waitFor(() => node.runner.asked.length === 1);
    await using next = await node.afterCrash();
    await next.room.start();
    const agent = await next.runner.agent();
    expect(agent.begun).toMatchObject({ isNew: true, continuesCutTurn: false });
    await agent.serve('did m1');
    await agent.serve('did m2', 2);
    expect(await next.answerTo('m1')).toBe('did m1');
    expect(await next.answerTo('m2')).toBe('did m2');
    expect(agent.sent.map(({ text }) => text)).toEqual(['do m1', 'do m2']);
    expect(next.asked()).toEqual([]);
  });

  test('of a tool call that nobody waits for any more is dropped', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    const signal = new AbortController().signal;
    void node.room.desk.ask(session, { userId: 'alice', chatId: 'chat of alice', text: 'by a tool' }, signal);
    await waitFor(() => node.room.turns.list(session.id, 'waiting').length === 1);
    await using next = await node.afterCrash();
    await next.room.start();
    expect(next.room.turns.list(session.id, 'waiting')).toEqual([]);
    await next.press(await next.answer('m2'), 'Drop it');
    await next.tell(session, 'm3');
    expect((await (await next.runner.agent()).got()).text).toBe('do m3');
  });
});

describe('a question that was open when the process ended', () => {
  async function asking(node: SessionNode) {
    const { session, agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    return { session, asked };
  }

  test('still counts: its answer lets the turn go on, and is given without asking again', async () => {
    await using node = await SessionNode.open();
    const { asked } = await asking(node);
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.answer('m2');
    expect(told.reply).toBe(outcomeTexts.cutWhileAsking('app').en);
    expect(labels(told)).toEqual(['Drop it']);
    await next.press(asked, 'Allow once');
    await next.message(outcomeTexts.continuing('app').en);
    const agent = await next.runner.agent();
    expect(agent.begun.continuesCutTurn).toBe(true);
    agent.begin();
    agent.ask('r-other', mayRun());
    await waitFor(() => agent.answered.length === 1);
    expect(agent.answered).toEqual([{ requestId: 'r-other', decision: { kind: 'allow', scope: 'once' } }]);
    expect(next.asked()).toEqual([]);
    // It counted once.
    agent.ask('r-again', mayRun());
    await waitFor(() => next.asked().length === 1);
    expect(agent.answered).toHaveLength(1);
  });

  test('counts too when the agent asks again before it has wholly started', async () => {
    await using node = await SessionNode.open();
    const { asked } = await asking(node);
    await using next = await node.afterCrash();
    const { promise: isUp, resolve: handOut } = Promise.withResolvers<void>();
    next.runner.handsOutAfter = isUp;
    await next.room.start();
    await next.press(asked, 'Allow once');
    const agent = await next.runner.agent();
    agent.begin();
    agent.ask('r-early', mayRun());
    await nextTurn();
    handOut();
    await waitFor(() => agent.answered.length === 1);
    expect(agent.answered).toEqual([{ requestId: 'r-early', decision: { kind: 'allow', scope: 'once' } }]);
  });

  test('counts for nothing else that the agent asks, nor for a later turn', async () => {
    await using node = await SessionNode.open();
    const { session, asked } = await asking(node);
    await using next = await node.afterCrash();
    await next.room.start();
    await next.press(asked, 'Allow once');
    const agent = await next.runner.agent();
    agent.begin();
    agent.ask('r2', mayRun('npm test; rm -rf build'));
    await next.press(await next.message('rm -rf build'), 'Deny');
    await waitFor(() => agent.answered.length === 1);
    agent.finish('done without');
    await next.message('done without');
    await next.tell(session, 'm3');
    await agent.got();
    agent.ask('r3', mayRun());
    await waitFor(() => next.asked().length === 1);
    expect(agent.answered.map(({ requestId }) => requestId)).toEqual(['r2']);
  });

  test('is taken back with Drop it', async () => {
    await using node = await SessionNode.open();
    const { session, asked } = await asking(node);
    await using next = await node.afterCrash();
    await next.room.start();
    await next.press(await next.answer('m2'), 'Drop it');
    expect(next.asked()).toEqual([]);
    await next.press(asked, 'Allow once');
    await next.message('That question was taken back');
    expect(next.room.manager.view(session).state).toBe('idle');
    expect(next.runner.asked).toEqual([]);
  });

  test('and is not answered in time is dropped with its turn, and what waits goes on', async () => {
    await using node = await SessionNode.open({ limits: { questionTtlMs: 40 } });
    const { session, asked } = await asking(node);
    await node.tell(session, 'm3');
    await using next = await node.afterCrash();
    await next.room.start();
    next.questions.start();
    await next.questions.delivered(asked.id);
    await next.message(outcomeTexts.expiredCut('app: Bash npm test').en);
    expect((await (await next.runner.agent()).got()).text).toBe('do m3');
    expect(next.asked()).toEqual([]);
  });
});
