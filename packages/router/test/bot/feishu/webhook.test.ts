import { join } from 'node:path';
import { openStore } from '@phonework/shared/store';
import { signedHeaders, webhookRequest } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import type { FastifyInstance } from 'fastify';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import type { IncomingMessage } from '../../../src/bot/chat-channel.ts';
import { createFeishuChannel } from '../../../src/bot/feishu/channel.ts';
import { migrations } from '../../../src/schema.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { captureLog } from './captured-log.ts';
import { Setting } from './setting.ts';

const encryptKey = 'the-encrypt-key';
const hourS = 3600;

type Door = AsyncDisposable & {
  readonly setting: Setting;
  readonly app: FastifyInstance;
  readonly post: (
    payload: string | Buffer,
    headers: Record<string, string>,
  ) => Promise<{ status: number; body: string }>;
};

async function openDoor(
  options: { readonly verificationToken?: string; readonly handle?: (message: IncomingMessage) => Promise<void> } = {},
): Promise<Door> {
  const token = options.verificationToken === undefined ? {} : { verificationToken: options.verificationToken };
  const setting = await Setting.open({ channel: { eventMode: { kind: 'webhook', encryptKey, ...token } } });
  await setting.start(options.handle);
  const app = fastify();
  if (setting.channel.webhook === undefined) throw new Error('no webhook');
  await app.register(setting.channel.webhook);
  app.post('/other', async (request) => request.body);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    setting,
    app,
    async post(payload, headers) {
      const body = typeof payload === 'string' ? payload : new Uint8Array(payload);
      const response = await fetch(`${address}/feishu/events`, { method: 'POST', headers, body });
      return { status: response.status, body: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await setting[Symbol.asyncDispose]();
    },
  };
}

/** The event of a user's message, as the platform would word it. */
function eventOf(door: Door, text = 'hello') {
  return door.setting.feishu.eventOf(door.setting.feishu.say({ openId: 'ou_alice', text }));
}

const nowS = () => Math.floor(Date.now() / 1000);

test('a signed and encrypted event arrives and is answered with 200', async () => {
  await using door = await openDoor();
  const { payload, headers } = webhookRequest(eventOf(door, '你好'), { encryptKey });
  expect((await door.post(payload, headers)).status).toBe(200);
  expect(door.setting.received).toMatchObject([{ text: '你好', userId: 'ou_alice' }]);
  expect(door.setting.channel.health().state).toBe('connected');
});

test('the signature is over the bytes, whatever the spacing and the escapes', async () => {
  await using door = await openDoor();
  const odd = JSON.stringify(eventOf(door), null, 3).replace('hello', '\\u0068ello');
  expect((await door.post(odd, signedHeaders(odd, { encryptKey }))).status).toBe(200);
  expect(door.setting.received).toMatchObject([{ text: 'hello' }]);
});

test.each([
  ['seven hours old', -7 * hourS, 200],
  ['nine hours old', -9 * hourS, 401],
  ['of the year 2001', 1_000_000_000 - nowS(), 401],
  ['a minute ahead', 60, 200],
  ['ten minutes ahead', 600, 401],
] as const)('a time stamp %s', async (_age, offsetS, status) => {
  await using door = await openDoor();
  const { payload, headers } = webhookRequest(eventOf(door), { encryptKey, timestampS: nowS() + offsetS });
  expect((await door.post(payload, headers)).status).toBe(status);
  expect(door.setting.received.length).toBe(status === 200 ? 1 : 0);
});

test('without a signature, or with one bit changed anywhere, nothing comes in', async () => {
  await using door = await openDoor();
  const { payload, headers } = webhookRequest(eventOf(door), { encryptKey });
  const { 'content-type': contentType = '', ...signature } = headers;
  const attempts: [string | Buffer, Record<string, string>][] = [[payload, { 'content-type': contentType }]];
  for (const name of Object.keys(signature)) {
    for (const changed of ['', `${headers[name]}0`, flipLastBit(headers[name] ?? '')]) {
      attempts.push([payload, { ...headers, [name]: changed }]);
    }
  }
  for (let at = 0; at < payload.length; at += 7) {
    const bytes = Buffer.from(payload);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    attempts.push([bytes, headers]);
  }
  for (const [body, forged] of attempts) expect(await door.post(body, forged)).toEqual({ status: 401, body: '' });
  expect(attempts.length).toBeGreaterThan(50);
  expect(door.setting.received).toEqual([]);
});

function flipLastBit(text: string): string {
  return text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1);
}

test('what is signed with another key, or not JSON, is refused', async () => {
  await using door = await openDoor();
  const forged = webhookRequest(eventOf(door), { encryptKey: 'another-key' });
  expect((await door.post(forged.payload, forged.headers)).status).toBe(401);
  for (const odd of ['', 'x', '[]', '{"encrypt":"AAAA"}', '{"encrypt":7}']) {
    const { status } = await door.post(odd, signedHeaders(odd, { encryptKey }));
    expect([200, 401]).toContain(status);
  }
  expect(door.setting.received).toEqual([]);
});

