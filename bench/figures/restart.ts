import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import type { Figure } from '../figure.ts';
import { atMost } from '../figure.ts';
import { PauseProbe } from '../pauses.ts';
import { BenchProcess, untilAnswered } from '../processes.ts';
import { queuedUsers, queueForwards } from '../queued-forwards.ts';
import { spread } from '../statistics.ts';
import { WireNode } from '../wire-node.ts';

const QUEUED = 100_000;

/** A restart with a long queue: ms until it serves, and how late the loop is while the queue goes out. */
type Run = { readonly startMs: number; readonly lagMs: number };

/** The router starts with 100,000 messages that wait for a node; then the node comes and takes them all. */
export async function restartFigures(runs: number): Promise<Figure[]> {
  const queued: Run[] = [];
  const empty: Run[] = [];
  const floors: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    floors.push(await startFloor());
    empty.push(await measureRouter(0));
    queued.push(await measureRouter(QUEUED));
  }
  const ours = (pick: (run: Run) => number) => spread(queued.map(pick));
  const rows = `${QUEUED.toLocaleString('en')} queued`;
  return [
    {
      name: `${rows}: start to /health`,
      unit: 'ms',
      ours: ours(({ startMs }) => startMs),
      floor: spread(floors),
      floorName: 'fastify + ws',
      goal: atMost(1000),
    },
    {
      name: `${rows}: start, beside an empty database`,
      unit: 'ms',
      ours: ours(({ startMs }) => startMs),
      floor: spread(empty.map(({ startMs }) => startMs)),
      floorName: 'the same router, nothing queued',
    },
    {
      name: `${rows}: loop lag p99 while they go out`,
      unit: 'ms',
      ours: ours(({ lagMs }) => lagMs),
      floor: spread(empty.map(({ lagMs }) => lagMs)),
      floorName: 'the same router, nothing queued',
      goal: atMost(20),
    },
  ];
}

async function startFloor(): Promise<number> {
  const port = await freePort();
  const floor = BenchProcess.spawn('floors/router', ['', '', '', String(port)]);
  const ms = await untilAnswered(`http://127.0.0.1:${port}/health`);
  await floor.kill();
  return ms;
}

async function measureRouter(count: number): Promise<Run> {
  await using house = await startHouse({
    logLevel: 'warn',
    keyring: { FEISHU_APP_ID: undefined, FEISHU_APP_SECRET: undefined },
  });
  const folder = join(house.folder, 'data');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await queueForwards(folder, count);
  using probe = new PauseProbe();
  const router = house.launch('phonework-router', probe.environment);
  const startMs = await untilAnswered(`${house.url}/health`);
  await probe.take(router.pid);
  using node = await WireNode.connect(house, { nodeId: 'home-pc', users: queuedUsers });
  await waitFor(() => node.acknowledged >= count, { timeoutMs: 300_000, what: 'the queue to go out' });
  // With nothing queued there would be nothing to see.
  if (count === 0) await delay(2000);
  const { lateP99Ms: lagMs } = await probe.take(router.pid);
  return { startMs, lagMs };
}
