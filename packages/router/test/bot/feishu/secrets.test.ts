import { inspect } from 'node:util';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { createSdkLogger } from '../../../src/bot/feishu/sdk-logger.ts';
import { captureLog } from './captured-log.ts';
import { Setting } from './setting.ts';

const message = { id: 'a-send', chatId: 'oc_team', text: 'the plan for tomorrow' };

test('failing tokens, sends and connections put no secret, token or message into the log or an error', async () => {
  await using setting = await Setting.open();
  const { feishu, channel } = setting;
  const errors: unknown[] = [];
  const trySending = () => channel.send(message).catch((error: unknown) => errors.push(error));
  for (const effect of [
    { kind: 'cut' },
    { kind: 'answer', status: 500, code: 1 },
    { kind: 'answer', status: 200, code: 10014 },
  ] as const) {
    feishu.fail({ path: '/auth/v3/tenant_access_token/internal', effect });
    await trySending();
  }
  for (const effect of [
    { kind: 'cut' },
    { kind: 'answer', status: 400, code: 230022 },
    { kind: 'answer', status: 429, code: 99991400 },
  ] as const) {
    feishu.fail({ path: '/im/v1/messages', effect });
    await trySending();
  }
  feishu.fail({ path: '/bot/v3/info', effect: { kind: 'answer', status: 400, code: 99991672 } });
  feishu.fail({ path: '/callback/ws/endpoint', effect: { kind: 'answer', status: 500 } });
  feishu.fail({ path: '/callback/ws/endpoint', effect: { kind: 'answer', status: 200, code: 1000040345 } });
  feishu.sockets.admission = 'refuse';
  await setting.start();
  await waitFor(() => feishu.calls.filter((call) => call.path === '/callback/ws/endpoint').length >= 4);
  feishu.sockets.admission = 'open';
  await waitFor(() => channel.health().state === 'connected');
  feishu.sockets.drop('terminate');
  await waitFor(() => feishu.sockets.opened === 2);
  feishu.say({ openId: 'ou_alice', text: 'words of a user' });
  await waitFor(() => setting.received.length === 1);

  expect(errors.length).toBe(6);
  const { logger, lines } = captureLog();
  for (const err of errors) logger.error({ err }, 'as a caller would log it');
  const said = [...setting.log, ...lines].join('\n') + inspect(errors, { depth: 20, showHidden: true });
  expect(said).toContain('HTTP 400, code 230022');
  expect(said).toContain('Feishu SDK');
  for (const secret of [
    feishu.appSecret,
    ...feishu.issuedTokens,
    'Bearer t-',
    'ticket=',
    message.text,
    'words of a user',
  ]) {
    expect(said).not.toContain(secret);
  }
});

test('the log takes from the SDK no objects, and no tokens in its lines', () => {
  const { logger: sink, lines } = captureLog();
  const logger = createSdkLogger(sink, 'top-secret');
  logger.error(['failed', Object.assign(new Error('Bearer t-abc'), { config: { headers: 'Bearer t-abc' } })]);
  logger.warn([{ app_secret: 'top-secret' }, 'with top-secret']);
  logger.info(['wss://host/ws?access_key=key123&ticket=ticket123', 't-g104abcdefghijklmnop']);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'Feishu SDK: failed Bearer [redacted]',
    'Feishu SDK: [object] with [redacted]',
    'Feishu SDK: wss://host/ws?access_key=[redacted]&ticket=[redacted] [redacted]',
  ]);
});
