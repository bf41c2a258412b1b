import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR_MS } from '@phonework/shared/duration';
import { describe, expect, test } from 'vitest';
import type { EarlierAttempts, OutgoingFile, OutgoingMessage } from '../../../src/bot/chat-channel.ts';
import { feishuRates } from '../../../src/bot/feishu/pace.ts';
import { renderMessage } from '../../../src/bot/feishu/render.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { Setting } from './setting.ts';

const chatId = 'oc_p2p_ou_alice';

/** The first attempt was hours ago. */
const hoursAgo = (isOther: EarlierAttempts['isOther'] = () => false): EarlierAttempts => ({
  since: Date.now() - 3 * HOUR_MS,
  isOther,
});

function late(message: Partial<OutgoingMessage> & { readonly text: string }): OutgoingMessage {
  return { id: 'm1', chatId, earlier: hoursAgo(), ...message };
}

/** At a Feishu that has forgotten every uuid by the time of the next attempt. */
async function forgetful(): Promise<Setting> {
  const setting = await Setting.open({ channel: { rates: { ...feishuRates, chat: { max: 100, windowMs: 1000 } } } });
  setting.feishu.uuidWindowMs = 0;
  return setting;
}

const anySend = { method: 'POST', path: /^\/im\/v1\/messages/ } as const;

/** It takes effect, nobody is told, and the process ends. */
async function cut(setting: Setting, send: () => Promise<unknown>): Promise<void> {
  setting.feishu.fail({ ...anySend, effect: { kind: 'cut', perform: true } });
  await expect(send()).rejects.toMatchObject({ code: 'unavailable' });
  await setting.restart();
}

const shownIds = ({ feishu }: Setting) => feishu.sent.map(({ id }) => id);

const looks = ({ feishu }: Setting) =>
  feishu.calls.filter(({ method, route }) => method === 'GET' && route === '/im/v1/messages');

describe('what an attempt of hours ago has left in the chat is not sent once more', () => {
  test.each([
    ['a text', { text: 'hello there' }],
    [
      'a card',
      { text: 'see `a.ts` and [the docs](https://example.org/a_b?c=1), if 1 < 2:\n\n```ts\nconst a = 1;\n```' },
    ],
    ['a card with buttons', { text: 'Which?', actions: [{ id: 'y', label: 'Yes', style: 'primary' }] }],
    ['signs alone', { text: '👍' }],
  ] as const)('%s', async (_what, content) => {
    await using setting = await forgetful();
    const message = late({ ...content, replyTo: setting.feishu.say({ openId: 'ou_alice', text: 'hi' }) });
    await cut(setting, () => setting.channel.send(message));
    expect(await setting.channel.send(message)).toEqual(shownIds(setting));
  });

  test('a card, also where Feishu hands out its words alone', async () => {
    await using setting = await forgetful();
    const message = late({
      text: 'see [the docs](https://example.org/a), if 1 < 2:\n\n| a | b |\n|---|---|\n| 1 | 2 |',
    });
    await cut(setting, () => setting.channel.send(message));
    setting.feishu.cardsReadAs = 'always-text';
    expect(await setting.channel.send(message)).toEqual(shownIds(setting));
  });

  test('a post in the place of a card that Feishu refused, although it would take the card now', async () => {
    await using setting = await forgetful();
    const message = late({ text: '**bold**', actions: [{ id: 'y', label: 'Yes', style: 'primary' }] });
    setting.feishu.fail({ ...anySend, effect: { kind: 'answer', status: 400, code: 230099 } });
    await cut(setting, () => setting.channel.send(message));
    await setting.channel.send(message);
    expect(setting.feishu.sent.map(({ messageType }) => messageType)).toEqual(['post']);
  });

  test('the parts that are there; the others are sent', async () => {
    await using setting = await forgetful();
    const lines = Array.from({ length: 1300 }, (_, line) => `- line ${line} of **many**, and all of them are as long`);
    const message = late({ text: lines.join('\n') });
    const parts = renderMessage(message).parts.map(({ content }) => content);
    expect(parts.length).toBeGreaterThan(2);
    setting.feishu.fail({ ...anySend, effect: { kind: 'slow', ms: 0 } });
    await cut(setting, () => setting.channel.send(message));
    expect(setting.feishu.sent).toHaveLength(2);
    const shown = await setting.channel.send(message);
    expect(setting.feishu.sent.map(({ content }) => content)).toEqual(parts);
    expect(shown).toEqual(shownIds(setting));
  });

  test('an answer as a file, with its beginning', async () => {
    await using setting = await forgetful();
    const lines = Array.from(
      { length: 20_000 },
      (_, line) => `- line ${line} of **many**, and all of them are as long`,
    );
    const message = late({ text: lines.join('\n') });
    await setting.channel.send(message);
    const sent = shownIds(setting);
    await setting.restart();
    expect([...(await setting.channel.send(message))].sort()).toEqual([...sent].sort());
    expect(shownIds(setting)).toEqual(sent);
  });

  test.each([
    ['a file', 'report.txt', {}],
    ['an image', 'plot.png', { imageType: 'image/png' }],
  ] as const)('%s, and its bytes are not uploaded again either', async (_what, name, more) => {
    using folder = new TempFolder();
    await using setting = await forgetful();
    const path = join(folder.path, name);
    writeFileSync(path, 'bytes');
    const file: OutgoingFile = { id: 'f1', chatId, name, size: 5, fileId: 'x', path, earlier: hoursAgo(), ...more };
    await cut(setting, () => setting.channel.sendFile(file));
    expect(await setting.channel.sendFile(file)).toEqual(shownIds(setting));
    expect(setting.feishu.uploads).toHaveLength(1);
    await setting.channel.sendFile({ ...file, id: 'f2', name: 'other.txt' });
    expect(setting.feishu.sent).toHaveLength(2);
  });
});

