import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { expect, test } from 'vitest';
import type { OutgoingMessage } from '../../../src/bot/chat-channel.ts';
import { ChatError } from '../../../src/bot/chat-channel.ts';
import { Setting } from './setting.ts';

const hello: OutgoingMessage = { id: 'b2f6c1de-4f5e-4d5a-9f0e-1a2b3c4d5e6f', chatId: 'oc_team', text: 'hello' };

async function failureOf(sending: Promise<unknown>): Promise<ChatError> {
  const error: unknown = await sending.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof ChatError)) throw new Error(`expected a ChatError, got ${String(error)}`);
  return error;
}

const tokenCalls = (setting: Setting) => setting.feishu.calls.filter((call) => call.path.startsWith('/auth/'));

test('an answer is a reply to the message it belongs to', async () => {
  await using setting = await Setting.open();
  const replyTo = setting.feishu.say({ openId: 'ou_alice', chatId: 'oc_team', text: 'hi' });
  await setting.channel.send({ ...hello, replyTo });
  expect(setting.feishu.sent).toMatchObject([{ chatId: 'oc_team', text: 'hello', replyTo }]);
});

test('a message of its own goes to the chat, also before the channel is started', async () => {
  await using setting = await Setting.open();
  await setting.channel.send(hello);
  expect(setting.feishu.sent).toMatchObject([{ chatId: 'oc_team', text: 'hello' }]);
});

test.each<[string, FaultEffect]>([
  ['answered with 500', { kind: 'answer', status: 500, perform: true }],
  ['cut off', { kind: 'cut', perform: true }],
  ['never answered', { kind: 'hang', perform: true }],
])('a send that took effect but was %s shows once when it is repeated', async (_how, effect) => {
  await using setting = await Setting.open({ channel: { timings: { callTimeoutMs: 300 } } });
  setting.feishu.fail({ method: 'POST', path: '/im/v1/messages', effect });
  const failure = await failureOf(setting.channel.send(hello));
  expect(failure.code).toBe('unavailable');
  await setting.channel.send(hello);
  expect(setting.feishu.messagesIn('oc_team').map((message) => message.text)).toEqual(['hello']);
});

test('a long message whose second part failed shows each part once, in order, when it is repeated', async () => {
  await using setting = await Setting.open();
  const text = ['a', 'b', 'c'].map((letter) => letter.repeat(20_000)).join('\n\n');
  // The first part passes; the pattern spoils what comes after the token and that part.
  await setting.channel.send({ ...hello, id: 'warm-up' });
  setting.feishu.fail({ path: '/im/v1/messages', effect: { kind: 'slow', ms: 1 } });
  setting.feishu.fail({ path: '/im/v1/messages', effect: { kind: 'answer', status: 500, perform: true } });
  await failureOf(setting.channel.send({ ...hello, text }));
  await setting.channel.send({ ...hello, text });
  expect(setting.feishu.messagesIn('oc_team').map((message) => message.text[0])).toEqual(['h', 'a', 'b', 'c']);
});

test('a rate limit says how long to wait', async () => {
  await using setting = await Setting.open();
  const headers = { 'x-ogw-ratelimit-reset': '7' };
  setting.feishu.fail({ path: '/im/v1/messages', effect: { kind: 'answer', status: 429, code: 99991400, headers } });
  expect(await failureOf(setting.channel.send(hello))).toMatchObject({ code: 'rate_limited', retryAfterMs: 7000 });
  expect(setting.feishu.sent).toEqual([]);
});

test.each([
  [{ status: 400, code: 230020 }, 'rate_limited'],
  [{ status: 200, code: 230020 }, 'rate_limited'],
  [{ status: 503, code: 1 }, 'unavailable'],
  [{ status: 400, code: 230049 }, 'unavailable'],
  [{ status: 400, code: 230022 }, 'refused'],
  [{ status: 200, code: 230002 }, 'refused'],
  [{ status: 400, code: 99991672 }, 'refused'],
] as const)('an answer of %o is one attempt that is %s', async (answer, code) => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: '/im/v1/messages', effect: { kind: 'answer', ...answer } });
  expect((await failureOf(setting.channel.send(hello))).code).toBe(code);
  expect(setting.feishu.calls.filter((call) => call.path === '/im/v1/messages').length).toBe(1);
});

test('a token that became invalid is renewed once, and the message is sent once', async () => {
  await using setting = await Setting.open();
  await setting.channel.send({ ...hello, id: 'first' });
  setting.feishu.invalidateTokens();
  await setting.channel.send({ ...hello, id: 'second' });
  expect(setting.feishu.sent.length).toBe(2);
  expect(tokenCalls(setting).length).toBe(2);
  expect(setting.feishu.calls.map((call) => call.status)).toEqual([200, 200, 400, 200, 200]);
});

test('a token that stays invalid ends after one renewal, and the message may be sent later', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: '/im/v1/messages', times: 9, effect: { kind: 'answer', status: 400, code: 99991663 } });
  expect((await failureOf(setting.channel.send(hello))).code).toBe('unavailable');
  expect(setting.feishu.calls.filter((call) => call.path === '/im/v1/messages').length).toBe(2);
});

test('many first messages at once ask for one token', async () => {
  await using setting = await Setting.open();
  await Promise.all(
    Array.from({ length: 8 }, (_, index) => setting.channel.send({ ...hello, id: `message-${index}` })),
  );
  expect(tokenCalls(setting).length).toBe(1);
  expect(setting.feishu.sent.length).toBe(8);
});

test.each(['recalled', 'deleted'] as const)('an answer to a message that was %s goes to the chat', async (how) => {
  await using setting = await Setting.open();
  const replyTo = setting.feishu.say({ openId: 'ou_alice', chatId: 'oc_team', text: 'hi' });
  setting.feishu.remove(replyTo, how);
  await setting.channel.send({ ...hello, replyTo });
  expect(setting.feishu.sent).toMatchObject([{ chatId: 'oc_team', text: 'hello' }]);
  expect(setting.feishu.sent[0]?.replyTo).toBeUndefined();
  const uuids = setting.feishu.calls.flatMap(({ body }) =>
    Object(body).uuid === undefined ? [] : [Object(body).uuid],
  );
  expect(new Set(uuids).size).toBe(1);
});

test('a wrong secret keeps the message for later', async () => {
  await using setting = await Setting.open({ channel: { appSecret: 'not the secret' } });
  const failure = await failureOf(setting.channel.send(hello));
  expect(failure).toMatchObject({ code: 'unavailable' });
  expect(failure.message).toContain('app id and secret');
});
