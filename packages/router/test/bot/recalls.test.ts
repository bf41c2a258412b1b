import { ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../../src/bot/chat-channel.ts';
import type { RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, gatedModel, leave, routedBy, routeTo, shown, workServer } from './machines.ts';

async function recall({ chat }: TestRouter, { channel, chatId, id: messageId }: IncomingMessage): Promise<void> {
  await chat.handlers.onRecall({ channel, chatId, messageId });
}

/** The node says how it is, as a real one does after each connect. */
function sayStatus(node: RawNode): void {
  node.send({ type: 'status', sessions: [], tasks: 0 });
}

/** A later message has its answer: nothing of an earlier one will come any more. */
async function laterOnes({ chat }: TestRouter, node: RawNode): Promise<string[]> {
  await chat.say('the next one');
  await node.answer('done');
  await shown(chat, 'done');
  return asked(node);
}

describe('a message that was taken back while it waited', () => {
  test('for its files is dropped without a word', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const { promise, resolve } = Promise.withResolvers<void>();
    router.chat.onFetch = () => promise;
    const message = await router.chat.say('look', { attachments: [{ key: 'gone', kind: 'image', name: 'image' }] });
    await waitFor(() => router.chat.fetched.length === 1);
    await recall(router, message);
    resolve();
    expect(await laterOnes(router, node)).toEqual(['the next one']);
    expect(router.chat.texts()).toEqual(['done']);
  });

  test('is dropped also at the very moment when it is ready', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    router.chat.textOf = () => promise;
    const message = await router.chat.say('never mind', { quotedId: 'om_old' });
    const recalled = recall(router, message);
    resolve(undefined);
    await recalled;
    expect(await laterOnes(router, node)).toEqual(['the next one']);
  });

  test('with other pictures is left out of their turn', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    router.chat.uploads.set('k', Buffer.from('bytes'));
    const picture = (name: string) => router.chat.say('', { attachments: [{ key: 'k', kind: 'file', name }] });
    await picture('a.txt');
    const unwanted = await picture('b.txt');
    await picture('c.txt');
    await recall(router, unwanted);
    expect((await node.take()).attachments).toMatchObject([{ name: 'a.txt' }, { name: 'c.txt' }]);
  });

  test('for the model to decide is dropped, although the model has begun with it', async () => {
    const { brain, open } = gatedModel(routeTo('home-pc'));
    await using model = await ModelServer.start({ brain });
    await using router = await TestRouter.start({ config: routedBy(model) });
    using home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    const first = await router.chat.say('first');
    const second = await router.chat.say('second');
    await router.chat.say('third');
    await waitFor(() => model.requests.length === 1);
    await recall(router, first);
    await recall(router, second);
    open();
    expect(await home.take()).toMatchObject({ text: 'third' });
    expect(asked(home)).toEqual(['third']);
  });

  test('for an answer to which machine it is for is dropped, and its buttons are taken off', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    const message = await router.chat.say('hello');
    const question = await shown(router.chat, 'Which machine');
    await recall(router, message);
    await waitFor(() => router.chat.edits.length === 1);
    expect(router.chat.edits).toMatchObject([{ shownId: question.id, text: expect.stringContaining('Taken back.') }]);
    expect(await router.chat.press(question, 'home-pc')).toMatchObject({ kind: 'warning' });
    await router.chat.say('@home-pc 1');
    expect(await home.take()).toMatchObject({ text: '1' });
    expect(asked(home)).toEqual(['1']);
  });

  test('for a machine that is away is dropped, over a restart, and its buttons are taken off', async () => {
    using folder = new TempFolder();
    const config = { nodeOfflineGraceMs: 0 };
    const first = await TestRouter.start({ folder, config });
    using node = await first.connectNode();
    await leave(first, node, 'home-pc');
    const message = await first.chat.say('hello');
    await shown(first.chat, 'Your message waits');
    await first.stop();
    await using second = await TestRouter.start({ folder, config });
    await recall(second, message);
    await waitFor(() => second.chat.edits.length === 1);
    using back = await second.connectNode();
    expect(await laterOnes(second, back)).toEqual(['the next one']);
    expect(second.chat.texts()).toEqual(['done']);
  });
});

