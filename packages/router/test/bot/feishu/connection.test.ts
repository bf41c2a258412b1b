import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Setting } from './setting.ts';

const isConnected = (setting: Setting) => setting.channel.health().state === 'connected';

test.each(['close', 'terminate'] as const)(
  'after the platform ends the socket (%s) messages flow again',
  async (how) => {
    // Looking after the connection comes too late to matter here: the drop itself has to start it.
    await using setting = await Setting.open({ channel: { timings: { watchMs: 60_000 } } });
    await setting.start();
    await waitFor(() => isConnected(setting));
    setting.feishu.sockets.drop(how);
    await waitFor(() => setting.feishu.sockets.opened === 2 && isConnected(setting));
    const id = setting.feishu.say({ openId: 'ou_alice', text: 'still there?' });
    await waitFor(() => setting.received.some((message) => message.id === id));
    expect(setting.feishu.sockets.live).toBe(1);
  },
);

test('a message from the time without a connection arrives after it', async () => {
  await using setting = await Setting.open();
  await setting.start();
  await waitFor(() => isConnected(setting));
  setting.feishu.sockets.admission = 'refuse';
  setting.feishu.sockets.drop('terminate');
  await waitFor(() => setting.channel.health().state === 'reconnecting');
  const id = setting.feishu.say({ openId: 'ou_alice', text: 'anyone?' });
  setting.feishu.sockets.admission = 'open';
  await waitFor(() => setting.received.some((message) => message.id === id));
});

test('an attempt that failed at the handshake opens no second socket beside the next one', async () => {
  await using setting = await Setting.open({ channel: { timings: { watchMs: 100 } } });
  setting.feishu.sockets.admission = 'refuse';
  await setting.start();
  const endpointCalls = () => setting.feishu.calls.filter((call) => call.path === '/callback/ws/endpoint').length;
  await waitFor(() => setting.feishu.sockets.refused === 1);
  setting.feishu.sockets.admission = 'open';
  await waitFor(() => isConnected(setting));
  expect(endpointCalls()).toBe(2);
  expect(setting.feishu.sockets.opened).toBe(1);
});

test('a connection that is open but dead is replaced', async () => {
  await using setting = await Setting.open({
    server: { clientConfig: { PingInterval: 0.1 }, redeliverAfterMs: [20, 20, 20], ackTimeoutMs: 50 },
    channel: { timings: { pingTimeoutMs: 50 } },
  });
  await setting.start();
  await waitFor(() => isConnected(setting));
  setting.feishu.sockets.goHalfOpen();
  await waitFor(() => setting.feishu.sockets.opened === 2 && isConnected(setting));
  const id = setting.feishu.say({ openId: 'ou_alice', text: 'hello' });
  await waitFor(() => setting.received.some((message) => message.id === id));
  expect(setting.feishu.sockets.live).toBe(1);
});

test('a refusal that ends the SDK for good is tried again until it passes', async () => {
  await using setting = await Setting.open({ channel: { timings: { backoffMinMs: 100 } } });
  const endpoint = '/callback/ws/endpoint';
  setting.feishu.fail({ path: endpoint, times: 3, effect: { kind: 'answer', status: 200, code: 1000040345 } });
  await setting.start();
  await waitFor(() => setting.channel.health().state === 'failed');
  await waitFor(() => isConnected(setting));
  expect(setting.feishu.calls.filter((call) => call.path === endpoint).length).toBe(4);
  expect(setting.feishu.sockets.live).toBe(1);
});

test.each([
  ['answers 500', { kind: 'answer', status: 500 }],
  ['cuts the call', { kind: 'cut' }],
  ['says to try later', { kind: 'answer', status: 200, code: 1000040343 }],
] as const)('a first attempt where the platform %s is repeated soon', async (_what, effect) => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: '/callback/ws/endpoint', times: 2, effect });
  await setting.start();
  await waitFor(() => isConnected(setting));
  expect(setting.feishu.sockets.opened).toBe(1);
});

test('an attempt that hangs is given up and repeated', async () => {
  await using setting = await Setting.open({
    channel: { timings: { connectTimeoutMs: 100, handshakeTimeoutMs: 60_000 } },
  });
  setting.feishu.fail({ path: '/callback/ws/endpoint', effect: { kind: 'hang' } });
  await setting.start();
  await waitFor(() => isConnected(setting));
  expect(
    setting.feishu.calls.filter((call) => call.path === '/callback/ws/endpoint').map((call) => call.status),
  ).toEqual([0, 200]);
});

test('starting where nobody listens resolves at once, and the channel says that it is connecting', async () => {
  await using setting = await Setting.open({ channel: { domain: 'http://127.0.0.1:9' } });
  const before = performance.now();
  await setting.start();
  expect(performance.now() - before).toBeLessThan(50);
  await waitFor(() => setting.log.some((line) => line.includes('not connected, trying again')));
  expect(setting.channel.health().state).toBe('connecting');
});

test('stopping while the endpoint is asked leaves no connection behind', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: '/callback/ws/endpoint', effect: { kind: 'slow', ms: 150 } });
  await setting.start();
  await waitFor(() => setting.feishu.calls.some((call) => call.path === '/callback/ws/endpoint'));
  await setting.channel.stop();
  await setting.channel.stop();
  expect(setting.channel.health().state).toBe('off');
  await waitFor(() => setting.feishu.calls.find((call) => call.path === '/callback/ws/endpoint')?.status === 200);
  // An absence can only be waited for: several of the channel's retry and watch periods.
  await delay(200);
  expect(setting.feishu.sockets.opened).toBe(0);
});

test('stopping during the handshake leaves no connection behind', async () => {
  await using setting = await Setting.open({ channel: { timings: { handshakeTimeoutMs: 300 } } });
  setting.feishu.sockets.admission = 'hang';
  await setting.start();
  await waitFor(() => setting.feishu.sockets.hanging === 1);
  await setting.channel.stop();
  setting.feishu.sockets.admission = 'open';
  await waitFor(() => setting.feishu.sockets.hanging === 0);
  await delay(200);
  expect(setting.feishu.sockets.opened).toBe(0);
});

test('after stopping, a connected channel is gone from the platform', async () => {
  await using setting = await Setting.open();
  await setting.start();
  await waitFor(() => isConnected(setting));
  await setting.channel.stop();
  await waitFor(() => setting.feishu.sockets.live === 0);
  setting.feishu.say({ openId: 'ou_alice', text: 'too late' });
  await delay(200);
  expect(setting.feishu.sockets.opened).toBe(1);
  expect(setting.received).toEqual([]);
});

test('a machine that slept gets a new connection', async () => {
  await using setting = await Setting.open({ channel: { timings: { watchMs: 20, clockJumpMs: 100 } } });
  await setting.start();
  await waitFor(() => isConnected(setting));
  // The process stands still, as it does while a laptop sleeps.
  const until = Date.now() + 300;
  while (Date.now() < until);
  await waitFor(() => setting.feishu.sockets.opened === 2 && isConnected(setting));
  await waitFor(() => setting.feishu.sockets.live === 1);
});
