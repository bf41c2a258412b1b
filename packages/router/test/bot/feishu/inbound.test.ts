import { readFileSync } from 'node:fs';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { IncomingAttachment } from '../../../src/bot/chat-channel.ts';
import { FeishuRouter } from './feishu-router.ts';
import { Setting } from './setting.ts';

const alice = { openId: 'ou_alice' } as const;
const mallory = { openId: 'ou_mallory' } as const;

describe('what people do beside writing', () => {
  test('arrives: a recall, a visit, a press in the menu', async () => {
    await using setting = await Setting.open();
    await setting.start();
    const { feishu } = setting;
    const chatId = feishu.chatOf('ou_alice');
    const messageId = feishu.say({ ...alice, text: 'oops' });
    feishu.recall(messageId);
    feishu.openChat('ou_alice');
    const eventId = feishu.menu('ou_alice', 'status');
    await waitFor(() => feishu.deliveries.length === 4 && feishu.deliveries.every(({ ackCode }) => ackCode === 200));
    expect(setting.recalls).toEqual([{ channel: 'feishu', chatId, messageId }]);
    expect(setting.visits).toEqual([{ channel: 'feishu', chatId, userId: 'ou_alice' }]);
    expect(setting.received.find(({ id }) => id === eventId)).toMatchObject({ text: '/status', userId: 'ou_alice' });
  });

  test('is dropped with a warning where it can not be read, and does not come again', async () => {
    await using setting = await Setting.open({ server: { redeliverAfterMs: [10] } });
    await setting.start();
    const { feishu } = setting;
    const types = [
      'im.message.recalled_v1',
      'im.chat.access_event.bot_p2p_chat_entered_v1',
      'application.bot.menu_v6',
    ] as const;
    for (const type of types) feishu.deliverEvent(type, { odd: 'private words' });
    await waitFor(() => feishu.deliveries.filter(({ ackCode }) => ackCode === 200).length === types.length);
    expect([setting.recalls, setting.visits, setting.received]).toEqual([[], [], []]);
    expect(setting.log.filter((line) => line.includes('can not be read'))).toHaveLength(types.length);
    expect(setting.log.join('')).not.toContain('private words');
  });
});

describe('the menu of the bot', () => {
  test("runs a command in the user's own chat, once, however often it is told", async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    feishu.openChat('ou_alice');
    await waitFor(() => router.said().length === 1);
    const eventId = feishu.menu('ou_alice', 'status');
    expect(await node.answer('all is well')).toMatchObject({ text: '/status', chat_id: feishu.chatOf('ou_alice') });
    feishu.redeliver(eventId, 2);
    await waitFor(() => router.said().length === 2);
    await router.untilQuiet();
    expect(node.all('forward')).toHaveLength(1);
    expect(router.said()[1]).toContain('all is well');
  });

  test('works before the user was ever seen in their chat', async () => {
    await using router = await FeishuRouter.start();
    router.feishu.menu('ou_alice', '/help');
    await waitFor(() => router.said().some((text) => text.includes('/shell')));
    router.feishu.menu('ou_alice', 'status');
    await router.node.answer('all is well');
    await waitFor(() => router.said().some((text) => text.includes('all is well')));
  });

  test('says in a sentence that it does not know a key', async () => {
    await using router = await FeishuRouter.start();
    router.feishu.menu('ou_alice', 'feedback_form');
    await waitFor(() => router.said().length === 1);
    expect(router.said()[0]).toMatch(/"feedback_form".*\/help/);
    expect(router.node.all('forward')).toEqual([]);
  });

  test('does nothing for a stranger but to say so', async () => {
    await using router = await FeishuRouter.start();
    router.feishu.menu('ou_mallory', 'nodes');
    const chat = router.feishu.chatOf('ou_mallory');
    await waitFor(() => router.said(chat).length === 1);
    expect(router.said(chat)[0]).toContain('Not allowed');
  });
});

describe('the first contact', () => {
  test('is a welcome for who may talk, and a refusal for who may not', async () => {
    await using router = await FeishuRouter.start();
    const { feishu } = router;
    for (const user of ['ou_alice', 'ou_mallory', 'ou_alice', 'ou_mallory']) feishu.openChat(user);
    await waitFor(() => router.said().length > 0 && router.said(feishu.chatOf('ou_mallory')).length > 0);
    await router.untilQuiet();
    expect(router.said()).toEqual([expect.stringContaining('Three things to try')]);
    expect(router.said(feishu.chatOf('ou_mallory'))).toEqual([expect.stringContaining('Not allowed')]);
  });
});

