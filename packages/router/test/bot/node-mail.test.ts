import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';

const alicesChat = { user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' };

describe('an answer', () => {
  test('goes to the chat that asked, as a reply, and is acknowledged', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    const { id: messageId } = await router.chat.say('run the tests');
    const { id } = await node.answer('they pass');
    expect(await node.next('ack')).toEqual({ type: 'ack', id });
    await router.chat.untilShown(1);
    expect(router.chat.shown[0]).toMatchObject({ chatId: 'chat-of-ou_alice', replyTo: messageId, text: 'they pass' });
    expect((await router.health()).body.queue.inbox).toBe(0);
  });

  test('that comes again is acknowledged again, and shown once', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('run the tests');
    const { id } = await node.take();
    const response = { type: 'forward_response', id, reply: 'they pass' };
    for (let time = 0; time < 3; time += 1) node.send(response);
    await waitFor(() => node.all('ack').length === 3);
    node.socket.terminate();
    using back = await router.connectNode();
    back.send(response);
    await back.next('ack');
    await router.chat.say('and now?');
    await back.answer('still');
    expect(await router.chat.untilShown(2)).toEqual(['they pass', 'still']);
    expect(router.chat.attempts).toHaveLength(2);
  });

  test('that comes again with other words changes nothing, from a later incarnation of the node either', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('run the tests');
    const { id } = await node.answer('they pass');
    node.send({ type: 'forward_response', id, reply: 'they fail' });
    await waitFor(() => node.all('ack').length === 2);
    using later = await router.connectNode();
    later.send({ type: 'forward_response', id, reply: 'they fail', error: 'The model is away.' });
    await later.next('ack');
    await router.chat.say('and now?');
    await later.answer('still');
    expect(await router.chat.untilShown(2)).toEqual(['they pass', 'still']);
    expect(router.chat.attempts).toHaveLength(2);
  });

  test('that comes again after a restart is acknowledged, and shown once', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using node = await first.connectNode();
    await first.chat.say('run the tests');
    const { id } = await node.answer('they pass');
    await first.chat.untilShown(1);
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using back = await second.connectNode();
    back.send({ type: 'forward_response', id, reply: 'they pass' });
    await back.next('ack');
    await second.chat.say('and now?');
    await back.answer('still');
    expect(await second.chat.untilShown(1)).toEqual(['still']);
  });

  test('to a question from before a restart finds its chat', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    using node = await first.connectNode();
    await first.chat.say('run the tests');
    const { id } = await node.take();
    await first.stop();
    await using second = await TestRouter.start({ folder });
    using back = await second.connectNode();
    back.send({ type: 'forward_response', id, reply: 'they pass' });
    expect(await second.chat.untilShown(1)).toEqual(['they pass']);
  });

  test('from a node that was not asked is dropped, and does not spoil the real one', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    using rogue = await router.connectNode({ node_id: 'rogue' });
    await router.chat.say('@home-pc what is my balance?');
    const { id } = await node.take();
    rogue.send({ type: 'forward_response', id, reply: 'forged' });
    rogue.send({ type: 'forward_response', id: 'made-up', reply: 'forged' });
    rogue.send({ type: 'ack', id });
    rogue.send({ type: 'progress', id, text: 'forged' });
    await waitFor(() => rogue.all('ack').length === 2);
    node.send({ type: 'forward_response', id, reply: 'genuine' });
    expect(await router.chat.untilShown(1)).toEqual(['genuine\n\n· home-pc']);
    expect(router.chat.attempts).toHaveLength(1);
    expect(router.chat.views).toEqual([]);
    expect(router.log.with('was dropped')).toHaveLength(2);
  });

  test('with an error shows both what there is and what went wrong', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('one');
    node.send({ type: 'forward_response', id: (await node.take()).id, reply: 'half', error: 'The model is away.' });
    await router.chat.say('two');
    node.send({ type: 'forward_response', id: (await node.take()).id, error: 'The model is away.' });
    expect(await router.chat.untilShown(2)).toEqual(['half\n\n⚠️ The model is away.', '⚠️ The model is away.']);
  });
});