describe('a message in the same words is another one', () => {
  test('when it answers another message', async () => {
    await using setting = await forgetful();
    const [one, two] = ['one', 'two'].map((text) => setting.feishu.say({ openId: 'ou_alice', text }));
    await setting.channel.send({ id: 'm0', chatId, text: 'Done.', replyTo: one ?? '' });
    await setting.channel.send(late({ text: 'Done.', replyTo: two ?? '' }));
    expect(setting.feishu.sent.map(({ replyTo }) => replyTo)).toEqual([one, two]);
  });

  test('when it is known as such, or was found to be a part of another', async () => {
    await using setting = await forgetful();
    const [known = ''] = await setting.channel.send({ id: 'm0', chatId, text: 'Stand up!' });
    const earlier = hoursAgo((id) => id === known);
    await setting.channel.send(late({ id: 'm1', text: 'Stand up!', earlier }));
    expect(setting.feishu.sent).toHaveLength(2);
    await setting.restart();
    await setting.channel.send(late({ id: 'm1', text: 'Stand up!', earlier }));
    expect(setting.feishu.sent).toHaveLength(2);
    await setting.channel.send(late({ id: 'm2', text: 'Stand up!', earlier }));
    expect(setting.feishu.sent).toHaveLength(3);
  });

  test('when a person says it', async () => {
    await using setting = await forgetful();
    setting.feishu.say({ openId: 'ou_alice', text: 'hello' });
    await setting.channel.send(late({ text: 'hello' }));
    expect(setting.feishu.sent).toHaveLength(1);
  });

  test('when it was taken back', async () => {
    await using setting = await forgetful();
    const [gone = ''] = await setting.channel.send({ id: 'm1', chatId, text: 'hello' });
    setting.feishu.remove(gone, 'recalled');
    await setting.channel.send(late({ text: 'hello' }));
    expect(setting.feishu.sent).toHaveLength(2);
  });
});

test('an answer is found also when what it answers was gone already', async () => {
  await using setting = await forgetful();
  const replyTo = setting.feishu.say({ openId: 'ou_alice', text: 'hi' });
  setting.feishu.remove(replyTo, 'recalled');
  const message = late({ text: 'hello there', replyTo });
  await setting.channel.send(message);
  await setting.restart();
  expect(await setting.channel.send(message)).toEqual(shownIds(setting));
});

test('as long as Feishu knows the uuid, nobody looks in the chat', async () => {
  await using setting = await Setting.open();
  const message = late({ text: 'hello', earlier: { since: Date.now() - 50 * 60_000, isOther: () => false } });
  await cut(setting, () => setting.channel.send(message));
  await setting.channel.send(message);
  expect([setting.feishu.sent.length, looks(setting).length]).toEqual([1, 0]);
});

test('a chat is read once for all the messages that wait for it', async () => {
  await using setting = await forgetful();
  const earlier = hoursAgo();
  for (let count = 0; count < 60; count += 1) await setting.channel.send({ id: `n${count}`, chatId, text: `${count}` });
  for (let count = 0; count < 60; count += 1) {
    await setting.channel.send(late({ id: `n${count}`, text: `${count}`, earlier }));
  }
  expect(setting.feishu.sent).toHaveLength(60);
  expect(looks(setting)).toHaveLength(3);
});

describe('where the app may not read the chat', () => {
  test('a message is sent, and says that it may be a repeat', async () => {
    await using setting = await forgetful();
    setting.feishu.canReadHistory = false;
    await setting.channel.send(late({ text: 'hello' }));
    await setting.channel.send(late({ id: 'm2', text: '你好', language: 'zh' }));
    expect(setting.feishu.sent.map(({ text }) => text)).toEqual([
      '(This may have come before.)\n\nhello',
      '（这条可能之前已经发过。）\n\n你好',
    ]);
    expect(looks(setting)).toHaveLength(1);
  });

  test('a file follows a word that it may be a repeat', async () => {
    using folder = new TempFolder();
    await using setting = await forgetful();
    setting.feishu.canReadHistory = false;
    const path = join(folder.path, 'a.txt');
    writeFileSync(path, 'bytes');
    await setting.channel.sendFile({ id: 'f', chatId, name: 'a.txt', size: 5, fileId: 'x', path, earlier: hoursAgo() });
    expect(setting.feishu.sent.map(({ messageType, text }) => [messageType, text])).toEqual([
      ['text', '(This file may have come before.)'],
      ['file', ''],
    ]);
  });

  test('nor knows which chat it is, it is the same', async () => {
    await using setting = await forgetful();
    await setting.channel.send(late({ chatId: 'ou_alice', text: 'hello' }));
    expect(setting.feishu.sent[0]?.text).toContain('may have come before');
  });
});

test('a chat that can not be read just now is read later, and nothing is sent before', async () => {
  await using setting = await forgetful();
  const message = late({ text: 'hello' });
  setting.feishu.fail({ method: 'GET', path: '/im/v1/messages', effect: { kind: 'answer', status: 500 } });
  await expect(setting.channel.send(message)).rejects.toMatchObject({ code: 'unavailable' });
  expect(setting.feishu.sent).toEqual([]);
  await setting.channel.send(message);
  expect(setting.feishu.sent).toHaveLength(1);
});
