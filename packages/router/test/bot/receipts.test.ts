import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import type { RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { leave, shown } from './machines.ts';

const actions = [{ id: 'ok', label: 'OK', style: 'primary' }] as const;
const address = { user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' };
const receipt = { nodeId: 'home-pc', frameId: 'm1' };

async function greet(router: TestRouter, node: RawNode): Promise<void> {
  await router.chat.say('hello');
  await node.answer('hi there');
  await shown(router.chat, 'hi there');
}

function receipts(node: RawNode): string[] {
  return node.all('delivered').map(({ message_id }) => message_id);
}

describe('a node that asked something', () => {
  test('is told when that is in the chat, not before, and of nothing else', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    await router.chat.say('clean up');
    const { id } = await home.take();
    const gate = Promise.withResolvers<void>();
    router.chat.onSend = async () => await gate.promise;
    home.send({ type: 'forward_response', id, reply: 'May I?', actions });
    home.send({ type: 'message', id: 'm1', ...address, text: 'And this?', actions });
    home.send({ type: 'message', id: 'm2', ...address, text: 'By the way' });
    home.send({ type: 'message', id: 'm3', ...address, text: 'And that?', actions });
    await waitFor(() => router.chat.attempts.some(({ message }) => message.text === 'May I?'));
    expect(receipts(home)).toEqual([]);
    gate.resolve();
    for (const messageId of [id, 'm1', 'm3']) {
      const frame = await home.next('delivered');
      expect(frame).toMatchObject({ message_id: messageId });
      home.send({ type: 'ack', id: frame.id });
    }
    await router.chat.say('hello');
    await home.take();
    expect(receipts(home)).toEqual([id, 'm1', 'm3']);
  });

  test('is told again after a restart of either side until it has acknowledged that, under the same id', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using home = await first.connectNode();
    await greet(first, home);
    home.send({ type: 'message', id: 'm1', ...address, text: 'May I?', actions });
    const { id } = await home.next('delivered');
    home.socket.terminate();
    using back = await first.connectNode();
    expect(await back.next('delivered')).toMatchObject({ id, message_id: 'm1' });
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using again = await second.connectNode();
    expect(await again.next('delivered')).toMatchObject({ id, message_id: 'm1' });
    again.send({ type: 'ack', id });
    // Acknowledged before: what comes back is what is not.
    await second.chat.say('hello');
    await again.take();
    again.socket.terminate();
    using last = await second.connectNode();
    await second.chat.say('hello again');
    await last.take();
    expect(receipts(last)).toEqual([]);
  });

  test('is told when it is back, where that came to the chat while it was away', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    using home = await router.connectNode();
    await greet(router, home);
    const gate = Promise.withResolvers<void>();
    router.chat.onSend = async ({ text }) => (text === 'May I?' ? await gate.promise : undefined);
    home.send({ type: 'message', id: 'm1', ...address, text: 'May I?', actions });
    await waitFor(() => router.chat.attempts.some(({ message }) => message.text === 'May I?'));
    await leave(router, home, 'home-pc');
    gate.resolve();
    await shown(router.chat, 'May I?');
    // No place in the queue of what people wrote.
    await router.chat.say('one more');
    expect((await shown(router.chat, 'Your message waits')).text).toContain('(#1 in its queue)');
    using back = await router.connectNode();
    expect(await back.next('delivered')).toMatchObject({ message_id: 'm1' });
    expect(await back.take()).toMatchObject({ text: 'one more' });
  });

  test('is not told where it knows no acks, now or later', async () => {
    await using router = await TestRouter.start();
    using old = await router.connect();
    const register = { type: 'register', node_id: 'home-pc', serves_users: ['ou_alice'], instance_id: 'instance-1' };
    old.send(register);
    expect(await old.next('registered')).not.toHaveProperty('reports_delivery');
    await greet(router, old);
    old.send({ type: 'message', id: 'm1', ...address, text: 'May I?', actions });
    await shown(router.chat, 'May I?');
    old.socket.terminate();
    using renewed = await router.connectNode();
    renewed.send({ type: 'message', id: 'm2', ...address, text: 'And this?', actions });
    expect(await renewed.next('delivered')).toMatchObject({ message_id: 'm2' });
    renewed.socket.terminate();
    using again = await router.connect();
    again.send(register);
    await again.next('registered');
    await router.chat.say('hello');
    await again.take();
    expect([receipts(old), receipts(again)]).toEqual([[], []]);
  });

  test('is not taken for dead where it does not know such a frame, nor is what follows held up', async () => {
    await using router = await TestRouter.start({ timings: { ackTimeoutMs: 1000 } });
    using home = await router.connectNode();
    await greet(router, home);
    const count = 70;
    for (let index = 0; index < count; index += 1) {
      home.send({ type: 'message', id: `m${index}`, ...address, text: `May I ${index}?`, actions });
    }
    await waitFor(() => receipts(home).length === count, { what: 'all receipts, and so more than a window of them' });
    await router.chat.say('hello');
    await home.take();
    home.socket.terminate();
    using back = await router.connectNode();
    await router.chat.say('hello again');
    await back.take();
    expect(receipts(back).length).toBeLessThan(count);
  });
});

