import { cpSync } from 'node:fs';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../src/bot/chat-channel.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import type { TestRouterOptions } from '../fakes/test-router.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, buttons, labBox, leave, shown, workServer } from './machines.ts';

/** The message in which the bot asks about the message `id`. */
async function questionAbout(router: TestRouter, { id }: { readonly id: string }): Promise<OutgoingMessage> {
  return await waitFor(
    () => router.chat.shown.find(({ replyTo, actions }) => replyTo === id && actions !== undefined),
    { what: 'a question' },
  );
}

const tooLateText = 'Too late: the machine has this message already.';
const tooLate = { kind: 'warning', toast: tooLateText, text: tooLateText };
const outOfUse = { kind: 'warning', toast: 'This button is no longer in use.' };

describe('a message that could be for several nodes', () => {
  test('is asked about once, with a button for each, and waits for the press', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    const message = await router.chat.say('run the tests');
    const question = await questionAbout(router, message);
    expect(question.text).toBe(
      'Which machine is this for? Press a button, or answer with its number:\n1. home-pc\n2. work-server',
    );
    expect(buttons(question)).toEqual(['home-pc', 'work-server']);
    expect([asked(home), asked(work)]).toEqual([[], []]);
    const outcome = await router.chat.press(question, 'work-server');
    expect(outcome).toEqual({ kind: 'success', toast: '→ work-server', text: '→ work-server' });
    await work.answer('they pass');
    const answer = await shown(router.chat, 'they pass');
    expect(answer.replyTo).toBe(message.id);
    // Where the user works now.
    await router.chat.say('and the linter?');
    expect(await work.take()).toMatchObject({ text: 'and the linter?' });
    expect(asked(home)).toEqual([]);
    expect(router.chat.shown.filter(({ actions }) => actions !== undefined)).toHaveLength(1);
  });

  test('is sent on once, however often and by whomever a button is pressed', async () => {
    await using router = await TestRouter.start();
    const users = { serves_users: ['ou_alice', 'ou_bob'] };
    using home = await router.connectNode(users);
    using work = await router.connectNode({ ...workServer, ...users });
    const question = await questionAbout(router, await router.chat.say('run the tests'));
    const notYours = { kind: 'error', toast: 'This question was not for you.' };
    expect(await router.chat.press(question, 'home-pc', 'ou_bob')).toEqual(notYours);
    expect(await router.chat.press(question, 'home-pc', 'ou_mallory')).toEqual(notYours);
    expect(await router.chat.press(question, 'cellar')).toEqual(outOfUse);
    expect(await router.chat.press({ ...question, id: 'made-up' }, 'home-pc')).toEqual(outOfUse);
    const outcomes = await Promise.all(
      ['work-server', 'work-server', 'home-pc'].map((nodeId) => router.chat.press(question, nodeId)),
    );
    const twice = { kind: 'warning', toast: 'Already answered: work-server', text: '✓ work-server' };
    expect(outcomes).toEqual([expect.objectContaining({ kind: 'success' }), twice, twice]);
    await router.chat.say('@home-pc the next');
    await router.chat.say('@work-server the next');
    await home.take();
    await work.take();
    expect(await work.take()).toMatchObject({ text: 'the next' });
    expect([asked(home), asked(work)]).toEqual([['the next'], ['run the tests', 'the next']]);
  });

  test('waits over a restart', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using _home = await first.connectNode();
    using _work = await first.connectNode(workServer);
    const message = await first.chat.say('run the tests');
    const question = await questionAbout(first, message);
    await first.stop();
    await using second = await TestRouter.start({ folder });
    expect(await second.chat.press(question, 'work-server')).toMatchObject({ kind: 'success' });
    expect(await second.chat.press(question, 'home-pc')).toMatchObject({ kind: 'warning' });
    using work = await second.connectNode(workServer);
    await work.answer('they pass');
    expect((await shown(second.chat, 'they pass')).replyTo).toBe(message.id);
  });

  test('is not sent on by somebody who may no longer write', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using _home = await first.connectNode();
    using _work = await first.connectNode(workServer);
    const question = await questionAbout(first, await first.chat.say('run the tests'));
    await first.stop();
    await using second = await TestRouter.start({ folder, config: { allowedOpenIds: ['ou_bob'] } });
    using work = await second.connectNode(workServer);
    expect(await second.chat.press(question, 'work-server')).toMatchObject({ kind: 'error' });
    expect(asked(work)).toEqual([]);
  });
});