test('the challenge of the platform is answered, and nobody else can have one answered', async () => {
  await using door = await openDoor({ verificationToken: 'verify-me' });
  const challenge = { type: 'url_verification', challenge: 'c-123', token: 'verify-me' };
  const { payload } = webhookRequest(challenge, { encryptKey });
  const json = { 'content-type': 'application/json' };
  expect(await door.post(payload, json)).toEqual({ status: 200, body: '{"challenge":"c-123"}' });
  expect((await door.post(JSON.stringify(challenge), json)).status).toBe(401);
  const wrongToken = webhookRequest({ ...challenge, token: 'guess' }, { encryptKey });
  expect((await door.post(wrongToken.payload, json)).status).toBe(401);
});

test('the verification token is compared when there is one', async () => {
  await using door = await openDoor({ verificationToken: 'verify-me' });
  const event = eventOf(door);
  const blank = webhookRequest(event, { encryptKey });
  expect((await door.post(blank.payload, blank.headers)).status).toBe(401);
  const good = webhookRequest({ ...event, header: { ...event.header, token: 'verify-me' } }, { encryptKey });
  expect((await door.post(good.payload, good.headers)).status).toBe(200);
  expect(door.setting.received.length).toBe(1);
});

test('an event of another app is taken off the platform and reaches nobody', async () => {
  await using door = await openDoor();
  const event = eventOf(door);
  const other = webhookRequest(
    { ...event, header: { ...event.header, app_id: 'cli_ffffffffffffffff' } },
    { encryptKey },
  );
  expect((await door.post(other.payload, other.headers)).status).toBe(200);
  expect(door.setting.received).toEqual([]);
  expect(door.setting.log.some((line) => line.includes('another app'))).toBe(true);
});

test('the answer comes when the message has been taken, and is 500 when it was not', async () => {
  const taken = Promise.withResolvers<void>();
  await using door = await openDoor({ handle: () => taken.promise });
  const { payload, headers } = webhookRequest(eventOf(door), { encryptKey });
  let answered = false;
  const answer = door.post(payload, headers).finally(() => {
    answered = true;
  });
  await waitFor(() => door.setting.received.length === 1);
  expect(answered).toBe(false);
  taken.reject(new Error('the disk is full'));
  expect((await answer).status).toBe(500);
});

test('events of other types are answered and dropped', async () => {
  await using door = await openDoor();
  const event = eventOf(door);
  const read = { ...event, header: { ...event.header, event_type: 'im.message.message_read_v1' } };
  const { payload, headers } = webhookRequest(read, { encryptKey });
  expect((await door.post(payload, headers)).status).toBe(200);
  expect(door.setting.received).toEqual([]);
});

test('a body over 1 MiB is refused, and the other routes keep their parsers', async () => {
  await using door = await openDoor();
  const big = `{"encrypt":"${'A'.repeat(1024 * 1024)}"}`;
  expect((await door.post(big, signedHeaders(big, { encryptKey }))).status).toBe(413);
  const other = await door.app.inject({ method: 'POST', url: '/other', payload: { a: 1 } });
  expect(other.json()).toEqual({ a: 1 });
});

test('in webhook mode no connection is opened', async () => {
  await using door = await openDoor();
  await waitFor(() => door.setting.feishu.calls.some((call) => call.path === '/bot/v3/info'));
  expect(door.setting.feishu.calls.some((call) => call.path === '/callback/ws/endpoint')).toBe(false);
});

test.each(['', '  '])('without an encrypt key (%j) there is no webhook', (blank) => {
  const { logger } = captureLog();
  using folder = new TempFolder();
  using store = openStore({ path: join(folder.path, 'router.db'), migrations, logger });
  const create = () =>
    createFeishuChannel({
      appId: 'a',
      appSecret: 'b',
      domain: 'feishu',
      store,
      logger,
      eventMode: { kind: 'webhook', encryptKey: blank },
    });
  expect(create).toThrow('encrypt key');
});

test('a recall, a visit and a press in the menu come in this way too', async () => {
  await using door = await openDoor();
  const { feishu, recalls, visits, received } = door.setting;
  const messageId = feishu.say({ openId: 'ou_alice', text: 'oops' });
  const ids = [feishu.recall(messageId), feishu.openChat('ou_alice'), feishu.menu('ou_alice', 'status')];
  for (const id of ids) {
    const { payload, headers } = webhookRequest(feishu.eventOf(id), { encryptKey });
    expect(await door.post(payload, headers)).toMatchObject({ status: 200 });
  }
  expect([recalls, visits, received]).toMatchObject([[{ messageId }], [{ userId: 'ou_alice' }], [{ text: '/status' }]]);
});
