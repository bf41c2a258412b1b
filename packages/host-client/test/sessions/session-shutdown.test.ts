import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { outcomeTexts } from '../../src/sessions/outcome-texts.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { mayRun } from '../fakes/fake-agent.ts';
import { labels, SessionNode } from '../fakes/session-node.ts';

async function working(node: SessionNode) {
  const session = await node.session();
  await node.tell(session, 'm1');
  const agent = await node.runner.agent();
  await agent.got();
  agent.begin();
  return { session, agent };
}

describe('a shutdown', () => {
  test('lets a running turn end in its time, begins no other, and the next start goes on with those', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    await node.tell(session, 'm2');
    const stopped = node.room.stop(new AbortController().signal);
    agent.finish('did m1');
    await stopped;
    expect(await node.answerTo('m1')).toBe('did m1');
    expect(agent.sent).toHaveLength(1);
    expect(agent.endings).toEqual([{ resumable: true }]);
    await using next = await node.afterCrash();
    await next.room.start();
    await (await next.runner.agent()).serve('did m2');
    expect(await next.answerTo('m2')).toBe('did m2');
    expect(next.asked()).toEqual([]);
  });

  test('leaves a turn that does not end in its row, resumable; the next start asks what becomes of it', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    const patience = new AbortController();
    const stopped = node.room.stop(patience.signal);
    expect(agent.endings).toEqual([]);
    patience.abort();
    await stopped;
    expect(agent.endings).toEqual([{ resumable: true }]);
    expect(agent.interrupts).toBe(0);
    expect(node.answers).toEqual([]);
    expect(node.room.turns.running().map(({ forwardId }) => forwardId)).toEqual(['m1']);
    await using next = await node.afterCrash();
    await next.room.start();
    expect(labels(await next.answer('m1'))).toEqual(['Continue', 'Drop it']);
  });

  test('does not wait for an answer of the user: the question stays open, and still counts after the next start', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    await node.room.stop(new AbortController().signal);
    expect(node.asked()).toHaveLength(1);
    expect(agent.answered).toEqual([]);
    await using next = await node.afterCrash();
    await next.room.start();
    expect((await next.answer('m1')).reply).toBe(outcomeTexts.cutWhileAsking('app').en);
    await next.press(asked, 'Deny');
    const again = await next.runner.agent();
    again.begin();
    again.ask('r2', mayRun());
    await waitFor(() => again.answered.length === 1);
    expect(again.answered[0]?.decision).toMatchObject({ kind: 'deny' });
  });

  test('leaves a press that comes meanwhile to the router: it counts after the next start', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    await node.questions.stop();
    await node.room.stop(new AbortController().signal);
    await expect(node.press(asked, 'Allow once')).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
    await using next = await node.afterCrash();
    await next.room.start();
    await next.press(asked, 'Allow once');
    await next.message(outcomeTexts.continuing('app').en);
    expect((await next.runner.agent()).begun.continuesCutTurn).toBe(true);
  });

  test('is not held up by a process that is starting, and its message is worked on after the next start', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.startsAfter = new Promise(() => {});
    await node.tell(session, 'm1');
    await waitFor(() => node.runner.asked.length === 1);
    await node.room.stop(AbortSignal.abort());
    expect(node.answers).toEqual([]);
    expect(node.log.filter(({ level }) => level === 'error')).toEqual([]);
    await using next = await node.afterCrash();
    await next.room.start();
    await (await next.runner.agent()).serve('did m1');
    expect(await next.answerTo('m1')).toBe('did m1');
  });

  test('takes what still comes in, and leaves it for the next start', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.room.stop(AbortSignal.abort());
    await node.tell(session, 'm1');
    expect(node.runner.asked).toEqual([]);
    await using next = await node.afterCrash();
    await next.room.start();
    expect((await (await next.runner.agent()).got()).text).toBe('do m1');
  });
});

describe('a tool call that waits for a session', () => {
  const prompt = { userId: 'alice', chatId: 'chat of alice', text: 'by the mailboy' };

  test('does not hold up a shutdown, whether its turn runs or waits', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const { signal } = new AbortController();
    const running = node.room.desk.ask(session, prompt, signal);
    await (await node.runner.agent()).got();
    const waiting = node.room.desk.ask(session, prompt, signal);
    await waitFor(() => node.room.turns.list(session.id, 'waiting').length === 1);
    await node.room.stop(AbortSignal.abort());
    expect(await running).toEqual({ kind: 'failed', message: turnTexts.left });
    expect(await waiting).toEqual({ kind: 'failed', message: turnTexts.left });
  });

  test('is told when that is closed, whether its turn runs or waits', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const { signal } = new AbortController();
    const running = node.room.desk.ask(session, prompt, signal);
    await (await node.runner.agent()).got();
    const waiting = node.room.desk.ask(session, prompt, signal);
    await waitFor(() => node.room.turns.list(session.id, 'waiting').length === 1);
    expect(await node.room.desk.close(session)).toBe(1);
    expect(await running).toEqual({ kind: 'answered', text: turnTexts.stopped.en });
    expect(await waiting).toEqual({ kind: 'failed', message: turnTexts.notRun });
  });
});

describe('a disk that fails for a while', () => {
  test('delays an answer, and does not lose it or run its turn again', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    await node.tell(session, 'm2');
    node.disk.breakDisk();
    agent.finish('did m1');
    await waitFor(() => node.log.some(({ text }) => text.includes('could not be stored, trying again')));
    expect(node.answers).toEqual([]);
    node.disk.mendDisk();
    expect(await node.answerTo('m1')).toBe('did m1');
    await agent.serve('did m2', 2);
    expect(await node.answerTo('m2')).toBe('did m2');
    expect(agent.sent.map(({ text }) => text)).toEqual(['do m1', 'do m2']);
  });

  test('delays what waits, and begins nothing before that is on the disk', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    node.disk.breakDisk();
    await waitFor(() => node.log.some(({ text }) => text.includes('broke off')));
    expect(node.runner.asked).toEqual([]);
    node.disk.mendDisk();
    await (await node.runner.agent()).serve('did m1');
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('between the start of a process and its first message delays that message', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    node.runner.prepare = () => node.disk.breakDisk();
    await node.tell(session, 'm1');
    await waitFor(() => node.log.some(({ text }) => text.includes('broke off')));
    const agent = await node.runner.agent();
    expect(agent.sent).toEqual([]);
    node.disk.mendDisk();
    await agent.serve('did m1');
    expect(await node.answerTo('m1')).toBe('did m1');
    expect(node.runner.started).toHaveLength(1);
  });

  test('does not hold up a shutdown; what was not stored is told after the next start', async () => {
    await using node = await SessionNode.open();
    const { agent } = await working(node);
    node.disk.breakDisk();
    agent.finish('did m1');
    await waitFor(() => node.log.some(({ text }) => text.includes('could not be stored, trying again')));
    await node.room.stop(AbortSignal.abort());
    node.disk.mendDisk();
    expect(node.answers).toEqual([]);
    await using next = await node.afterCrash();
    await next.room.start();
    expect(labels(await next.answer('m1'))).toEqual(['Continue', 'Drop it']);
  });
});