describe('an answer that is typed', () => {
  test.each(['2', ' 2 ', 'work-server', 'WORK-SERVER'])('does what the button does: %j', async (typed) => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    const question = await questionAbout(router, await router.chat.say('run the tests'));
    const answer = await router.chat.say(typed);
    expect(await work.take()).toMatchObject({ text: 'run the tests' });
    expect((await shown(router.chat, '→ work-server')).replyTo).toBe(answer.id);
    expect(await router.chat.press(question, 'home-pc')).toMatchObject({ toast: 'Already answered: work-server' });
    expect(asked(home)).toEqual([]);
  });

  test('is a message like any other while nothing, or more than one thing, is asked', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    const first = await questionAbout(router, await router.chat.say('one'));
    const second = await questionAbout(router, await router.chat.say('two'));
    await router.chat.say('@home-pc 1');
    expect(await home.take()).toMatchObject({ text: '1' });
    const third = await questionAbout(router, await router.chat.say('2'));
    expect(asked(work)).toEqual([]);
    for (const question of [first, second, third]) await router.chat.press(question, 'work-server');
    for (const text of ['one', 'two', '2']) expect(await work.take()).toMatchObject({ text });
    await router.chat.say('1');
    expect(await work.take()).toMatchObject({ text: '1' });
  });

  test('is none when it is no answer to that question, or comes from somebody else or elsewhere', async () => {
    await using router = await TestRouter.start();
    const group = { chatId: 'oc_group', chatType: 'group' } as const;
    using home = await router.connectNode();
    using work = await router.connectNode({ ...workServer, serves_users: ['ou_alice', 'ou_bob'] });
    const message = await router.chat.say('run the tests', group);
    await shown(router.chat, 'Which machine');
    await router.chat.say('1', { ...group, userId: 'ou_bob' });
    expect(await work.take()).toMatchObject({ text: '1', user_id: 'ou_bob' });
    await router.chat.say('@work-server 1');
    expect(await work.take()).toMatchObject({ text: '1', user_id: 'ou_alice' });
    for (const text of ['3', '0', '12345', 'home']) await router.chat.say(`@work-server ${text}`, group);
    for (const text of ['3', '0', '12345', 'home']) expect(await work.take()).toMatchObject({ text });
    await router.chat.say('1', group);
    expect(await home.answer('they pass')).toMatchObject({ text: 'run the tests' });
    expect((await shown(router.chat, 'they pass')).replyTo).toBe(message.id);
  });
});

