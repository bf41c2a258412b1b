import { join } from 'node:path';
import { Outbox } from '@phonework/shared/mail';
import { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { describe, expect, test } from 'vitest';
import { Bot } from '../../src/bot/bot.ts';
import { ActiveNodes } from '../../src/nodes/active-nodes.ts';
import type { NodeParcel } from '../../src/nodes/connection.ts';
import { PassingFiles } from '../../src/nodes/passing-files.ts';
import { NodeRegistry } from '../../src/nodes/registry.ts';
import { NODE_BOX, Rpc } from '../../src/nodes/rpc.ts';
import { RoutingAgent } from '../../src/routing/routing-agent.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';

describe('a stranger', () => {
  test('is told their own open_id, and no node hears of them', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode({ serves_users: ['ou_alice', 'ou_mallory'] });
    await router.chat.say('/help', { userId: 'ou_mallory' });
    await router.chat.say('rm -rf /', { userId: 'ou_mallory' });
    const texts = await router.chat.untilShown(2, 'chat-of-ou_mallory');
    for (const text of texts) expect(text).toMatch(/^Not allowed\. .*ou_mallory/);
    await router.chat.say('hello');
    expect(await node.take()).toMatchObject({ user_id: 'ou_alice', text: 'hello' });
    expect(node.all('forward')).toHaveLength(1);
  });

  test('is anybody when nobody was allowed', async () => {
    await using router = await TestRouter.start({ config: { allowedOpenIds: [] } });
    using node = await router.connectNode();
    await router.chat.say('hello');
    expect(await router.chat.untilShown(1)).toEqual([expect.stringMatching(/^Not allowed.*ou_alice/)]);
    expect(node.all('forward')).toEqual([]);
    expect((await router.health()).body.queue.inbox).toBe(0);
  });

  test('is not told apart by a prefix, by case or by the name of the console', async () => {
    await using router = await TestRouter.start();
    const strangers = ['ou_alic', 'ou_alice2', 'OU_ALICE', 'console', ''];
    for (const userId of strangers) {
      await router.chat.say('hello', { userId, chatId: 'one-chat' });
    }
    for (const text of await router.chat.untilShown(strangers.length, 'one-chat')) expect(text).toMatch(/^Not allowed/);
  });
});

describe('in a group', () => {
  const group = { chatId: 'oc_group', chatType: 'group' } as const;

  test('the bot speaks only when spoken to', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('lunch?', { ...group, addressed: false });
    await router.chat.say('', { ...group, addressed: false, unreadable: 'sticker' });
    await router.chat.say('run the tests', group);
    expect(await node.answer('they pass')).toMatchObject({ chat_id: 'oc_group', text: 'run the tests' });
    expect(await router.chat.untilShown(1, 'oc_group')).toEqual(['they pass']);
    expect(node.all('forward')).toHaveLength(1);
  });

  test('a stranger learns nothing, also when they speak to the bot', async () => {
    await using router = await TestRouter.start();
    await router.chat.say('/help', { ...group, userId: 'ou_mallory' });
    await router.chat.say('/help', group);
    expect(await router.chat.untilShown(1, 'oc_group')).toEqual([expect.stringContaining('/stop')]);
    expect(router.chat.attempts).toHaveLength(1);
  });
});

describe('a message that no node is needed for', () => {
  test('is answered, as a reply to it', async () => {
    await using router = await TestRouter.start();
    const asked = [
      await router.chat.say('', { unreadable: 'sticker' }),
      await router.chat.say(' \n '),
      await router.chat.say('/help'),
      await router.chat.say('  /HELP me'),
      await router.chat.say('hello'),
    ];
    const [unreadable, empty, help, helpAgain, noNode] = await router.chat.untilShown(5);
    expect(unreadable).toContain('sticker');
    expect(empty).toContain('empty');
    expect(help).toContain('/shell <command>');
    expect(helpAgain).toBe(help);
    expect(noNode).toMatch(/None of your machines/);
    expect(router.chat.shown.map((message) => message.replyTo)).toEqual(asked.map((message) => message.id));
  });

  test('is not what only begins like one', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('/helpless');
    await router.chat.say('/status');
    expect(await node.take()).toMatchObject({ text: '/helpless' });
    expect(await node.take()).toMatchObject({ text: '/status' });
  });
});

