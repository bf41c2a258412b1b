import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { SessionNode } from '../fakes/session-node.ts';

const to = { userId: 'alice', chatId: 'chat of alice' };

/** A reminder to a session is due. */
async function due(node: SessionNode, sessionId: string, message = 'check the build'): Promise<void> {
  await node.disk.store.write(() => node.room.takeJob({ ...to, id: 'job001', message, at: 0, sessionId }));
}

describe('a reminder to a session', () => {
  test('that finds no room there is read by its user instead', async () => {
    await using node = await SessionNode.open({ limits: { maxWaiting: 1 } });
    const session = await node.session();
    await node.tell(session, 'm1');
    await (await node.runner.agent()).got();
    await node.tell(session, 'm2');
    await due(node, session.id);
    expect((await node.message('check the build')).text).toBe(turnTexts.jobNotTaken('app', 1, 'check the build').en);
    expect(node.room.turns.count(session.id, 'waiting')).toBe(1);
  });

  test('leaves it to the user what becomes of a turn that was cut, and waits for that', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    await (await node.runner.agent()).got();
    await using next = await node.afterCrash();
    await next.room.start();
    await due(next, session.id);
    expect(next.asked()).toEqual(['app: interrupted']);
    expect(next.runner.asked).toEqual([]);
    await next.press(await next.answer('m1'), 'Drop it');
    expect((await (await next.runner.agent()).got()).text).toBe('check the build');
  });
});

describe('a tool call that tells a session something', () => {
  test('waits no longer for a turn that can not begin than for one that runs: it becomes a task', async () => {
    await using node = await SessionNode.open({ limits: { backgroundAfterMs: 50 } });
    const session = await node.session();
    await node.tell(session, 'm1');
    await (await node.runner.agent()).got();
    await node.disk.store.write(() => node.room.desk.hold(session));
    const outcome = await node.room.desk.ask(session, { ...to, text: 'by a tool' }, new AbortController().signal);
    expect(outcome).toEqual({ kind: 'background', taskId: expect.stringMatching(/^[0-9a-z]{6}$/) });
    expect(node.room.turns.list(session.id, 'waiting').map(({ text }) => text)).toEqual(['by a tool']);
  });

  test('can be given up while the disk does not let its turn begin', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const stop = new AbortController();
    const { promise: mayStart, resolve: start } = Promise.withResolvers<void>();
    node.runner.startsAfter = mayStart;
    const asking = node.room.desk.ask(session, { ...to, text: 'by a tool' }, stop.signal);
    await waitFor(() => node.runner.asked.length === 1);
    node.disk.breakDisk();
    start();
    await waitFor(() => node.log.some(({ text }) => text.startsWith('work on the queue of a session broke off')));
    node.disk.mendDisk();
    // Before the next attempt.
    stop.abort();
    expect(await asking).toEqual({ kind: 'failed', message: turnTexts.notRun });
    expect((await node.runner.agent()).sent).toEqual([]);
  });
});