describe('a message for a node that is offline', () => {
  const noGrace = { config: { nodeOfflineGraceMs: 0 } };

  /** Of Alice's three nodes, home-pc is away. */
  async function withHomeAway(options: TestRouterOptions = noGrace) {
    const router = await TestRouter.start(options);
    using home = await router.connectNode();
    const work = await router.connectNode(workServer);
    const lab = await router.connectNode(labBox);
    await leave(router, home, 'home-pc');
    const dispose = async () => {
      work.socket.terminate();
      lab.socket.terminate();
      await router[Symbol.asyncDispose]();
    };
    return { router, work, lab, [Symbol.asyncDispose]: dispose };
  }

  test('can be sent to another node, once, and is not run when the first one is back', async () => {
    await using machines = await withHomeAway();
    const { router, work, lab } = machines;
    const messages = [];
    for (const text of ['one', 'two', 'three']) messages.push(await router.chat.say(`@home-pc ${text}`));
    const questions = [];
    for (const message of messages) questions.push(await questionAbout(router, message));
    const [one, two, three] = questions;
    if (one === undefined || two === undefined || three === undefined) throw new Error('not all were asked about');
    expect(three.text).toBe(
      'Node "home-pc" is offline. Your message waits (#3 in its queue) and runs when it is back.',
    );
    expect(buttons(one)).toEqual(['send:work-server', 'send:lab-box', 'cancel']);
    expect(one.actions?.map(({ label }) => label)).toEqual(['Send to work-server', 'Send to lab-box', 'Cancel']);
    for (const question of [one, three]) {
      expect(await router.chat.press(question, 'send:work-server')).toEqual({
        kind: 'success',
        toast: '→ work-server',
        text: '→ work-server',
      });
    }
    expect(await router.chat.press(one, 'send:lab-box')).toMatchObject({
      toast: 'Already answered: Send to work-server',
    });
    await work.answer('one done');
    await work.answer('three done');
    expect((await shown(router.chat, 'three done')).replyTo).toBe(messages[2]?.id);
    using home = await router.connectNode();
    expect(await home.answer('two done')).toMatchObject({ text: 'two' });
    await router.chat.say('@home-pc four');
    expect(await home.take()).toMatchObject({ text: 'four' });
    expect([asked(home), asked(work), asked(lab)]).toEqual([['two', 'four'], ['one', 'three'], []]);
  });

  test('can be taken back, by a button or by a word', async () => {
    await using machines = await withHomeAway();
    const { router } = machines;
    const first = await questionAbout(router, await router.chat.say('@home-pc delete everything'));
    expect(await router.chat.press(first, 'cancel')).toEqual({
      kind: 'success',
      toast: 'Cancelled: "delete everything"',
      text: 'Cancelled: "delete everything"',
    });
    await questionAbout(router, await router.chat.say('@home-pc delete the rest'));
    await router.chat.say('cancel');
    await shown(router.chat, 'Cancelled: "delete the rest"');
    using home = await router.connectNode();
    await router.chat.say('@home-pc hello');
    await home.take();
    expect(asked(home)).toEqual(['hello']);
    expect((await router.health()).body.queue.inbox).toBe(1);
  });

  test('can be sent elsewhere after a restart', async () => {
    using folder = new TempFolder();
    const { router: first, work, lab } = await withHomeAway({ ...noGrace, folder });
    work.socket.terminate();
    lab.socket.terminate();
    const question = await questionAbout(first, await first.chat.say('@home-pc one'));
    await first.stop();
    await using second = await TestRouter.start({ folder });
    expect(await second.chat.press(question, 'send:lab-box')).toMatchObject({ kind: 'success' });
    using home = await second.connectNode();
    using back = await second.connectNode(labBox);
    expect(await back.take()).toMatchObject({ text: 'one' });
    expect(asked(home)).toEqual([]);
  });

  test('stays with the node that was being sent it when the router was killed', async () => {
    await using router = await TestRouter.start(noGrace);
    using home = await router.connectNode();
    using left = new TempFolder();
    // What a kill in this moment leaves: when it was sent is in no row yet.
    home.socket.once('message', () => cpSync(router.folder.path, left.path, { recursive: true }));
    await router.chat.say('@home-pc one');
    await home.next('forward');
    await using second = await TestRouter.start({ ...noGrace, folder: left });
    using work = await second.connectNode(workServer);
    const notice = await shown(second.chat, 'Node "home-pc" is offline');
    expect(buttons(notice)).toEqual([]);
    await second.chat.say('@home-pc two');
    const question = await shown(second.chat, '#2 in its queue');
    expect(await second.chat.press(question, 'send:work-server')).toMatchObject({ kind: 'success' });
    expect(await work.take()).toMatchObject({ text: 'two' });
    using back = await second.connectNode();
    expect(await back.take()).toMatchObject({ text: 'one' });
  });

  test('waits again, with its place, where it is sent to a node that has gone too', async () => {
    await using machines = await withHomeAway();
    const { router, lab } = machines;
    const question = await questionAbout(router, await router.chat.say('@home-pc one'));
    await leave(router, lab, 'lab-box');
    await router.chat.press(question, 'send:lab-box');
    const again = await shown(router.chat, 'Node "lab-box" is offline. Your message waits (#1 in its queue)');
    expect(buttons(again)).toEqual(['send:work-server', 'cancel']);
    using back = await router.connectNode(labBox);
    expect(await back.take()).toMatchObject({ text: 'one' });
    using home = await router.connectNode();
    expect(asked(home)).toEqual([]);
  });

  test('is not offered to nodes that are offline or of somebody else', async () => {
    await using router = await TestRouter.start(noGrace);
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    using _bobs = await router.connectNode({ ...labBox, serves_users: ['ou_bob'] });
    await leave(router, home, 'home-pc');
    await leave(router, work, 'work-server');
    expect(buttons(await questionAbout(router, await router.chat.say('@home-pc one')))).toEqual(['cancel']);
  });

  test('can not be changed once the node has it, and the user is not told otherwise', async () => {
    await using machines = await withHomeAway();
    const { router, work, lab } = machines;
    const message = await router.chat.say('@home-pc one');
    const question = await questionAbout(router, message);
    using home = await router.connectNode();
    const { id } = await home.take();
    expect(await router.chat.press(question, 'cancel')).toEqual(tooLate);
    expect(await router.chat.press(question, 'send:work-server')).toEqual(outOfUse);
    home.send({ type: 'forward_response', id, reply: 'one done' });
    expect((await shown(router.chat, 'one done')).replyTo).toBe(message.id);
    expect([asked(work), asked(lab)]).toEqual([[], []]);
  });

  test('is not sent to a second node while the first may have got it', async () => {
    await using machines = await withHomeAway();
    const { router, work, lab } = machines;
    const question = await questionAbout(router, await router.chat.say('@home-pc one'));
    using home = await router.connectNode();
    await home.next('forward');
    // Its ack may have been lost on the way.
    await leave(router, home, 'home-pc');
    expect(await router.chat.press(question, 'send:work-server')).toEqual(tooLate);
    using back = await router.connectNode();
    expect(await back.take()).toMatchObject({ text: 'one' });
    expect([asked(work), asked(lab)]).toEqual([[], []]);
  });

  test('offers nothing to press where the node may have got it before it went', async () => {
    await using router = await TestRouter.start(noGrace);
    using home = await router.connectNode();
    using _work = await router.connectNode(workServer);
    await router.chat.say('@home-pc one');
    await home.next('forward');
    home.socket.terminate();
    const notice = await shown(router.chat, 'Node "home-pc" is offline');
    expect(notice.actions).toBeUndefined();
  });

  test('leaves nothing to answer by a word once the node has it', async () => {
    await using machines = await withHomeAway();
    const { router, work } = machines;
    await router.chat.say('/node home-pc');
    await questionAbout(router, await router.chat.say('@home-pc which of the two?'));
    using home = await router.connectNode();
    await home.take();
    for (const text of ['1', 'cancel']) {
      await router.chat.say(text);
      expect(await home.take()).toMatchObject({ text });
    }
    expect(asked(work)).toEqual([]);
  });
});
