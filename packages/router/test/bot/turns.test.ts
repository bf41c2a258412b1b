import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { TestRouter } from '../fakes/test-router.ts';

describe('Stop under a running turn', () => {
  const stop = { channel: 'feishu', chatId: 'chat-of-ou_alice', userId: 'ou_alice' } as const;

  test('reaches the node that works on it', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('think hard');
    const { id } = await node.take();
    expect(await router.chat.handlers.onStop({ ...stop, turnId: id })).toEqual({ kind: 'success', toast: 'Stopping…' });
    expect(await node.next('cancel')).toEqual({ type: 'cancel', id });
  });

  test('is for whoever asked, while it runs', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode({ serves_users: ['ou_alice', 'ou_bob'] });
    await router.chat.say('think hard');
    const { id } = await node.take();
    const press = (userId: string) => router.chat.handlers.onStop({ ...stop, userId, turnId: id });
    const notYours = { kind: 'error', toast: 'Only who asked for this can stop it.' };
    expect(await press('ou_bob')).toEqual(notYours);
    expect(await press('ou_mallory')).toEqual(notYours);
    node.send({ type: 'forward_response', id, reply: '42' });
    await node.next('ack');
    expect(await press('ou_alice')).toEqual({ kind: 'warning', toast: 'That is over already.' });
    expect(node.all('cancel')).toEqual([]);
  });

  test('says so when the machine is away, and takes back what it has not got', async () => {
    await using router = await TestRouter.start();
    const node = await router.connectNode();
    await router.chat.say('one');
    const { id: taken } = await node.take();
    node.socket.terminate();
    await router.untilNode('home-pc', 'offline');
    expect(await router.chat.handlers.onStop({ ...stop, turnId: taken })).toMatchObject({
      kind: 'warning',
      toast: expect.stringContaining('"home-pc" is offline'),
    });
  });
});

describe('the answer of a turn', () => {
  test('takes the place of its live view when it was quick', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('hello');
    const { id } = await node.take();
    node.send({ type: 'forward_response', id, reply: 'hi' });
    await router.chat.untilShown(1);
    expect(router.chat.shown[0]?.turn).toEqual({ id, tookMs: expect.any(Number), isInPlace: true });
  });

  test('is a message of its own when it took long', async () => {
    await using router = await TestRouter.start({ timings: { inPlaceMs: 0 } });
    using node = await router.connectNode();
    await router.chat.say('hello');
    const { id } = await node.take();
    node.send({ type: 'forward_response', id, reply: 'hi' });
    await router.chat.untilShown(1);
    expect(router.chat.shown[0]?.turn).toMatchObject({ id, isInPlace: false });
  });
});

describe('buttons', () => {
  const ask = { type: 'message', id: 'm1', user_id: 'ou_alice', chat_id: 'chat-of-ou_alice', text: 'May I run make?' };
  const actions = [
    { id: 'once', label: 'Allow once', style: 'primary' },
    { id: 'deny', label: 'Deny', style: 'danger' },
  ];

  /** A router whose node has asked Alice something. */
  async function withQuestion() {
    const router = await TestRouter.start();
    const node = await router.connectNode();
    await router.chat.say('build it');
    await node.take();
    node.send({ ...ask, actions });
    await node.next('delivered');
    const dispose = async () => {
      node.socket.terminate();
      await router[Symbol.asyncDispose]();
    };
    return { router, node, [Symbol.asyncDispose]: dispose };
  }

  test('come off the message when the answer is typed, and the answer stands in their place', async () => {
    await using house = await withQuestion();
    const { router, node } = house;
    await router.chat.say('y');
    await node.next('action');
    const question = router.chat.shown.find(({ text }) => text === ask.text);
    await waitFor(() => router.chat.edits.length > 0);
    expect(router.chat.edits).toEqual([
      { chatId: ask.chat_id, shownId: question?.id, text: 'May I run make?\n\n**✓ Allow once**' },
    ]);
  });

  test('come off the message when the node does not wait any longer', async () => {
    await using house = await withQuestion();
    const { router, node } = house;
    node.send({ ...ask, id: 'm2', text: '', replaces: 'm1' });
    await waitFor(() => router.chat.edits.length > 0);
    expect(router.chat.edits).toMatchObject([{ text: 'May I run make?\n\n**No longer open.**' }]);
  });

  test('that can not be taken off hold up nothing', async () => {
    await using house = await withQuestion();
    const { router, node } = house;
    router.chat.onEdit = () => {
      throw new Error('down');
    };
    await router.chat.say('y');
    await node.next('action');
    await router.chat.say('/help');
    await waitFor(() => router.chat.shown.some(({ text }) => text.startsWith('Your messages go')));
    await waitFor(async () => (await router.health()).body.queue.outbox === 0);
  });

  test('that are an offer leave typed words alone', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('list');
    const { id } = await node.take();
    node.send({ type: 'forward_response', id, reply: 'Two sessions.', actions, is_offer: true });
    await router.chat.untilShown(1);
    await router.chat.say('1');
    expect(await node.take()).toMatchObject({ text: '1' });
  });
});

test('a user who writes in Chinese is answered in Chinese, by commands too', async () => {
  await using router = await TestRouter.start();
  await router.chat.say('你好，在吗？');
  expect(await router.chat.untilShown(1)).toEqual([expect.stringContaining('你的机器还没有一台连上我')]);
  await router.chat.say('/help');
  expect((await router.chat.untilShown(2))[1]).toContain('你的消息会送到你自己的机器上');
  await router.chat.say('hello?', { userId: 'ou_bob' });
  expect(await router.chat.untilShown(1, 'chat-of-ou_bob')).toEqual([expect.stringContaining('None of your machines')]);
});

test('LANGUAGE decides for everybody', async () => {
  await using router = await TestRouter.start({ config: { language: 'zh' } });
  await router.chat.say('hello?');
  expect(await router.chat.untilShown(1)).toEqual([expect.stringContaining('你的机器')]);
});
