import { ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, gatedModel, labBox, leave, routedBy, routeTo, setSessions, workServer } from './machines.ts';

/** What the router itself answers to `text`. */
async function ask(router: TestRouter, text: string, userId = 'ou_alice'): Promise<string> {
  const chatId = `chat-of-${userId}`;
  const before = router.chat.texts(chatId).length;
  await router.chat.say(text, { userId });
  return (await router.chat.untilShown(before + 1, chatId))[before] ?? '';
}

describe('/nodes', () => {
  test('lists the nodes of the user with the active one marked, what runs there, and the offline ones', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    using lab = await router.connectNode(labBox);
    using _bobs = await router.connectNode({ node_id: 'bobs', instance_id: 'instance-4', serves_users: ['ou_bob'] });
    await setSessions(router, home, 'home-pc', ['todo_app', 'blog']);
    await leave(router, lab, 'lab-box');
    await router.chat.say('/node home-pc');
    await router.chat.untilShown(1);
    expect(await ask(router, '/nodes')).toMatch(
      /^Connected Nodes:\n→ home-pc \[ACTIVE\] sessions=2 online \ds\n {2}work-server sessions=0 online \ds\n {2}lab-box offline \ds\nUse "\/node <name>" to switch active node\.$/,
    );
  });

  test('knows the offline nodes and the active one after a restart', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using home = await first.connectNode();
    using _work = await first.connectNode(workServer);
    expect(await ask(first, '/node work-server')).toBe('Active node: work-server');
    await leave(first, home, 'home-pc');
    await first.stop();
    await using second = await TestRouter.start({ folder });
    expect(await ask(second, '/nodes')).toMatch(
      /^Connected Nodes:\n {2}home-pc offline \ds\n→ work-server \[ACTIVE\] offline \ds\nUse/,
    );
    using _back = await second.connectNode(workServer);
    expect(await ask(second, '/nodes')).toMatch(/\n→ work-server \[ACTIVE\] sessions=0 online \ds\n/);
  });

  test('marks the only node that could be meant, and none where several could', async () => {
    await using router = await TestRouter.start();
    using _home = await router.connectNode();
    expect(await ask(router, '/nodes')).toContain('→ home-pc [ACTIVE] ');
    using work = await router.connectNode(workServer);
    expect(await ask(router, '/nodes')).not.toMatch(/→|ACTIVE/);
    await leave(router, work, 'work-server');
    expect(await ask(router, '/nodes')).toContain('→ home-pc [ACTIVE] ');
  });

  test('tells a user without a node what to do, and nothing of the nodes of others', async () => {
    await using router = await TestRouter.start();
    using _home = await router.connectNode();
    const answers = [await ask(router, '/nodes', 'ou_bob'), await ask(router, '/node home-pc', 'ou_bob')];
    for (const answer of answers) {
      expect(answer).toContain('None of your machines has connected');
      expect(answer).not.toContain('home-pc');
    }
  });
});

describe('/node', () => {
  test.each([
    ['its id', 'work-server'],
    ['its id in other letters', 'Work-Server'],
    ['its display name', 'the office box'],
    ['how its id begins', 'wor'],
    ['how its display name begins', 'the off'],
  ])('takes a node by %s', async (_by, name) => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    expect(await ask(router, `/node ${name}`)).toBe('Active node: work-server');
    await router.chat.say('hello');
    expect(await work.take()).toMatchObject({ text: 'hello' });
    expect(asked(home)).toEqual([]);
  });

  test.each([
    ['a name that no node has', 'cellar'],
    ['the beginning of two names', 'lab'],
    ['the name of a node of somebody else', 'bobs'],
  ])('answers %s with those that there are, and changes nothing', async (_what, name) => {
    await using router = await TestRouter.start();
    using lab = await router.connectNode(labBox);
    using other = await router.connectNode({ node_id: 'lab-rat', display_name: '', instance_id: 'instance-4' });
    using _bobs = await router.connectNode({ node_id: 'bobs', instance_id: 'instance-5', serves_users: ['ou_bob'] });
    await ask(router, '/node lab-rat');
    expect(await ask(router, `/node ${name}`)).toBe(`No machine is called "${name}". Yours are: lab-box, lab-rat.`);
    await router.chat.say('hello');
    expect(await other.take()).toMatchObject({ text: 'hello' });
    expect(asked(lab)).toEqual([]);
  });

  test('without a name says which there are', async () => {
    await using router = await TestRouter.start();
    using _home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    expect(await ask(router, '/node')).toBe('Which one? /node <name>, with one of: home-pc, work-server');
  });

  test('takes a node that is offline too, and says so', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    using home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    await leave(router, home, 'home-pc');
    expect(await ask(router, '/node home')).toContain('Active node: home-pc (offline');
    expect(await ask(router, '/status')).toContain('Node "home-pc" is offline');
  });
});

