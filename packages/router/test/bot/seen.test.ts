import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { TurnWatch } from '../fakes/turn-watch.ts';

describe('a message that is not answered at once', () => {
  test('is marked as seen within a second, and no longer once its answer is there', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const saidAt = performance.now();
    const { id: messageId } = await router.chat.say('think hard');
    const { id } = await node.take();
    await waitFor(() => router.chat.marked.has(messageId));
    expect(performance.now() - saidAt).toBeLessThan(1000);
    node.send({ type: 'forward_response', id, reply: '42' });
    await router.chat.untilShown(1);
    await waitFor(() => !router.chat.marked.has(messageId));
  });

  test('stays marked while its user reads only that it waits', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    {
      using node = await router.connectNode();
      node.socket.terminate();
    }
    await router.untilNode('home-pc', 'offline');
    const { id: messageId } = await router.chat.say('hello');
    await router.chat.untilShown(1);
    await waitFor(() => router.chat.marked.has(messageId));
    using node = await router.connectNode();
    await node.answer('here I am');
    await waitFor(() => !router.chat.marked.has(messageId));
    expect(router.chat.everMarked).toEqual([messageId]);
  });

  test('is marked no longer once it is answered after a restart of the router', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    const firstNode = await first.connectNode();
    const { id: messageId } = await first.chat.say('think hard');
    const { id } = await firstNode.take();
    await waitFor(() => first.chat.marked.has(messageId));
    await first.stop();
    await using second = await TestRouter.start({ folder, chat: first.chat });
    using node = await second.connectNode();
    node.send({ type: 'forward_response', id, reply: '42' });
    await waitFor(() => !second.chat.marked.has(messageId));
  });
});

test('a message that is answered at once, or whose sender is a stranger, is not marked', async () => {
  await using router = await TestRouter.start();
  await router.chat.say('/help');
  await router.chat.untilShown(1);
  await router.chat.say('hello', { userId: 'ou_mallory' });
  await router.chat.untilShown(1, 'chat-of-ou_mallory');
  using node = await router.connectNode();
  const { id: last } = await router.chat.say('think hard');
  await node.take();
  await waitFor(() => router.chat.marked.has(last));
  expect(router.chat.everMarked).toEqual([last]);
});

test('of messages that came together one is marked in a turn of the event loop, in order', async () => {
  await using router = await TestRouter.start();
  using turns = new TurnWatch(() => router.chat.everMarked.length);
  using _node = await router.connectNode();
  const ids: string[] = [];
  for (let index = 0; index < 60; index += 1) {
    ids.push((await router.chat.say(`message ${index}`, { chatId: `chat-${index}` })).id);
  }
  await waitFor(() => router.chat.everMarked.length === ids.length);
  expect(router.chat.everMarked).toEqual(ids);
  expect(turns.most).toBe(1);
});