describe('a push', () => {
  test('reaches a user in a chat where they talked to the node, once', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('hello');
    await node.take();
    const frames = [
      { type: 'task_complete', id: 't1', task_id: 'abc123', ...alicesChat, result: '✅ Task #abc123 done (42s)' },
      { type: 'message', id: 'm1', ...alicesChat, text: '⏰ tea' },
      // Ids count for each type on its own.
      { type: 'message', id: 't1', ...alicesChat, text: 'another' },
      { type: 'file', id: 'f1', ...alicesChat, name: 'report.pdf', size: 1, sha256: '0'.repeat(64) },
    ];
    for (const frame of [...frames, ...frames]) node.send(frame);
    await waitFor(() => node.all('ack').length === 8);
    const shown = await router.chat.untilShown(4);
    expect(shown.slice(0, 3)).toEqual(['✅ Task #abc123 done (42s)', '⏰ tea', 'another']);
    expect(shown[3]).toContain('report.pdf');
    expect(router.chat.attempts).toHaveLength(4);
  });

  test('is dropped for a user whom the node does not serve, and in a chat where the user did not talk to it', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    using rogue = await router.connectNode({ node_id: 'rogue', serves_users: ['ou_bob', 'ou_alice'] });
    await router.chat.say('@home-pc hello');
    await node.take();
    await router.chat.say('hello', { userId: 'ou_bob' });
    await rogue.take();
    const attacks = [
      { user_id: 'ou_alice', chat_id: 'chat-of-ou_alice' },
      { user_id: 'ou_bob', chat_id: 'chat-of-ou_alice' },
      { user_id: 'ou_alice', chat_id: 'chat-of-ou_bob' },
      { user_id: 'ou_carol', chat_id: 'chat-of-ou_carol' },
    ];
    for (const [index, target] of attacks.entries()) {
      rogue.send({ type: 'message', id: `m${index}`, ...target, text: 'click here' });
      rogue.send({ type: 'task_complete', id: `t${index}`, task_id: 't', ...target, result: 'click here' });
    }
    await waitFor(() => rogue.all('ack').length === 2 * attacks.length);
    rogue.send({ type: 'message', id: 'fine', user_id: 'ou_bob', chat_id: 'chat-of-ou_bob', text: 'yours' });
    expect(await router.chat.untilShown(1, 'chat-of-ou_bob')).toEqual(['yours']);
    expect(router.chat.attempts).toHaveLength(1);
    expect(router.log.with('a push to a chat that is not its own')).toHaveLength(8);
  });

  test('is dropped for a user whom the node has ceased to serve', async () => {
    await using router = await TestRouter.start();
    using node = await router.connectNode();
    await router.chat.say('hello');
    await node.take();
    node.socket.terminate();
    using changed = await router.connectNode({ serves_users: ['ou_bob'] });
    changed.send({ type: 'message', id: 'm1', ...alicesChat, text: 'still here' });
    await changed.next('ack');
    await router.chat.say('hello', { userId: 'ou_bob' });
    await changed.answer('yes');
    await router.chat.untilShown(1, 'chat-of-ou_bob');
    expect(router.chat.texts()).toEqual([]);
  });

  test('that is dropped leaves nothing behind, however many there are', async () => {
    using folder = new TempFolder();
    const router = await TestRouter.start({ folder });
    using node = await router.connectNode();
    for (let index = 0; index < 2000; index += 1) {
      node.send({ type: 'message', id: `m${index}`, user_id: 'ou_victim', chat_id: 'oc_victim', text: 'click here' });
      node.send({ type: 'forward_response', id: `f${index}`, reply: 'click here' });
    }
    await waitFor(() => node.all('ack').length === 4000);
    await router.stop();
    await using again = await TestRouter.start({ folder });
    expect((await again.health()).body.queue).toEqual({ inbox: 0, outbox: 0 });
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(`${folder.path}/router.db`, { readOnly: true });
    expect(database.prepare('SELECT count(*) AS rows FROM inbox').get()).toEqual({ rows: 0 });
    database.close();
  });
});

test('ids and texts of odd characters are passed on, or dropped, without harm', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  const odd = ['\0', 'a\0b', '\ud800', '\u202e', "'; DROP TABLE forwards; --", '%', '🐛'];
  for (const text of odd) {
    await router.chat.say(`x${text}y`);
    const forward = await node.take();
    expect(forward.text).toBe(`x${text}y`);
    for (const id of [text, forward.id]) {
      node.send({ type: 'forward_response', id, reply: `x${text}y` });
      node.send({ type: 'progress', id: text, text, step: text });
    }
    node.send({ type: 'message', id: text, user_id: text, chat_id: text, text });
    node.send({ type: 'message', id: `m${text}`, ...alicesChat, text });
    node.send({ type: 'ack', id: text });
  }
  expect(await router.chat.untilShown(2 * odd.length)).toEqual(odd.flatMap((text) => [`x${text}y`, text]));
  expect(node.closed).toBeUndefined();
  expect((await router.health()).body.queue.inbox).toBe(0);
});

test('progress is shown beside the message that it is about, and not after the answer', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  const { id: messageId } = await router.chat.say('fix the bug');
  const { id } = await node.take();
  node.send({ type: 'progress', id, text: 'Looking' });
  node.send({ type: 'progress', id, text: 'Looking around', step: 'npm test' });
  node.send({ type: 'forward_response', id, reply: 'fixed' });
  await node.next('ack');
  node.send({ type: 'progress', id, text: 'too late' });
  await router.chat.say('thanks');
  await node.answer('welcome');
  await router.chat.untilShown(2);
  const view = { id, chatId: 'chat-of-ou_alice', replyTo: messageId, startedAt: expect.any(Number), language: 'en' };
  expect(router.chat.views).toEqual([
    { ...view, text: 'Looking' },
    { ...view, text: 'Looking around', step: 'npm test' },
  ]);
});