describe('a message of any kind', () => {
  test('goes with what it answers', async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    const first = feishu.say({ ...alice, text: 'the tests fail' });
    await node.answer('they do');
    feishu.say({ ...alice, text: 'still?', parentId: first });
    expect(await node.take()).toMatchObject({ text: 'still?', quoted: 'the tests fail' });
  });

  test('that is one of several pictures is one turn with them, answered at the last', async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    const send = (name: string) =>
      feishu.sendFile({ ...alice, kind: 'image', name, bytes: Buffer.from(`bytes of ${name}`) });
    const [, , last] = ['a.png', 'b.png', 'c.png'].map(send);
    expect((await node.answer('three cats')).attachments).toMatchObject(Array(3).fill({ kind: 'image', size: 14 }));
    await waitFor(() => router.said().length === 1);
    await router.untilQuiet();
    expect(router.shown()).toMatchObject([{ text: 'three cats', replyTo: last }]);
    expect(node.all('forward')).toHaveLength(1);
  });

  test('is heard where it is a voice and the app may, and is a file where it may not', async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    const bytes = readFileSync(new URL('fixtures/tone.opus', import.meta.url));
    const voice = { ...alice, kind: 'audio', name: 'voice.opus', bytes } as const;
    feishu.canRecognizeSpeech = true;
    feishu.recognizes = 'run the tests';
    feishu.sendFile(voice);
    expect(await node.take()).toMatchObject({ text: 'run the tests', attachments: [{ kind: 'audio' }] });
    feishu.canRecognizeSpeech = false;
    feishu.sendFile(voice);
    expect(await node.take()).toMatchObject({ text: '', attachments: [{ kind: 'audio' }] });
  });

  test('taken back at Feishu is cancelled at its machine', async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    const message = feishu.say({ ...alice, text: 'oops' });
    const { id } = await node.take();
    feishu.recall(message);
    expect(await node.next('cancel')).toEqual({ type: 'cancel', id, only_waiting: true });
    node.send({ type: 'forward_response', id, reply: '' });
    await router.untilQuiet();
    expect(router.said()).toEqual([]);
  });

  test.each([
    ['sticker', { file_key: 'f' }, "I can't read stickers yet. Send it as text."],
    ['location', { name: 'x' }, "I can't read locations yet. Send it as text."],
    ['merge_forward', {}, "I can't read forwarded conversations yet. Send it as text."],
    ['interactive', {}, "I can't read cards yet. Send it as text."],
    ['hologram', {}, "I can't read this kind of message (hologram) yet. Send it as text."],
  ])('that can not be read, such as a %s, is answered in a sentence', async (kind, content, sentence) => {
    await using router = await FeishuRouter.start();
    router.feishu.deliver(kind, content, alice);
    await waitFor(() => router.said().length === 1);
    expect(router.said()).toEqual([sentence]);
  });
});

describe('in a group', () => {
  const group = { chatId: 'oc_team', chatType: 'group' } as const;
  const picture = { tag: 'img', image_key: 'img_1' };
  const mention = { tag: 'at', user_id: '@_user_1' };

  test('only what mentions the bot is for it, and the answer is a reply to that', async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    const notForUs: readonly [string, object][] = [
      ['text', { text: 'lunch?' }],
      ['text', { text: '@_all lunch' }],
      ['image', { image_key: 'img_1' }],
      ['audio', { file_key: 'f', duration: 1000 }],
      ['post', { title: '', content: [[{ tag: 'text', text: 'look' }, picture]] }],
      ['sticker', { file_key: 'f' }],
    ];
    for (const [kind, content] of notForUs) feishu.deliver(kind, content, { ...alice, ...group });
    const asked = feishu.say({ ...alice, ...group, text: 'run the tests', mentionsBot: true });
    expect(await node.answer('they pass')).toMatchObject({ text: 'run the tests', chat_id: 'oc_team' });
    await waitFor(() => router.said('oc_team').length === 1);
    await router.untilQuiet();
    expect(node.all('forward')).toHaveLength(1);
    expect(feishu.sent.map(({ chatId, replyTo }) => [chatId, replyTo])).toEqual([['oc_team', asked]]);
  });

  test('a post with a picture that mentions the bot is a turn, and so is a picture that is answered with a mention', async () => {
    await using router = await FeishuRouter.start();
    const { feishu, node } = router;
    const content = { title: '', content: [[mention, { tag: 'text', text: ' what is this?' }, picture]] };
    const post = feishu.deliver('post', content, { ...alice, ...group, mentionsBot: true });
    feishu.attach(post, { key: 'img_1', kind: 'image', name: 'a.png', bytes: Buffer.from('bytes') });
    expect(await node.answer('a cat')).toMatchObject({ text: 'what is this?[image]', attachments: [{ size: 5 }] });
    const image = feishu.sendFile({ ...alice, ...group, kind: 'image', name: 'b.png', bytes: Buffer.from('other') });
    feishu.say({ ...alice, ...group, text: 'and this?', mentionsBot: true, parentId: image });
    const { attachments } = await node.answer('a dog');
    expect(attachments).toMatchObject<Partial<IncomingAttachment>[]>([{ kind: 'image', size: 5 }]);
    await waitFor(() => router.said('oc_team').length === 2);
  });

  test('a stranger learns nothing: by speaking to the bot, by taking it back, by a visit to the chat, or by a sticker', async () => {
    await using router = await FeishuRouter.start();
    const { feishu } = router;
    const message = feishu.say({ ...mallory, ...group, text: '/nodes', mentionsBot: true });
    feishu.deliver('sticker', { file_key: 'f' }, { ...mallory, ...group, mentionsBot: true });
    feishu.recall(message);
    await router.untilQuiet();
    feishu.say({ ...alice, ...group, text: '/nodes', mentionsBot: true });
    await waitFor(() => feishu.sent.length > 0);
    await router.untilQuiet();
    expect(feishu.sent).toHaveLength(1);
    expect(feishu.calls.filter(({ path }) => path.includes(message))).toEqual([]);
  });
});