describe('the word that a message is in the chat', () => {
  const message = { channel: 'feishu', chatId: 'a' } as const;

  test('is stored with that, once, however often the send fails before', async () => {
    using folder = new TempFolder();
    const chat = new FakeChat();
    await using office = new Office(folder, [chat]);
    let failures = 3;
    chat.onSend = () => {
      failures -= 1;
      if (failures >= 0) throw new ChatError('unavailable', 'out for lunch');
    };
    office.deliveries.start();
    const id = await office.store.write(() => office.deliveries.put(message, 'May I?', { actions, receipt }));
    await waitFor(() => office.receipts.length === 1);
    expect(office.receipts).toEqual([{ receipt, messageId: id }]);
    await waitFor(() => office.deliveries.size === 0);
    expect(office.receipts).toHaveLength(1);
  });

  test('is said once where the process dies between the send and its commit', async () => {
    using folder = new TempFolder();
    const chat = new FakeChat();
    const dying = new Office(folder, [chat]);
    dying.deliveries.start();
    chat.onSend = (sent) => {
      chat.show(sent);
      return new Promise(() => {});
    };
    const id = await dying.store.write(() => dying.deliveries.put(message, 'May I?', { actions, receipt }));
    await chat.untilShown(1, 'a');
    dying.store.close();
    chat.onSend = () => {};
    await using office = new Office(folder, [chat]);
    office.deliveries.start();
    await waitFor(() => office.deliveries.size === 0);
    expect([dying.receipts, office.receipts]).toEqual([[], [{ receipt, messageId: id }]]);
    expect(chat.texts('a')).toEqual(['May I?']);
  });

  test('waits for a disk that refuses, without another send', async () => {
    using folder = new TempFolder();
    const chat = new FakeChat();
    await using office = new Office(folder, [chat]);
    office.deliveries.start();
    chat.onSend = () => {
      office.store.prepare('PRAGMA query_only = 1').all();
    };
    await office.store.write(() => {
      office.deliveries.put(message, 'May I?', { actions, receipt });
      office.deliveries.put(message, 'next');
    });
    await waitFor(() => office.log.with('a message was not delivered').length >= 2);
    expect(chat.attempts).toHaveLength(1);
    chat.onSend = () => {};
    office.store.prepare('PRAGMA query_only = 0').all();
    expect(await chat.untilShown(2, 'a')).toEqual(['May I?', 'next']);
    expect(chat.attempts).toHaveLength(2);
    await waitFor(() => office.deliveries.size === 0);
  });

  test('is said of the notice, where the chat refuses the question for good', async () => {
    using folder = new TempFolder();
    const chat = new FakeChat();
    await using office = new Office(folder, [chat]);
    chat.onSend = ({ text }) => {
      if (text === 'May I?') throw new ChatError('refused', 'Its content is not allowed.');
    };
    office.deliveries.start();
    await office.store.write(() => office.deliveries.put(message, 'May I?', { actions, receipt }));
    expect(await chat.untilShown(1, 'a')).toEqual([
      'A question could not be shown here: Its content is not allowed. /status lists it, and /answer answers it.',
    ]);
    await waitFor(() => office.receipts.length === 1);
    expect(office.receipts[0]?.messageId).toBe(chat.shown[0]?.id);
  });
});