describe('a message that was taken back after it was sent to its machine', () => {
  test('is dropped there if it waits, and nothing is said of it', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const message = await router.chat.say('hello');
    const { id } = await node.take();
    await recall(router, message);
    expect(await node.next('cancel')).toEqual({ type: 'cancel', id, only_waiting: true });
    node.send({ type: 'forward_response', id, reply: '', error: '' });
    await node.next('ack');
    await laterOnes(router, node);
    expect(router.chat.texts()).toEqual(['done']);
    expect(router.chat.marked.size).toBe(0);
  });

  test('is answered if its turn had begun', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const message = await router.chat.say('hello');
    const { id } = await node.take();
    await recall(router, message);
    node.send({ type: 'forward_response', id, reply: 'too late: done' });
    expect(await router.chat.untilShown(1)).toEqual(['too late: done']);
  });

  test('is asked for again each time that its machine comes back, also by the next process, until that answers', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using node = await first.connectNode();
    const message = await first.chat.say('hello');
    const { id } = await node.take();
    await leave(first, node, 'home-pc');
    await recall(first, message);
    using again = await first.connectNode();
    sayStatus(again);
    expect(await again.next('cancel')).toMatchObject({ id, only_waiting: true });
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using back = await second.connectNode();
    sayStatus(back);
    expect(await back.next('cancel')).toMatchObject({ id, only_waiting: true });
    back.send({ type: 'forward_response', id, reply: '' });
    await back.next('ack');
    sayStatus(back);
    await laterOnes(second, back);
    expect(back.all('cancel')).toHaveLength(1);
    expect(second.chat.texts()).toEqual(['done']);
  });

  test('is spoken of no more: not that it takes long, nor that its machine went away', async () => {
    await using router = await TestRouter.start({ config: { forwardTimeoutMs: 200, nodeOfflineGraceMs: 0 } });
    using node = await router.connectNode();
    const message = await router.chat.say('hello');
    await node.take();
    await recall(router, message);
    const other = await router.chat.say('and this?');
    await node.take();
    await leave(router, node, 'home-pc');
    await shown(router.chat, 'had this message when it went offline');
    expect(router.chat.shown.filter(({ replyTo }) => replyTo === message.id)).toEqual([]);
    expect(router.chat.shown.filter(({ replyTo }) => replyTo === other.id)).toHaveLength(1);
  });

  test('to all machines is answered by those that had begun', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    const message = await router.chat.say('@all hello');
    const [one, other] = [await home.take(), await work.take()];
    await recall(router, message);
    home.send({ type: 'forward_response', id: one.id, reply: '' });
    work.send({ type: 'forward_response', id: other.id, reply: 'hello' });
    expect(await router.chat.untilShown(1)).toEqual(['**home-pc**\nTaken back.\n\n**work-server**\nhello']);
  });
});

test('a message that comes after it was taken back is not taken', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  await router.chat.handlers.onRecall({ channel: 'feishu', chatId: 'chat-of-ou_alice', messageId: 'om_early' });
  await router.chat.say('hello', { id: 'om_early' });
  expect(await laterOnes(router, node)).toEqual(['the next one']);
});

test('a question that is shown after its message was taken back has no buttons for long', async () => {
  await using router = await TestRouter.start();
  using _home = await router.connectNode();
  using _work = await router.connectNode(workServer);
  const { promise, resolve } = Promise.withResolvers<void>();
  router.chat.onSend = () => promise;
  const message = await router.chat.say('hello');
  await waitFor(() => router.chat.attempts.length === 1);
  await recall(router, message);
  resolve();
  await waitFor(() => router.chat.edits.length === 1);
  expect(router.chat.edits).toMatchObject([{ text: expect.stringContaining('Taken back.') }]);
});