describe('which node gets a message', () => {
  test('only one that serves the user', async () => {
    await using router = await TestRouter.start();
    using _alices = await router.connectNode();
    await router.chat.say('hello', { userId: 'ou_bob' });
    expect(await router.chat.untilShown(1, 'chat-of-ou_bob')).toEqual([expect.stringMatching(/None of your machines/)]);
    await router.chat.say('@home-pc hello', { userId: 'ou_bob' });
    const [, named] = await router.chat.untilShown(2, 'chat-of-ou_bob');
    expect(named).toMatch(/None of your machines/);
  });

  test('the one that is named; without a name, or with a wrong one, the user is asked', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode({ node_id: 'work-server', display_name: '' });
    await router.chat.say('hello');
    expect((await router.chat.untilShown(1))[0]).toMatch(/Which machine.*1\. home-pc\n2\. work-server/s);
    await router.chat.say('@laptop hello');
    expect((await router.chat.untilShown(2))[1]).toMatch(/Which machine/);
    await router.chat.say('@work hello there');
    expect(await work.take()).toMatchObject({ text: 'hello there', user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' });
    expect(home.all('forward')).toEqual([]);
  });
});

describe('what comes more than once', () => {
  test('is forwarded once', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const message = await router.chat.say('only once');
    await router.chat.deliver(message);
    await router.chat.deliver(message);
    await router.chat.say('the next one');
    await node.take();
    expect(await node.take()).toMatchObject({ text: 'the next one' });
    expect(node.all('forward')).toHaveLength(2);
  });

  test('in three copies at once is forwarded once', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await Promise.all([1, 2, 3].map(() => router.chat.say('only once', { id: 'om_same' })));
    await router.chat.say('the next one');
    await node.take();
    expect(await node.take()).toMatchObject({ text: 'the next one' });
  });

  test('is known by its fingerprint under another id', async () => {
    await using router = await TestRouter.start();
    await router.chat.say('/help', { id: 'om_1', fingerprint: 'alice at 12:00:00.123' });
    await router.chat.say('/help', { id: 'om_2', fingerprint: 'alice at 12:00:00.123' });
    await router.chat.say('', { id: 'om_3', fingerprint: 'alice at 12:00:00.124' });
    const texts = await router.chat.untilShown(2);
    expect(texts[1]).toContain('empty');
  });

  test('is known after a restart', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    const message = await first.chat.say('/help');
    await first.chat.untilShown(1);
    await first.stop();
    await using second = await TestRouter.start({ folder });
    await second.chat.deliver(message);
    await second.chat.say('');
    expect(await second.chat.untilShown(1)).toEqual([expect.stringContaining('empty')]);
  });

  test('on two channels is two messages', async () => {
    await using router = await TestRouter.start();
    await router.chat.say('/help', { id: 'same' });
    await router.chat.say('/help', { id: 'same', channel: 'console', userId: 'console' });
    // The console is off here: its answer waits, and only Feishu's is shown.
    await router.chat.untilShown(1);
    expect((await router.health()).body.queue.outbox).toBe(1);
  });
});

test('messages of a chat reach the node in the order in which they came, all at once or one by one', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  const texts = Array.from({ length: 50 }, (_, index) => `message ${index}`);
  await Promise.all(texts.map((text) => router.chat.say(text)));
  const taken: string[] = [];
  while (taken.length < texts.length) taken.push((await node.answer('ok')).text);
  expect(taken).toEqual(texts);
});

test('a message that fits no frame is refused in words, whatever its bytes', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  await router.chat.say('x'.repeat(1024 * 1024));
  await router.chat.say('好'.repeat(400_000));
  await router.chat.say('"'.repeat(600_000));
  await router.chat.say('short');
  expect(await node.take()).toMatchObject({ text: 'short' });
  for (const text of await router.chat.untilShown(3)) expect(text).toMatch(/too long|太长/);
});

describe('a message that can not be stored', () => {
  /** A handler over a store of its own, with a queue for two. */
  function smallHouse(folder: TempFolder) {
    const { logger } = new CapturedLog();
    const store = openStore({ path: join(folder.path, 'router.db'), migrations, logger });
    const chat = new FakeChat();
    const registry = new NodeRegistry(store, { onChange: () => {}, beforeAway: () => {} });
    const outbox = new Outbox<NodeParcel>(store, { box: NODE_BOX, maxPerPeer: 2 });
    const bot = new Bot({
      store,
      channels: [chat],
      registry,
      activeNodes: new ActiveNodes(store),
      rpc: new Rpc(store, { outbox, queueTtlMs: 60_000 }),
      files: new PassingFiles(store, { folder: join(folder.path, 'passing'), logger }),
      broughtFile: () => undefined,
      queueTtlMs: 60_000,
      languages: new ReaderLanguages(store, 'auto'),
      nodeOutbox: outbox,
      agent: new RoutingAgent({ logger }),
      mayTalk: () => true,
      timings: {
        retryMinMs: 10,
        retryMaxMs: 50,
        tickMs: 1000,
        offlineGraceMs: 60_000,
        forwardTimeoutMs: 60_000,
        inPlaceMs: 30_000,
      },
      journey: () => {},
      logger,
    });
    return { store, chat, bot };
  }

  /** With one node that is known, and away. */
  async function houseWithNode(folder: TempFolder) {
    const first = smallHouse(folder);
    const insert = `INSERT INTO nodes (node_id, display_name, serves_users, capabilities, working_dir, last_seen)
      VALUES ('home-pc', 'Home PC', '["ou_alice"]', '[]', '', 0)`;
    await first.store.write(() => first.store.prepare(insert).run());
    first.store.close();
    const house = smallHouse(folder);
    await house.bot.start();
    return house;
  }

  async function close({ bot, store }: { readonly bot: Bot; readonly store: Store }): Promise<void> {
    await bot.closeDoors();
    await bot.stop();
    store.close();
  }

  test('for want of room in the queue is refused in words, and may be sent again', async () => {
    using folder = new TempFolder();
    const house = await houseWithNode(folder);
    for (const text of ['one', 'two', 'three']) await house.chat.say(text);
    expect(await house.chat.untilShown(1)).toEqual([expect.stringContaining('Too many messages wait for "home-pc"')]);
    await close(house);
  });

  test('for want of disk is left to the platform, and taken when it comes again', async () => {
    using folder = new TempFolder();
    const house = await houseWithNode(folder);
    const { store, chat } = house;
    const message = await chat.say('/help', { id: 'om_0' });
    await chat.untilShown(1);
    // SQLite then answers as it does on a full disk.
    store.prepare('PRAGMA max_page_count = 1').get();
    await expect(chat.say('x'.repeat(100_000), { id: 'om_1' })).rejects.toThrow(/free space/);
    store.prepare('PRAGMA max_page_count = 1000000').get();
    await chat.deliver({ ...message, id: 'om_1' });
    expect(await chat.untilShown(3)).toEqual([
      expect.any(String),
      expect.stringContaining('disk'),
      expect.stringContaining('/help'),
    ]);
    await close(house);
  });
});
