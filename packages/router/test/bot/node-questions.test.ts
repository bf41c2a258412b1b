import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, buttons, leave, shown, workServer } from './machines.ts';

const actions = [
  { id: 'once', label: 'Allow once', style: 'primary' },
  { id: 'deny', label: 'Deny', style: 'danger' },
];
const address = { user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' };

const outOfUse = { kind: 'warning', toast: 'This button is no longer in use.' };
const noLongerOpen = { kind: 'warning', toast: 'This question is no longer open.' };

/** Alice has talked to the node. */
async function greet(router: TestRouter, node: RawNode): Promise<void> {
  await router.chat.say('@home-pc hello');
  await node.answer('hi there');
  await shown(router.chat, 'hi there');
}

/** The node asks in a message of its own. Resolves when Alice sees it. */
async function ask(router: TestRouter, node: RawNode, id: string, text = `May I run ${id}?`) {
  node.send({ type: 'message', id, ...address, text, actions });
  const message = await shown(router.chat, text);
  await node.next('delivered');
  return message;
}

/** The node has answered, and asks something in a message of its own. */
async function twoQuestions(router: TestRouter, node: RawNode) {
  await router.chat.say('@home-pc clean up');
  const { id } = await node.take();
  node.send({ type: 'forward_response', id, reply: 'May I run rm?', actions });
  node.send({ type: 'message', id: 'frame-2', ...address, text: 'May I run dd?', actions });
  return { inAnswer: await shown(router.chat, 'run rm'), inMessage: await shown(router.chat, 'run dd'), id };
}

describe('a question of a node', () => {
  test('gets its answer back, from who was asked and once, under the id of the frame that carried it', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    const { inAnswer, inMessage, id } = await twoQuestions(router, home);
    expect([inAnswer, inMessage].map(buttons)).toEqual(Array(2).fill(['once', 'deny']));
    expect(await router.chat.press(inAnswer, 'once', 'ou_bob')).toMatchObject({ kind: 'error' });
    expect(await router.chat.press(inAnswer, 'always')).toEqual(outOfUse);
    const asked = inAnswer.text;
    const chosen = { kind: 'success', toast: '✓ Allow once', text: `${asked}\n\n**✓ Allow once**` };
    expect(await router.chat.press(inAnswer, 'once')).toEqual(chosen);
    expect(await router.chat.press(inAnswer, 'deny')).toMatchObject({ toast: 'Already answered: Allow once' });
    expect(await home.next('action')).toMatchObject({ ...address, message_id: id, action_id: 'once' });
    await router.chat.say('2');
    expect(await home.next('action')).toMatchObject({ ...address, message_id: 'frame-2', action_id: 'deny' });
    expect(await router.chat.press(inMessage, 'once')).toMatchObject({ toast: 'Already answered: Deny' });
    expect(new Set(home.all('action').map((action) => action.id)).size).toBe(2);
    expect(home.all('action')).toHaveLength(2);
    expect(work.all('action')).toEqual([]);
  });

  test('gets its answer when it is back, after a restart of the router too, and the user is told so', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using home = await first.connectNode();
    const { inAnswer, inMessage } = await twoQuestions(first, home);
    await leave(first, home, 'home-pc');
    const text = '✓ Allow once. Node "home-pc" is offline and gets your answer when it is back.';
    const outcome = { kind: 'success', toast: text, text: `${inAnswer.text}\n\n**${text}**` };
    expect(await first.chat.press(inAnswer, 'once')).toEqual(outcome);
    await first.stop();
    await using second = await TestRouter.start({ folder });
    expect(await second.chat.press(inMessage, 'deny')).toMatchObject({ kind: 'success' });
    using back = await second.connectNode();
    expect(await back.next('action')).toMatchObject({ action_id: 'once' });
    const { id } = await back.next('action');
    for (const action of back.all('action')) back.send({ type: 'ack', id: action.id });
    await second.chat.say('hello');
    await back.take();
    expect(back.all('action').map((action) => action.id)).toEqual([expect.any(String), id]);
  });
});

