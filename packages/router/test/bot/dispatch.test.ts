import { ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, gatedModel, leave, routedBy, routeTo, setSessions, shown, workServer } from './machines.ts';

describe('while the model thinks about a message', () => {
  test('later ones of that chat wait for their turn, commands do not', async () => {
    const { brain, open } = gatedModel(routeTo('home-pc'));
    await using model = await ModelServer.start({ brain });
    await using router = await TestRouter.start({ config: routedBy(model) });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await setSessions(router, home, 'home-pc', ['todo_app']);
    await router.chat.say('/node home-pc');
    await router.chat.say('first');
    await waitFor(() => model.requests.length === 1);
    // The rules decide all of these.
    await router.chat.say('@home-pc second');
    await router.chat.say('/home/alice/todo_app is where it lies');
    await router.chat.say('/status');
    await router.chat.say('@home-pc /stop');
    expect(await home.take()).toMatchObject({ text: '/status' });
    expect(await home.take()).toMatchObject({ text: '/stop' });
    open();
    for (const text of ['first', 'second', '/home/alice/todo_app is where it lies']) {
      expect(await home.take()).toMatchObject({ text });
    }
    expect(asked(work)).toEqual([]);
    expect(model.requests).toHaveLength(1);
  });

  test('another chat does not wait', async () => {
    const { brain, open } = gatedModel(routeTo('home-pc'));
    await using model = await ModelServer.start({ brain });
    await using router = await TestRouter.start({ config: routedBy(model) });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await router.chat.say('first');
    await waitFor(() => model.requests.length === 1);
    await router.chat.say('@work-server elsewhere', { chatId: 'oc_group', chatType: 'group' });
    expect(await work.take()).toMatchObject({ text: 'elsewhere' });
    open();
    expect(await home.take()).toMatchObject({ text: 'first' });
  });

  test('a message may come again, and is sent on once', async () => {
    const { brain, open } = gatedModel(routeTo('home-pc'));
    await using model = await ModelServer.start({ brain });
    await using router = await TestRouter.start({ config: routedBy(model) });
    using home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    const message = await router.chat.say('first');
    await waitFor(() => model.requests.length === 1);
    await router.chat.deliver(message);
    open();
    await home.take();
    await router.chat.deliver(message);
    await router.chat.say('@home-pc second');
    expect(await home.take()).toMatchObject({ text: 'second' });
    expect(model.requests).toHaveLength(1);
  });

  test('a restart of the router loses nothing, keeps the order, and sends nothing on twice', async () => {
    using folder = new TempFolder();
    await using model = await ModelServer.start();
    model.enqueue({ silence: true });
    const first = await TestRouter.start({ folder, config: routedBy(model) });
    using _home = await first.connectNode();
    using before = await first.connectNode(workServer);
    await first.chat.say('one');
    await first.chat.say('@work-server two');
    await waitFor(() => model.requests.length === 1);
    await first.stop();
    expect(asked(before)).toEqual([]);

    model.answerWith(() => routeTo('work-server'));
    await using second = await TestRouter.start({ folder, config: routedBy(model) });
    using home = await second.connectNode();
    using work = await second.connectNode(workServer);
    for (const text of ['one', 'two']) expect(await work.answer(`${text} done`)).toMatchObject({ text });
    await second.chat.say('@work-server three');
    expect(await work.take()).toMatchObject({ text: 'three' });
    expect(await second.chat.untilShown(2)).toEqual(['one done\n\n· work-server', 'two done\n\n· work-server']);
    expect([asked(home), asked(work)]).toEqual([[], ['one', 'two', 'three']]);
    expect(model.requests).toHaveLength(2);
  });
});

