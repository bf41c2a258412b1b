import { expect, test } from 'vitest';
import type { RouterConfig } from '../src/config.ts';
import { describeRouter } from '../src/describe.ts';

const bare: RouterConfig = {
  host: '127.0.0.1',
  port: 8000,
  secret: 'the-secret-of-the-tests',
  dataDir: '/nowhere',
  feishu: undefined,
  allowedOpenIds: [],
  console: false,
  language: 'auto',
  model: undefined,
  forwardTimeoutMs: 600_000,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 10_000,
  nodeOfflineGraceMs: 5000,
  offlineQueueTtlMs: 86_400_000,
};
const feishu = { appId: 'cli_a1b2c3d4e5f60718', appSecret: 'app-secret', domain: 'feishu' };

test('what is off is told with the key that turns it on', () => {
  const text = describeRouter(bare, undefined);
  expect(text).toMatch(/Feishu +off: .*FEISHU_APP_ID/);
  expect(text).toMatch(/Console +off: .*CONSOLE: on/);
});

test('with Feishu but nobody allowed, the owner learns how to allow somebody', () => {
  const text = describeRouter({ ...bare, feishu: { ...feishu, eventMode: { kind: 'websocket' } } }, undefined);
  expect(text).toContain('cli_a1b2c3d4e5f60718, long connection');
  expect(text).toMatch(/Users +none yet: .*ALLOWED_OPEN_IDS/);
});

test('what is on is told, and no secret with it', () => {
  const eventMode = { kind: 'webhook', encryptKey: 'encrypt-key' } as const;
  const config = { ...bare, feishu: { ...feishu, eventMode }, allowedOpenIds: ['ou_alice', 'ou_bob'] };
  const text = describeRouter(config, 'http://127.0.0.1:8000/?token=t');
  expect(text).toContain('webhook at /feishu/events');
  expect(text).toMatch(/Users +2 allowed/);
  expect(text).toMatch(/Console +http:\/\/127\.0\.0\.1:8000\/\?token=t/);
  expect(text).not.toMatch(/app-secret|encrypt-key|the-secret-of/);
});