describe('a typed answer to a node', () => {
  test.each([
    ['y', 'once'],
    ['OK。', 'once'],
    [' 允许 ', 'once'],
    ['１', 'once'],
    ['no!', 'deny'],
    ['不', 'deny'],
    ['“Deny”', 'deny'],
  ])('%j is the button %j', async (typed, actionId) => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    await ask(router, home, 'make');
    await router.chat.say(typed);
    expect(await home.next('action')).toMatchObject({ message_id: 'make', action_id: actionId });
    expect(asked(home)).toEqual(['hello']);
  });

  test('is none when it is a question itself, or more than a word', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    await ask(router, home, 'make');
    for (const text of ['yes?', '-1', 'yes, and then install it', '不是']) {
      await router.chat.say(text);
      expect(await home.take()).toMatchObject({ text });
    }
    expect(home.all('action')).toEqual([]);
  });

  test('yes and no are words like any other to the questions of the bot itself', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await leave(router, home, 'home-pc');
    await router.chat.say('@home-pc one');
    await shown(router.chat, 'Your message waits');
    await router.chat.say('no');
    expect(await work.take()).toMatchObject({ text: 'no' });
    using back = await router.connectNode();
    expect(await back.take()).toMatchObject({ text: 'one' });
  });

  test('counts for nothing before its question can be seen', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    const gate = Promise.withResolvers<void>();
    router.chat.onSend = async ({ text }) => (text.includes('make') ? await gate.promise : undefined);
    home.send({ type: 'message', id: 'make', ...address, text: 'May I run make?', actions });
    await waitFor(() => router.chat.attempts.some(({ message }) => message.text.includes('make')));
    await router.chat.say('yes');
    expect(await home.take()).toMatchObject({ text: 'yes' });
    gate.resolve();
    await home.next('delivered');
    await router.chat.say('yes');
    expect(await home.next('action')).toMatchObject({ message_id: 'make', action_id: 'once' });
    expect(asked(home)).toEqual(['hello', 'yes']);
  });
});

test('the typed name of a button in the other language does what the button does', async () => {
  await using router = await TestRouter.start();
  using home = await router.connectNode();
  await greet(router, home);
  const named = [
    { id: 'continue', label: 'Continue', also: '继续', style: 'primary' },
    { id: 'drop', label: 'Drop', also: '丢弃', style: 'danger' },
  ];
  home.send({ type: 'message', id: 'cut', ...address, text: 'It was cut. What now?', actions: named });
  await shown(router.chat, 'What now?');
  await home.next('delivered');
  await router.chat.say('丢弃');
  expect(await home.next('action')).toMatchObject({ message_id: 'cut', action_id: 'drop' });
});

describe('a question that its node takes back', () => {
  test('is answered by nobody any more, and its text is shown', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    const question = await ask(router, home, 'make');
    home.send({ type: 'message', id: 'm2', ...address, text: 'Nobody answered: denied.', replaces: 'make' });
    await shown(router.chat, 'Nobody answered: denied.');
    expect(await router.chat.press(question, 'once')).toMatchObject(noLongerOpen);
    await router.chat.say('y');
    expect(await home.take()).toMatchObject({ text: 'y' });
    expect(home.all('action')).toEqual([]);
  });

  test('makes room for the typed answer to another one, after a restart too', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using home = await first.connectNode();
    await greet(first, home);
    const question = await ask(first, home, 'make');
    await ask(first, home, 'install');
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using back = await second.connectNode();
    back.send({ type: 'message', id: 'm2', ...address, text: '', replaces: 'make' });
    await back.next('ack');
    await second.chat.say('y');
    expect(await back.next('action')).toMatchObject({ message_id: 'install', action_id: 'once' });
    expect(await second.chat.press(question, 'once')).toMatchObject(noLongerOpen);
  });

  test('without a word is closed in silence, and one that asks anew is a question of its own', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    const question = await ask(router, home, 'make');
    const shownBefore = router.chat.shown.length;
    home.send({ type: 'message', id: 'm2', ...address, text: ' ', replaces: 'make' });
    home.send({ type: 'message', id: 'm3', ...address, text: '', actions, replaces: 'm2' });
    const next = await waitFor(() => router.chat.shown[shownBefore]);
    expect(buttons(next)).toEqual(['once', 'deny']);
    await home.next('delivered');
    expect(await router.chat.press(question, 'once')).toMatchObject(noLongerOpen);
    await router.chat.say('n');
    expect(await home.next('action')).toMatchObject({ message_id: 'm3', action_id: 'deny' });
  });

  test('stays answered where it was answered before', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    await greet(router, home);
    const question = await ask(router, home, 'make');
    await router.chat.press(question, 'once');
    home.send({ type: 'message', id: 'm2', ...address, text: 'Running it.', replaces: 'make' });
    await shown(router.chat, 'Running it.');
    expect(await router.chat.press(question, 'deny')).toMatchObject({ toast: 'Already answered: Allow once' });
  });

  test('is no business of another node', async () => {
    await using router = await TestRouter.start();
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await greet(router, home);
    await router.chat.say('@work-server hello');
    await work.take();
    const question = await ask(router, home, 'make');
    work.send({ type: 'message', id: 'm2', ...address, text: 'Over!', replaces: 'make' });
    await shown(router.chat, 'Over!');
    expect(await router.chat.press(question, 'once')).toMatchObject({ kind: 'success' });
    expect(await home.next('action')).toMatchObject({ message_id: 'make' });
  });
});
