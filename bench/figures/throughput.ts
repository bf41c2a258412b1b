import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeNode } from '@phonework/testkit/fake-node';
import type { Figure } from '../figure.ts';
import { ratioAtLeast } from '../figure.ts';
import type { Throughput } from '../in-flight.ts';
import { keepInFlight } from '../in-flight.ts';
import { BenchProcess } from '../processes.ts';
import { percentile, spread } from '../statistics.ts';

const IN_FLIGHT = 64;
/** A router runs for months. Ours becomes faster for some 12,000 messages, the floor for some 4,000: docs/performance.md. */
const WARM_UP = 20_000;
const MESSAGES = 16_000;
const SECRET = 'a-secret-of-the-bench';

/** Chat → router → node → router → chat, 64 messages in 64 chats at a time, without Feishu and its pace. */
export async function throughputFigures(runs: number): Promise<Figure[]> {
  const ours: Throughput[] = [];
  const floors: Throughput[] = [];
  // It varies more than the others, and takes less time.
  for (let run = 0; run < 2 * runs - 1; run += 1) {
    floors.push(await measureFloor());
    ours.push(await measureRouter());
  }
  const floorName = 'fastify + ws + SQLite(FULL) with group commit';
  const spreads = (pick: (run: Throughput) => number) => ({
    ours: spread(ours.map(pick)),
    floor: spread(floors.map(pick)),
    floorName,
  });
  const p99 = ({ latenciesMs }: Throughput) => percentile(latenciesMs, 0.99);
  return [
    {
      name: `${IN_FLIGHT} messages in flight`,
      unit: 'msg/s',
      goal: ratioAtLeast(0.6),
      ...spreads(({ perSecond }) => perSecond),
    },
    { name: `${IN_FLIGHT} messages in flight, p99`, unit: 'ms', ...spreads(p99) },
  ];
}

async function measureRouter(): Promise<Throughput> {
  const folder = mkdtempSync(join(tmpdir(), 'phonework-bench-'));
  const router = BenchProcess.spawn('launchers/router', [folder, SECRET, String(IN_FLIGHT)]);
  const [chatUrl = '', nodeUrl = ''] = (await router.firstLine()).split(' ');
  return await measure({ router, folder, chatUrl, nodeUrl });
}

async function measureFloor(): Promise<Throughput> {
  const folder = mkdtempSync(join(tmpdir(), 'phonework-bench-'));
  const router = BenchProcess.spawn('floors/relay', [join(folder, 'router.db')]);
  const url = (await router.firstLine()).replace('http', 'ws');
  return await measure({ router, folder, chatUrl: `${url}/chat`, nodeUrl: `${url}/ws/node` });
}

type Setting = {
  readonly router: BenchProcess;
  readonly folder: string;
  readonly chatUrl: string;
  readonly nodeUrl: string;
};

/** The node is the same for both, and stores nothing. */
async function measure({ router, folder, chatUrl, nodeUrl }: Setting): Promise<Throughput> {
  const users = Array.from({ length: IN_FLIGHT }, (_, index) => `ou_${index}`);
  const node = new FakeNode('home-pc', { url: nodeUrl, secret: SECRET, users });
  await node.connect();
  const throughput = await keepInFlight(chatUrl, { inFlight: IN_FLIGHT, warmUp: WARM_UP, count: MESSAGES });
  node.drop();
  await router.kill();
  rmSync(folder, { recursive: true });
  return throughput;
}
