import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { FakeAgent } from '../fakes/fake-agent.ts';
import { labels, SessionNode } from '../fakes/session-node.ts';

const silently = { reply: '', error: '' };

async function openWith(node: SessionNode, ...waiting: readonly string[]) {
  const session = await node.session();
  await node.tell(session, 'm1');
  const agent = await node.runner.agent();
  await agent.got();
  agent.begin();
  for (const id of waiting) await node.tell(session, id);
  return { session, agent };
}

function told(agent: FakeAgent): readonly string[] {
  return agent.sent.map(({ text }) => text);
}

describe('a message that its user takes back', () => {
  test('while it waits is answered with nothing, and never reaches the agent', async () => {
    await using node = await SessionNode.open();
    const { agent } = await openWith(node, 'm2', 'm3');
    node.room.desk.cancelForward('m2', { onlyWaiting: true });
    expect(await node.answer('m2')).toMatchObject(silently);
    agent.finish('did m1');
    await agent.told('do m3');
    agent.finish('did m3');
    expect(await node.answerTo('m3')).toBe('did m3');
    expect(told(agent)).toEqual(['do m1', 'do m3']);
    expect(node.answers.filter(({ id }) => id === 'm2')).toHaveLength(1);
    expect(agent.interrupts).toBe(0);
  });

  test('while the agent works on it goes on to its answer', async () => {
    await using node = await SessionNode.open();
    const { agent } = await openWith(node);
    expect(await node.room.desk.cancel(node.room.turns.ofForward('m1')?.id ?? '', 'taken-back')).toBe(false);
    expect(agent.interrupts).toBe(0);
    agent.finish('did m1');
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('while the process for it is still starting never reaches the agent', async () => {
    await using node = await SessionNode.open();
    const { promise, resolve } = Promise.withResolvers<void>();
    node.runner.startsAfter = promise;
    const session = await node.session();
    await node.tell(session, 'm1');
    await waitFor(() => node.runner.asked.length === 1);
    node.room.desk.cancelForward('m1', { onlyWaiting: true });
    expect(await node.answer('m1')).toMatchObject(silently);
    resolve();
    await node.tell(session, 'm2');
    const agent = await node.runner.agent();
    await agent.serve('did m2');
    expect(await node.answerTo('m2')).toBe('did m2');
    expect(told(agent)).toEqual(['do m2']);
  });

  test('while it waits in a session that was cut, after a restart too', async () => {
    await using before = await SessionNode.open();
    await openWith(before, 'm2', 'm3');
    await using node = await before.afterCrash();
    await node.room.start();
    const cut = await node.answer('m1');
    node.room.desk.cancelForward('m2', { onlyWaiting: true });
    expect(await node.answer('m2')).toMatchObject(silently);
    await node.press(cut, 'Drop it');
    const agent = await node.runner.agent();
    await agent.serve('did m3');
    expect(await node.answerTo('m3')).toBe('did m3');
    expect(told(agent)).toEqual(['do m3']);
  });

  test('as the last that waits since /stop takes the question with it what becomes of it', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await openWith(node, 'm2');
    await node.disk.store.write(() => node.room.desk.hold(session));
    await node.tell(session, 'm3');
    const question = await node.message('What becomes of them?');
    expect(labels(question)).toEqual(['Run all 2', 'Run only the newest', 'Drop them']);
    agent.finish('did m1');
    for (const id of ['m2', 'm3']) {
      expect(node.asked()).toHaveLength(1);
      node.room.desk.cancelForward(id, { onlyWaiting: true });
      expect(await node.answer(id)).toMatchObject(silently);
    }
    expect(node.asked()).toEqual([]);
    await node.tell(session, 'm4');
    await agent.told('do m4');
  });

  test('once it is a background task goes on as one', async () => {
    await using node = await SessionNode.open({ limits: { backgroundAfterMs: 20 } });
    const { agent } = await openWith(node);
    expect(await node.answerTo('m1')).toContain('started');
    node.room.desk.cancelForward('m1', { onlyWaiting: true });
    agent.finish('did m1');
    expect((await node.completion()).result).toContain('did m1');
    expect(agent.interrupts).toBe(0);
  });
});
