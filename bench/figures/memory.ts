import { setTimeout as delay } from 'node:timers/promises';
import { startHouse } from '@phonework/testkit/house';
import type { Figure, Goal } from '../figure.ts';
import { ratioAtMost } from '../figure.ts';
import { BenchProcess, residentMb } from '../processes.ts';
import { spread } from '../statistics.ts';

/** After this, what a start left behind is collected. */
const SETTLE_MS = 3000;

/** Resident memory when everything is connected and nothing happens. */
export async function memoryFigures(runs: number): Promise<Figure[]> {
  const samples = { bare: [], lark: [], node: [], router: [], host: [], standalone: [] } as Record<string, number[]>;
  for (let run = 0; run < runs; run += 1) {
    await Promise.all([measureFloors(samples), measureHouse(samples), measureStandalone(samples)]);
  }
  const figure = (name: string, ours: string, floor: string, floorName: string, goal?: Goal): Figure => ({
    name,
    unit: 'MB',
    ours: spread(samples[ours] ?? []),
    floor: spread(samples[floor] ?? []),
    floorName,
    ...(goal !== undefined && { goal }),
  });
  return [
    figure('router with Feishu, idle', 'router', 'lark', 'fastify + ws + Lark SDK', ratioAtMost(1.3)),
    figure('node, idle', 'host', 'node', 'ws client'),
    figure('standalone with Feishu, idle', 'standalone', 'lark', 'fastify + ws + Lark SDK'),
  ];
}

async function measureFloors(samples: Record<string, number[]>): Promise<void> {
  const bare = BenchProcess.spawn('floors/router', ['', '', '']);
  const url = await bare.firstLine();
  const lark = BenchProcess.spawn('floors/router', ['', '', 'lark']);
  await lark.firstLine();
  const node = BenchProcess.spawn('floors/node', [`${url.replace('http', 'ws')}/ws/node`, '']);
  await node.firstLine();
  await delay(SETTLE_MS);
  samples.lark?.push(residentMb(lark.pid));
  samples.node?.push(residentMb(node.pid));
  for (const floor of [node, lark, bare]) await floor.kill();
}

async function measureHouse(samples: Record<string, number[]>): Promise<void> {
  await using house = await startHouse({ logLevel: 'info' });
  const [router, node] = await Promise.all([house.startRouter(), house.startNode()]);
  await house.connected();
  await delay(SETTLE_MS);
  samples.router?.push(residentMb(router.pid));
  samples.host?.push(residentMb(node.pid));
}

async function measureStandalone(samples: Record<string, number[]>): Promise<void> {
  await using house = await startHouse({ standalone: true, logLevel: 'info' });
  const program = await house.startStandalone();
  await house.connected();
  await delay(SETTLE_MS);
  samples.standalone?.push(residentMb(program.pid));
}