describe('a reply to an earlier answer', () => {
  /** Like a platform that shows a long message in parts. */
  class SplittingChat extends FakeChat {
    override async send(message: OutgoingMessage): Promise<readonly string[]> {
      await super.send(message);
      return [`${message.id}-1`, `${message.id}-2`];
    }
  }

  test('goes to the node that gave it, whichever part it quotes, after a restart too', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder, chat: new SplittingChat() });
    using _home = await first.connectNode();
    using before = await first.connectNode(workServer);
    await first.chat.say('/node home-pc');
    await first.chat.say('@work-server one');
    await before.answer('from the office');
    const { id } = await shown(first.chat, 'from the office');
    await first.chat.say('and then?', { quotedId: `${id}-1` });
    expect(await before.take()).toMatchObject({ text: 'and then?' });
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using home = await second.connectNode();
    using work = await second.connectNode(workServer);
    await second.chat.say('and now?', { quotedId: `${id}-2` });
    await second.chat.say('what?', { quotedId: 'om_of_somebody' });
    expect(await work.take()).toMatchObject({ text: 'and now?' });
    expect(await home.take()).toMatchObject({ text: 'what?' });
  });

  test('goes to the node that pushed it', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await router.chat.say('/node home-pc');
    await router.chat.say('@work-server one');
    await work.take();
    const address = { user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' };
    work.send({ type: 'task_complete', id: 't1', task_id: 'abc123', ...address, result: '✅ Task #abc123 done (42s)' });
    const actions = [{ id: 'yes', label: 'Yes', style: 'primary' }];
    work.send({ type: 'message', id: 'm1', ...address, text: 'May I?', actions });
    for (const part of ['abc123', 'May I?']) {
      const { id } = await shown(router.chat, part);
      await router.chat.say(`about ${part}`, { quotedId: id });
      expect(await work.take()).toMatchObject({ text: `about ${part}` });
    }
    expect(asked(home)).toEqual([]);
  });

  test('does not lead to a node that does not serve who quotes it', async () => {
    await using router = await TestRouter.start();
    const group = { chatId: 'oc_group', chatType: 'group' } as const;
    using alices = await router.connectNode();
    using bobs = await router.connectNode({ ...workServer, serves_users: ['ou_bob'] });
    await router.chat.say('hello', group);
    await alices.answer('hi');
    const { id } = await shown(router.chat, 'hi');
    await router.chat.say('show me her files', { ...group, userId: 'ou_bob', quotedId: id });
    expect(await bobs.take()).toMatchObject({ text: 'show me her files' });
    expect(asked(alices)).toEqual(['hello']);
  });

  test('is known when that answer was sent twice, however much else was stored', async () => {
    using folder = new TempFolder();
    const chat = new FakeChat();
    chat.send = async () => ['om_same'];
    await using office = new Office(folder, [chat]);
    const { store, deliveries } = office;
    deliveries.start();
    const fillInbox = store.prepare("INSERT INTO inbox (seq, box, id, lane, received_at) VALUES (?, 'chat', ?, '', 0)");
    for (const seq of [10, 1_000_000]) {
      await store.write(() => {
        deliveries.put({ channel: 'feishu', chatId: 'oc_1' }, 'hello', { nodeId: 'home-pc' });
        fillInbox.run(seq, `om_${seq}`);
      });
      await waitFor(() => deliveries.size === 0);
      store.flush();
      expect(deliveries.answeredBy('om_same')).toBe('home-pc');
    }
  });
});

test('a session’s name leads to the node that has it, and stays no longer when the session is gone', async () => {
  await using router = await TestRouter.start();
  using home = await router.connectNode();
  using work = await router.connectNode(workServer);
  await router.chat.say('/node home-pc');
  await setSessions(router, work, 'work-server', ['todo_app']);
  await router.chat.say('fix the login bug in todo_app');
  expect(await work.take()).toMatchObject({ text: 'fix the login bug in todo_app' });
  await setSessions(router, work, 'work-server', []);
  await router.chat.say('look at todo_app again');
  expect(await home.take()).toMatchObject({ text: 'look at todo_app again' });
});

describe('an answer says where it ran', () => {
  test('only where more than one node serves the user, online or not', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode({ serves_users: ['ou_alice', 'ou_bob'] });
    using work = await router.connectNode(workServer);
    await leave(router, work, 'work-server');
    await router.chat.say('hello', { userId: 'ou_bob' });
    await home.answer('hi Bob');
    await router.chat.say('hello');
    await home.answer('hi Alice');
    await router.chat.say('nothing?');
    await home.answer('');
    expect(await router.chat.untilShown(1, 'chat-of-ou_bob')).toEqual(['hi Bob']);
    expect(await router.chat.untilShown(2)).toEqual(['hi Alice\n\n· home-pc', '(The answer was empty.)\n\n· home-pc']);
  });
});
