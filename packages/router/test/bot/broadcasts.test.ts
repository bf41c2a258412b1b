import { describe, expect, test } from 'vitest';
import type { RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import type { TestRouterOptions } from '../fakes/test-router.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, buttons, labBox, leave, shown, workServer } from './machines.ts';

const noGrace = { config: { nodeOfflineGraceMs: 0 } };

/** Alice's three nodes, in the order in which they were first known. */
async function threeMachines(options: TestRouterOptions = {}) {
  const router = await TestRouter.start(options);
  const home = await router.connectNode();
  const work = await router.connectNode(workServer);
  const lab = await router.connectNode(labBox);
  const dispose = async () => {
    for (const { socket } of [home, work, lab]) socket.terminate();
    await router[Symbol.asyncDispose]();
  };
  return { router, home, work, lab, [Symbol.asyncDispose]: dispose };
}

/** The ids of what the nodes were asked next, which they acknowledge. */
async function takeAll(...nodes: readonly RawNode[]): Promise<string[]> {
  const ids = [];
  for (const node of nodes) ids.push((await node.take()).id);
  return ids;
}

function reply(node: RawNode, id: string | undefined, text: string): void {
  node.send({ type: 'forward_response', id, reply: text });
}

describe('a message for all', () => {
  test.each(['@all', '@ALL:', '@所有'])(
    '(%s) comes back as one message with a part of each, in order',
    async (name) => {
      await using machines = await threeMachines();
      const { router, home, work, lab } = machines;
      const { id: messageId } = await router.chat.say(`${name} who are you?`);
      const [first, second, third] = await takeAll(home, work, lab);
      expect([home, work, lab].map(asked)).toEqual(Array(3).fill(['who are you?']));
      reply(lab, third, 'lab');
      reply(home, first, 'home');
      await home.next('ack');
      await router.chat.say('/help');
      await shown(router.chat, '/nodes');
      expect(router.chat.shown).toHaveLength(1);
      reply(work, second, '  ');
      const answer = await shown(router.chat, '**home-pc**');
      expect(answer.text).toBe('**home-pc**\nhome\n\n**work-server**\n(The answer was empty.)\n\n**lab-box**\nlab');
      expect(answer.replyTo).toBe(messageId);
      expect((await router.health()).body.queue.inbox).toBe(0);
    },
  );

  test('goes to the nodes of that user alone, and changes nothing about the active one', async () => {
    await using machines = await threeMachines();
    const { router, home, work, lab } = machines;
    using bobs = await router.connectNode({ node_id: 'bobs', instance_id: 'instance-4', serves_users: ['ou_bob'] });
    await router.chat.say('/node work-server');
    await router.chat.say('@all who are you?');
    const ids = await takeAll(home, work, lab);
    for (const [index, node] of [home, work, lab].entries()) reply(node, ids[index], 'me');
    await shown(router.chat, '**lab-box**\nme');
    await router.chat.say('hello');
    expect(await work.take()).toMatchObject({ text: 'hello' });
    expect(asked(bobs)).toEqual([]);
  });

  test('names the nodes that are offline, which do not get it when they are back', async () => {
    await using machines = await threeMachines(noGrace);
    const { router, home, work, lab } = machines;
    await leave(router, work, 'work-server');
    await router.chat.say('@all who are you?');
    const [first, second] = await takeAll(home, lab);
    reply(home, first, 'home');
    reply(lab, second, 'lab');
    expect((await shown(router.chat, '**')).text).toBe(
      '**home-pc**\nhome\n\n**work-server**\n(offline)\n\n**lab-box**\nlab',
    );
    using back = await router.connectNode(workServer);
    await router.chat.say('@work-server hello');
    expect(await back.take()).toMatchObject({ text: 'hello' });
    await leave(router, back, 'work-server');
    await leave(router, home, 'home-pc');
    await leave(router, lab, 'lab-box');
    await router.chat.say('@all anybody?');
    await shown(router.chat, '**home-pc**\n(offline)\n\n**work-server**\n(offline)\n\n**lab-box**\n(offline)');
  });

  test('that is too long for a node is refused in words', async () => {
    await using machines = await threeMachines();
    const { router, home } = machines;
    await router.chat.say(`@all ${'x'.repeat(1024 * 1024)}`);
    expect((await shown(router.chat, '**home-pc**')).text).toContain('too long');
    await router.chat.say('@home-pc short');
    expect(await home.take()).toMatchObject({ text: 'short' });
  });
});

describe('a part', () => {
  test('that comes twice counts once', async () => {
    await using machines = await threeMachines();
    const { router, home, work, lab } = machines;
    await router.chat.say('@all who are you?');
    const [first, second, third] = await takeAll(home, work, lab);
    for (const text of ['home', 'home again', 'home again']) reply(home, first, text);
    for (let count = 0; count < 3; count += 1) await home.next('ack');
    reply(work, second, 'work');
    reply(lab, third, 'lab');
    await shown(router.chat, '**home-pc**\nhome\n\n**work-server**\nwork\n\n**lab-box**\nlab');
    reply(home, first, 'home again');
    await home.next('ack');
    expect(router.chat.shown).toHaveLength(1);
  });

  test('says what went wrong', async () => {
    await using machines = await threeMachines();
    const { router, home, work, lab } = machines;
    await router.chat.say('@all who are you?');
    const [first, second, third] = await takeAll(home, work, lab);
    home.send({ type: 'forward_response', id: first, reply: 'half', error: 'The model is away.' });
    work.send({ type: 'forward_response', id: second, error: 'The model is away.' });
    reply(lab, third, 'lab');
    expect((await shown(router.chat, '**')).text).toBe(
      '**home-pc**\nhalf\n\n⚠️ The model is away.\n\n**work-server**\n⚠️ The model is away.\n\n**lab-box**\nlab',
    );
  });

  test('that asks something has its buttons in a message of its own', async () => {
    await using machines = await threeMachines();
    const { router, home, work, lab } = machines;
    await router.chat.say('@all clean up');
    const [first, second, third] = await takeAll(home, work, lab);
    const actions = [{ id: 'yes', label: 'Yes', style: 'primary' }];
    home.send({ type: 'forward_response', id: first, reply: 'May I?', actions });
    const question = await shown(router.chat, 'May I?\n\n· home-pc');
    expect(buttons(question)).toEqual(['yes']);
    reply(work, second, 'work');
    reply(lab, third, 'lab');
    await shown(router.chat, '**home-pc**\nMay I?\n\n**work-server**\nwork\n\n**lab-box**\nlab');
    await router.chat.press(question, 'yes');
    expect(await home.next('action')).toMatchObject({ message_id: first, action_id: 'yes' });
  });

  test('may come before or after a restart of the router', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using home = await first.connectNode();
    using work = await first.connectNode(workServer);
    const { id: messageId } = await first.chat.say('@all who are you?');
    const [atHome, atWork] = await takeAll(home, work);
    reply(home, atHome, 'home');
    await home.next('ack');
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using back = await second.connectNode(workServer);
    reply(back, atWork, 'work');
    expect(await shown(second.chat, '**home-pc**\nhome\n\n**work-server**\nwork')).toMatchObject({
      replyTo: messageId,
    });
    expect(second.chat.shown).toHaveLength(1);
  });

  test('of a node that went away with it comes later, alone, and the others do not wait', async () => {
    await using machines = await threeMachines(noGrace);
    const { router, home, work, lab } = machines;
    const { id: messageId } = await router.chat.say('@all who are you?');
    const [first, second, third] = await takeAll(home, work, lab);
    reply(home, first, 'home');
    reply(lab, third, 'lab');
    await lab.next('ack');
    await leave(router, work, 'work-server');
    const away = '⏳ "work-server" had this message when it went offline. The answer comes when it is back.';
    await shown(router.chat, `**home-pc**\nhome\n\n**work-server**\n${away}\n\n**lab-box**\nlab`);
    using back = await router.connectNode(workServer);
    reply(back, second, 'work');
    expect(await shown(router.chat, 'work\n\n· work-server')).toMatchObject({ replyTo: messageId });
  });

  test('of a node that went away and came back in time is the real one', async () => {
    await using machines = await threeMachines(noGrace);
    const { router, home, work, lab } = machines;
    await router.chat.say('@all who are you?');
    const [first, second, third] = await takeAll(home, work, lab);
    reply(home, first, 'home');
    await leave(router, work, 'work-server');
    await shown(router.chat, 'disconnected');
    using back = await router.connectNode(workServer);
    reply(back, second, 'work');
    await back.next('ack');
    expect(router.chat.texts()).toEqual([]);
    reply(lab, third, 'lab');
    await shown(router.chat, '**home-pc**\nhome\n\n**work-server**\nwork\n\n**lab-box**\nlab');
  });

  test('that takes long comes later, alone, and the others do not wait', async () => {
    await using machines = await threeMachines({ config: { forwardTimeoutMs: 150 } });
    const { router, home, work, lab } = machines;
    await router.chat.say('@all who are you?');
    const [first, second, third] = await takeAll(home, work, lab);
    reply(home, first, 'home');
    reply(lab, third, 'lab');
    const slow = '⏳ "work-server" is still working on this. The answer comes when it is done.';
    await shown(router.chat, `**home-pc**\nhome\n\n**work-server**\n${slow}\n\n**lab-box**\nlab`);
    reply(work, second, 'work');
    await shown(router.chat, 'work\n\n· work-server');
    expect(router.chat.attempts).toHaveLength(2);
  });

  test('that its node did not take in time is given up, and the others come', async () => {
    await using machines = await threeMachines({ config: { offlineQueueTtlMs: 100 } });
    const { router, home, work, lab } = machines;
    await router.chat.say('@all who are you?');
    const [first, third] = await takeAll(home, lab);
    await work.next('forward');
    await leave(router, work, 'work-server');
    reply(home, first, 'home');
    reply(lab, third, 'lab');
    expect((await shown(router.chat, '**')).text).toMatch(
      /^\*\*home-pc\*\*\nhome\n\n\*\*work-server\*\*\nNode "work-server" did not come back in time.*\n\n\*\*lab-box\*\*\nlab$/,
    );
  });

  test('that was not sent when its node went is taken back', async () => {
    await using machines = await threeMachines(noGrace);
    const { router, home, work, lab } = machines;
    // It acknowledges none of these, and so is sent no more.
    for (let index = 0; index < 64; index += 1) await router.chat.say(`@work-server ${index}`);
    await router.chat.say('@all who are you?');
    const [first, third] = await takeAll(home, lab);
    reply(home, first, 'home');
    reply(lab, third, 'lab');
    await leave(router, work, 'work-server');
    await shown(router.chat, '**home-pc**\nhome\n\n**work-server**\n(offline)\n\n**lab-box**\nlab');
    using back = await router.connectNode(workServer);
    await router.chat.say('@work-server the last');
    for (let index = 0; index < 64; index += 1) expect(await back.take()).toMatchObject({ text: String(index) });
    expect(await back.take()).toMatchObject({ text: 'the last' });
  });
});
