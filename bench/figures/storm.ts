import { FakeNode } from '@phonework/testkit/fake-node';
import { startHouse } from '@phonework/testkit/house';
import type { Figure } from '../figure.ts';
import { FloorProcess, residentMb } from '../processes.ts';
import { spread } from '../statistics.ts';

const NODES = 1000;

/** What a thousand nodes cost: ms until the last is registered when all come at once, and MB while they stay. */
type Run = { readonly ms: number; readonly mb: number };

/** 1,000 nodes that connect at once, as after a restart of the router without any jitter. */
export async function stormFigures(runs: number): Promise<Figure[]> {
  const ours: Run[] = [];
  const floors: Run[] = [];
  for (let run = 0; run < runs; run += 1) {
    floors.push(await measureFloor());
    ours.push(await measureRouter());
  }
  const floorName = 'fastify + ws';
  const spreads = (pick: (run: Run) => number) => ({ ours: spread(ours.map(pick)), floor: spread(floors.map(pick)) });
  return [
    { name: `${NODES} nodes at once, all registered`, unit: 'ms', floorName, ...spreads(({ ms }) => ms) },
    { name: `${NODES} nodes connected: memory they take`, unit: 'MB', floorName, ...spreads(({ mb }) => mb) },
  ];
}

async function measureRouter(): Promise<Run> {
  await using house = await startHouse({
    logLevel: 'warn',
    keyring: { FEISHU_APP_ID: undefined, FEISHU_APP_SECRET: undefined },
  });
  const router = await house.startRouter();
  return await storm(`${house.url.replace('http', 'ws')}/ws/node`, house.secret, router.pid);
}

async function measureFloor(): Promise<Run> {
  const floor = FloorProcess.spawn('router', ['', '', '']);
  const url = await floor.firstLine();
  const run = await storm(`${url.replace('http', 'ws')}/ws/node`, 'any', floor.pid);
  await floor.kill();
  return run;
}

async function storm(url: string, secret: string, pid: number): Promise<Run> {
  const nodes = Array.from(
    { length: NODES },
    (_, index) => new FakeNode(`node-${index}`, { url, secret, users: [`ou_${index}`] }),
  );
  const before = residentMb(pid);
  const startedAt = performance.now();
  await Promise.all(nodes.map((node) => node.connect()));
  const ms = performance.now() - startedAt;
  const mb = residentMb(pid) - before;
  for (const node of nodes) node.drop();
  return { ms, mb };
}
