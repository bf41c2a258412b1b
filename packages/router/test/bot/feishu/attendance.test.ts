import { MINUTE_MS } from '@phonework/shared/duration';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import type { ChannelSetting } from './setting.ts';
import { Setting } from './setting.ts';

const attendance = { noteMs: 10, overlapMs: 0, restMs: 0 };
const timings = { attendance, silenceMs: 200 };

const isConnected = (setting: Setting) => setting.channel.health().state === 'connected';

async function connected(timings: ChannelSetting['timings'], server = {}): Promise<Setting> {
  const setting = await Setting.open({ channel: { timings: { silenceMs: 200, ...timings } }, server });
  await setting.start();
  await waitFor(() => isConnected(setting));
  return setting;
}

function noted({ store }: Setting): number {
  return Number(store.prepare('SELECT attended_until FROM feishu_attendance').get()?.attended_until ?? 0);
}

test('the first connection ever follows no gap', async () => {
  await using setting = await connected(timings);
  await waitFor(() => noted(setting) > 0);
  expect(setting.gaps).toEqual([]);
});

test('the next process looks for what came after the last moment of the one before', async () => {
  await using setting = await connected(timings);
  const before = Date.now();
  await waitFor(() => noted(setting) > 0);
  await setting.restart();
  const stopped = Date.now();
  await setting.start();
  const gap = await waitFor(() => setting.gaps[0]);
  expect(gap.channel).toBe('feishu');
  expect(gap.since).toBeGreaterThan(before - 1000);
  expect(gap.since).toBeLessThanOrEqual(stopped);
  await waitFor(() => noted(setting) >= stopped);
});

test('a gap that was not looked through when the process ended is looked through by the next one', async () => {
  await using setting = await connected(timings);
  await waitFor(() => noted(setting) > 0);
  await setting.restart();
  const until = noted(setting);
  setting.onGap = async (_gap, signal) => {
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  await setting.start();
  await waitFor(() => setting.gaps.length === 1 && isConnected(setting));
  await setting.restart();
  setting.onGap = async () => {};
  expect(noted(setting)).toBe(until);
  await setting.start();
  await waitFor(() => setting.gaps.length === 2);
  expect(setting.gaps[1]?.since).toBe(setting.gaps[0]?.since);
});

test('a connection that broke may have been dead for a while before', async () => {
  await using setting = await connected(timings);
  await waitFor(() => noted(setting) > Date.now() - 5000);
  const start = noted(setting);
  // So long that the time has moved on with the connection.
  await waitFor(() => noted(setting) > start);
  const broke = Date.now();
  setting.feishu.sockets.drop('terminate');
  const { since } = await waitFor(() => setting.gaps[0]);
  expect(since).toBeLessThanOrEqual(broke - 190);
  expect(since).toBeGreaterThanOrEqual(start);
});

test('of a connection that was open but dead, the time since the last sign of life is looked through', async () => {
  const server = { clientConfig: { PingInterval: 0.1 }, ackTimeoutMs: 50 };
  await using setting = await connected({ ...timings, pingTimeoutMs: 50 }, server);
  await waitFor(() => noted(setting) > 0);
  const diedAt = Date.now();
  setting.feishu.sockets.goHalfOpen();
  const { since } = await waitFor(() => setting.gaps[0]);
  expect(since).toBeLessThanOrEqual(diedAt);
});

test('while the way in breaks again and again, there is a rest between two looks', async () => {
  await using setting = await connected({ ...timings, attendance: { ...attendance, restMs: 400 } });
  for (let time = 2; time < 6; time += 1) {
    setting.feishu.sockets.drop('terminate');
    await waitFor(() => setting.feishu.sockets.opened === time && isConnected(setting));
  }
  expect(setting.gaps.length).toBeLessThanOrEqual(2);
  await waitFor(() => setting.gaps.length === 2);
});

test('by webhook a gap is the time between two processes, and the sleep of the machine', async () => {
  await using setting = await Setting.open({
    channel: {
      eventMode: { kind: 'webhook', encryptKey: 'key' },
      timings: { ...timings, watchMs: 20, clockJumpMs: 100 },
    },
  });
  await setting.start();
  await waitFor(() => noted(setting) > 0);
  await setting.restart();
  await setting.start();
  await waitFor(() => setting.gaps.length === 1);
  const asleep = Date.now();
  // The process stands still, as it does while a laptop sleeps.
  while (Date.now() < asleep + 300);
  const { since } = await waitFor(() => setting.gaps[1]);
  expect(Math.abs(since - asleep)).toBeLessThan(100);
});

test('the look begins earlier than the gap, for clocks that differ', async () => {
  await using setting = await connected({ ...timings, attendance: { ...attendance, overlapMs: MINUTE_MS } });
  const start = await waitFor(() => noted(setting) || undefined);
  setting.feishu.sockets.drop('terminate');
  expect((await waitFor(() => setting.gaps[0])).since).toBeLessThan(start - MINUTE_MS + 5000);
});
