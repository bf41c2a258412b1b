import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { homePc } from '../fakes/raw-node.ts';
import { TestRouter } from '../fakes/test-router.ts';

describe('the same node_id twice', () => {
  test('within one installation: the newer socket replaces the older, and gets what waits', async () => {
    await using router = await TestRouter.start();
    using older = await router.connectNode();
    await router.chat.say('one');
    await older.next('forward');
    using newer = await router.connectNode();
    expect(await older.untilClosed()).toEqual({
      code: 4000,
      reason: 'a newer connection of this node took over',
    });
    expect(await newer.take()).toMatchObject({ text: 'one' });
    await router.chat.say('two');
    expect(await newer.take()).toMatchObject({ text: 'two' });
    await router.untilNode('home-pc', 'online');
  });

  test('within one installation: what the older one still says counts for nothing, the newer one answers', async () => {
    await using router = await TestRouter.start();
    using older = await router.connectNode();
    await router.chat.say('one');
    const { id } = await older.next('forward');
    // As one that hangs, and does not know yet that it was replaced.
    older.socket.pause();
    using newer = await router.connectNode();
    older.send({ type: 'ack', id });
    older.send({ type: 'progress', id, text: 'late' });
    older.send({ type: 'status', sessions: [{ id: 's', name: 'late', state: 'idle' }], tasks: 1 });
    older.send({ type: 'forward_response', id, reply: 'late' });
    older.send({ type: 'message', id: 'm1', user_id: 'ou_alice', chat_id: 'chat-of-ou_alice', text: 'late' });
    older.socket.resume();
    expect(await older.untilClosed()).toMatchObject({ code: 4000 });
    expect(await newer.answer('fresh')).toMatchObject({ id, text: 'one' });
    expect(await router.chat.untilShown(1)).toEqual(['fresh']);
    expect(router.chat.attempts).toHaveLength(1);
    expect(router.chat.views).toEqual([]);
    expect((await router.health()).body.nodes).toMatchObject([{ node_id: 'home-pc', sessions: 0 }]);
  });

  test('a peer that knows no acks sends nothing again, so its late answer counts', async () => {
    await using router = await TestRouter.start();
    using older = await router.connectNode({ protocol: undefined });
    await router.chat.say('one');
    const { id } = await older.next('forward');
    older.socket.pause();
    using newer = await router.connectNode({ protocol: undefined });
    older.send({ type: 'forward_response', id, reply: 'late' });
    older.socket.resume();
    expect(await router.chat.untilShown(1)).toEqual(['late']);
    newer.send({ type: 'forward_response', id, reply: 'twice' });
    await router.chat.say('two');
    const forwards = () => newer.all('forward').filter(({ text }) => text === 'two');
    const [two] = await waitFor(() => forwards().length > 0 && forwards());
    newer.send({ type: 'forward_response', id: two?.id, reply: 'still' });
    expect(await router.chat.untilShown(2)).toEqual(['late', 'still']);
  });

  test('within one installation, many at once: the last one stays, and only that one', async () => {
    await using router = await TestRouter.start();
    const nodes = await Promise.all(Array.from({ length: 8 }, () => router.connect()));
    for (const node of nodes) node.send(homePc);
    await waitFor(() => nodes.filter((node) => node.closed === undefined).length === 1);
    const [last] = nodes.filter((node) => node.closed === undefined);
    expect(nodes.flatMap((node) => node.closed?.code ?? []).every((code) => code === 4000)).toBe(true);
    await router.chat.say('who is there');
    expect(await last?.take()).toMatchObject({ text: 'who is there' });
    for (const node of nodes) node.socket.terminate();
  });

  test('from another installation: the second is told why and closed with 4409, the first stays usable', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    using second = await router.connect();
    second.send({ ...homePc, instance_id: 'instance-2' });
    expect(await second.next('registered')).toMatchObject({ error: expect.stringContaining('home-pc') });
    expect(await second.untilClosed()).toMatchObject({ code: 4409 });
    await router.chat.say('hello');
    await first.answer('still me');
    expect(await router.chat.untilShown(1)).toEqual(['still me']);
    expect(second.all('forward')).toEqual([]);
  });

  test('from another installation is welcome once the first is gone', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    first.socket.close();
    await router.untilNode('home-pc', 'offline');
    using second = await router.connectNode({ instance_id: 'instance-2' });
    await router.chat.say('hello');
    expect(await second.take()).toMatchObject({ text: 'hello' });
  });

  test('a frame of the refused one reaches nobody', async () => {
    await using router = await TestRouter.start();
    using first = await router.connectNode();
    await router.chat.say('hello');
    const { id } = await first.take();
    using second = await router.connect();
    second.send({ ...homePc, instance_id: 'instance-2' });
    second.send({ type: 'forward_response', id, reply: 'forged' });
    await second.untilClosed();
    first.send({ type: 'forward_response', id, reply: 'genuine' });
    expect(await router.chat.untilShown(1)).toEqual(['genuine']);
  });
});
