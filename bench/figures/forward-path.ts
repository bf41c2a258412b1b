import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { FeishuServer } from '@phonework/testkit/feishu-server';
import { startHouse } from '@phonework/testkit/house';
import type { Figure } from '../figure.ts';
import { ratioAtMost } from '../figure.ts';
import { BenchProcess } from '../processes.ts';
import { percentile, spread } from '../statistics.ts';

const WARM_UP = 100;
const MESSAGES = 300;

/** Feishu takes 5 messages a second in one chat, and 50 a second in all: at that pace nothing waits for its turn. */
const USERS = Array.from({ length: 20 }, (_, index) => `ou_user${index}`);
const PACE_MS = 25;

/** Latencies of one run, in ms: until the reply is at the chat API, and until the event is acknowledged. */
type Run = { readonly replies: number[]; readonly acks: number[] };

/** Event in → node → reply at the chat API, one message at a time, without a model; and the event's acknowledgement. */
export async function forwardPathFigures(runs: number): Promise<Figure[]> {
  const ours: Run[] = [];
  const floors: Run[] = [];
  for (let run = 0; run < runs; run += 1) {
    floors.push(await measureFloor());
    ours.push(await measureHouse());
  }
  const figure = (
    name: string,
    pick: (run: Run) => number[],
    share: number,
    goal: number,
    floorName: string,
  ): Figure => ({
    name,
    unit: 'ms',
    goal: ratioAtMost(goal),
    floorName,
    ours: spread(ours.map((run) => percentile(pick(run), share))),
    floor: spread(floors.map((run) => percentile(pick(run), share))),
  });
  const path = 'fastify + ws + SQLite(FULL), router and node';
  return [
    figure('event in → reply at the chat API, p50', (run) => run.replies, 0.5, 1.5, path),
    figure('event in → reply at the chat API, p99', (run) => run.replies, 0.99, 2, path),
    figure('event acknowledged, p50', (run) => run.acks, 0.5, 1.5, 'fastify + one fsynced insert'),
  ];
}

async function measureHouse(): Promise<Run> {
  await using house = await startHouse({ logLevel: 'warn', users: USERS, hostConfig: { OPENAI_API_KEY: undefined } });
  await house.start();
  const { feishu } = house;
  const run: Run = { replies: [], acks: [] };
  for (let index = 0; index < WARM_UP + MESSAGES; index += 1) {
    const acked = feishu.deliveries.length + 1;
    const times = await timeReply(feishu, {
      send: () => void feishu.say({ openId: userOf(index), text: `message ${index}` }),
      isAcked: () => feishu.deliveries.length === acked && feishu.deliveries.at(-1)?.ackCode !== undefined,
    });
    await delay(PACE_MS);
    if (index < WARM_UP) continue;
    run.replies.push(times.replyMs);
    run.acks.push(times.ackMs);
  }
  return run;
}

async function measureFloor(): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'phonework-bench-'));
  const feishu = await FeishuServer.start();
  const router = BenchProcess.spawn('floors/router', [join(folder, 'router.db'), feishu.url]);
  const url = await router.firstLine();
  const node = BenchProcess.spawn('floors/node', [`${url.replace('http', 'ws')}/ws/node`, join(folder, 'node.db')]);
  await node.firstLine();
  await post(`${url}/token`, { token: await tenantToken(feishu) });
  const run: Run = { replies: [], acks: [] };
  for (let index = 0; index < WARM_UP + MESSAGES; index += 1) {
    // The floor answers a message that exists, as the real one does.
    const id = feishu.say({ openId: userOf(index), text: `message ${index}` });
    let acked = false;
    const times = await timeReply(feishu, {
      send: () => void post(`${url}/event`, { id, text: `message ${index}` }).then(() => (acked = true)),
      isAcked: () => acked,
    });
    await delay(PACE_MS);
    if (index < WARM_UP) continue;
    run.replies.push(times.replyMs);
    run.acks.push(times.ackMs);
  }
  await node.kill();
  await router.kill();
  await feishu.close();
  rmSync(folder, { recursive: true });
  return run;
}

function userOf(index: number): string {
  return USERS[index % USERS.length] ?? '';
}

async function timeReply(
  feishu: FeishuServer,
  { send, isAcked }: { readonly send: () => void; readonly isAcked: () => boolean },
): Promise<{ replyMs: number; ackMs: number }> {
  const replies = feishu.sentCount + 1;
  const startedAt = performance.now();
  let ackMs: number | undefined;
  let replyMs: number | undefined;
  send();
  while (ackMs === undefined || replyMs === undefined) {
    // Not a timer: its millisecond would be the figure.
    await nextTurn();
    const elapsedMs = performance.now() - startedAt;
    if (ackMs === undefined && isAcked()) ackMs = elapsedMs;
    if (replyMs === undefined && feishu.sentCount >= replies) replyMs = elapsedMs;
    if (elapsedMs > 10_000) throw new Error('no reply within 10 s');
  }
  return { ackMs, replyMs };
}

async function tenantToken(feishu: FeishuServer): Promise<string> {
  const body = { app_id: feishu.appId, app_secret: feishu.appSecret };
  const answer: unknown = await post(`${feishu.url}/open-apis/auth/v3/tenant_access_token/internal`, body);
  if (typeof answer === 'object' && answer !== null && 'tenant_access_token' in answer) {
    return String(answer.tenant_access_token);
  }
  throw new Error('no token');
}

async function post(url: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return await response.json();
}
