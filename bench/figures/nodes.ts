import { setTimeout as delay } from 'node:timers/promises';
import { FakeNode } from '@phonework/testkit/fake-node';
import { startHouse } from '@phonework/testkit/house';
import type { Figure } from '../figure.ts';
import { atMost } from '../figure.ts';
import { BenchProcess, residentMb } from '../processes.ts';
import { spread } from '../statistics.ts';

const COUNTS = [1000, 5000] as const;

/** After this the rush is over. */
const SETTLE_MS = 1000;

/** So that what is measured is what nodes take, and not what their coming left to be collected some time. */
const collecting = { NODE_OPTIONS: `--import=${new URL('../collect-garbage.ts', import.meta.url).href}` };

/** So many have come and gone before: what the program needs to deal with nodes at all is not the cost of one. */
const EARLIER = 200;

/** So many come together where it is about what each keeps. */
const GROUP = 100;

/** What nodes cost that come at once: ms until the last is registered, and KB for each while they stay. */
type Run = { readonly ms: number; readonly kbEach: number };

/** Where nodes connect, and whose memory they take. */
type Door = { readonly url: string; readonly secret: string; readonly pid: number };

/** Nodes that connect at once, as after a restart of the router without any jitter, and then stay. */
export async function nodesFigures(runs: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of COUNTS) {
    const ours: Run[] = [];
    const floors: Run[] = [];
    for (let run = 0; run < runs; run += 1) {
      floors.push(await measureFloor(count));
      ours.push(await measureRouter(count));
    }
    const floorName = 'fastify + ws';
    const spreads = (pick: (run: Run) => number) => ({ ours: spread(ours.map(pick)), floor: spread(floors.map(pick)) });
    const nodes = `${count.toLocaleString('en')} nodes`;
    figures.push(
      {
        name: `${nodes} at once, all registered`,
        unit: 'ms',
        floorName,
        ...spreads(({ ms }) => ms),
      },
      {
        name: `${nodes} connected: memory of each`,
        unit: 'KB',
        floorName,
        ...spreads(({ kbEach }) => kbEach),
        goal: atMost(25),
      },
    );
  }
  return figures;
}

async function measureRouter(count: number): Promise<Run> {
  const run = async <T>(measure: (door: Door) => Promise<T>) => {
    await using house = await startHouse({
      logLevel: 'warn',
      keyring: { FEISHU_APP_ID: undefined, FEISHU_APP_SECRET: undefined },
    });
    const router = await house.startRouter(collecting);
    const url = `${house.url.replace('http', 'ws')}/ws/node`;
    return await measure({ url, secret: house.secret, pid: router.pid });
  };
  return { ms: await run((door) => storm(door, count)), kbEach: await run((door) => memoryOfEach(door, count)) };
}

async function measureFloor(count: number): Promise<Run> {
  const run = async <T>(measure: (door: Door) => Promise<T>) => {
    const floor = BenchProcess.spawn('floors/router', ['', '', ''], collecting);
    const url = `${(await floor.firstLine()).replace('http', 'ws')}/ws/node`;
    const measured = await measure({ url, secret: 'any', pid: floor.pid });
    await floor.kill();
    return measured;
  };
  return { ms: await run((door) => storm(door, count)), kbEach: await run((door) => memoryOfEach(door, count)) };
}

/** ms until all are registered with a program that has just started. */
async function storm(door: Door, count: number): Promise<number> {
  const nodes = makeNodes(door, count);
  const startedAt = performance.now();
  await Promise.all(nodes.map((node) => node.connect()));
  const ms = performance.now() - startedAt;
  for (const node of nodes) node.drop();
  return ms;
}

async function memoryOfEach(door: Door, count: number): Promise<number> {
  const earlier = makeNodes(door, EARLIER);
  await Promise.all(earlier.map((node) => node.connect()));
  for (const node of earlier) node.drop();
  const before = await keptMb(door.pid);
  const nodes = makeNodes(door, count);
  // Not all at once: what a rush takes for a moment is not what they keep.
  for (let index = 0; index < count; index += GROUP) {
    await Promise.all(nodes.slice(index, index + GROUP).map((node) => node.connect()));
  }
  const kbEach = (((await keptMb(door.pid)) - before) * 1000) / count;
  for (const node of nodes) node.drop();
  return kbEach;
}

function makeNodes({ url, secret }: Door, count: number): FakeNode[] {
  return Array.from(
    { length: count },
    (_, index) => new FakeNode(`node-${index}`, { url, secret, users: [`ou_${index}`] }),
  );
}

async function keptMb(pid: number): Promise<number> {
  await delay(SETTLE_MS);
  process.kill(pid, 'SIGUSR2');
  await delay(SETTLE_MS);
  return residentMb(pid);
}