describe('the active node', () => {
  test('gets the commands, and the messages where no model decides, after a restart too', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using _home = await first.connectNode();
    using _work = await first.connectNode(workServer);
    await ask(first, '/node work-server');
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using home = await second.connectNode();
    using work = await second.connectNode(workServer);
    await second.chat.say('/status');
    await second.chat.say('hello');
    await work.answer('fine');
    expect(await work.answer('hi')).toMatchObject({ text: 'hello' });
    expect(await second.chat.untilShown(2)).toEqual(['fine\n\n· work-server', 'hi\n\n· work-server']);
    expect(asked(home)).toEqual([]);
  });

  test('is each user’s own', async () => {
    await using router = await TestRouter.start();
    const users = { serves_users: ['ou_alice', 'ou_bob'] };
    using home = await router.connectNode(users);
    using work = await router.connectNode({ ...workServer, ...users });
    await ask(router, '/node work-server');
    await ask(router, '/node home-pc', 'ou_bob');
    await router.chat.say('from alice');
    await router.chat.say('from bob', { userId: 'ou_bob' });
    expect(await work.take()).toMatchObject({ text: 'from alice', user_id: 'ou_alice' });
    expect(await home.take()).toMatchObject({ text: 'from bob', user_id: 'ou_bob' });
  });

  test('stays what it is when one message names another', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await ask(router, '/node home-pc');
    await router.chat.say('@work-server one');
    await router.chat.say('two');
    expect(await work.take()).toMatchObject({ text: 'one' });
    expect(await home.take()).toMatchObject({ text: 'two' });
    expect([asked(home), asked(work)]).toEqual([['two'], ['one']]);
  });

  test('gets the message when the model fails, hangs or makes no sense', async () => {
    await using model = await ModelServer.start();
    await using router = await TestRouter.start({ config: routedBy(model), timings: { routingTimeoutMs: 1000 } });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await ask(router, '/node work-server');
    const replies = { refuses: { status: 400 }, hangs: { silence: true }, 'makes it up': routeTo('cellar') } as const;
    for (const [text, reply] of Object.entries(replies)) {
      model.enqueue(reply);
      await router.chat.say(text);
      expect(await work.take()).toMatchObject({ text });
    }
    expect(asked(home)).toEqual([]);
    expect(model.requests.map(({ body }) => body.tools?.[0]?.function.name)).toEqual(Array(3).fill('route_to'));
  });

  test('is the one that the model chose last', async () => {
    await using model = await ModelServer.start({ brain: () => routeTo('work-server') });
    await using router = await TestRouter.start({ config: routedBy(model) });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await ask(router, '/node home-pc');
    await router.chat.say('is the office still heated?');
    await work.take();
    expect(await ask(router, '/nodes')).toContain('→ work-server [ACTIVE]');
    await router.chat.say('/status');
    expect(await work.take()).toMatchObject({ text: '/status' });
    expect(asked(home)).toEqual([]);
  });

  test('is the one that the user chose, also when the model comes to another for an earlier message', async () => {
    const { brain, open } = gatedModel(routeTo('home-pc'));
    await using model = await ModelServer.start({ brain });
    await using router = await TestRouter.start({ config: routedBy(model) });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await router.chat.say('hello');
    await waitFor(() => model.requests.length === 1);
    await ask(router, '/node work-server');
    open();
    expect(await home.take()).toMatchObject({ text: 'hello' });
    expect(await ask(router, '/nodes')).toContain('→ work-server [ACTIVE]');
    expect(asked(work)).toEqual([]);
  });
});
