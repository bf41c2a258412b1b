import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@phonework/testkit/house';
import type { ProgramName } from '@phonework/testkit/program';
import { Program } from '@phonework/testkit/program';
import type { Figure } from '../figure.ts';
import { ratioAtMost } from '../figure.ts';
import { BenchProcess, untilAnswered } from '../processes.ts';
import { spread } from '../statistics.ts';

/** Spawn to the first 200 of `/health`, from the second start on: the first one fills the compile cache. */
export async function startFigures(runs: number): Promise<Figure[]> {
  const times = { floor: [] as number[], 'phonework-router': [] as number[], phonework: [] as number[] };
  await startProgram('phonework-router', async (program) => void (await program.stop()));
  await startProgram('phonework', async (program) => void (await program.stop()));
  for (let run = 0; run < runs; run += 1) {
    times.floor.push(await startFloor());
    times['phonework-router'].push(await startProgram('phonework-router'));
    times.phonework.push(await startProgram('phonework'));
  }
  const floor = { floor: spread(times.floor), floorName: 'fastify + ws', unit: 'ms' } as const;
  return [
    { ...floor, name: 'router: start to /health', ours: spread(times['phonework-router']), goal: ratioAtMost(2) },
    { ...floor, name: 'standalone: start to /health', ours: spread(times.phonework), goal: ratioAtMost(3) },
  ];
}

async function startFloor(): Promise<number> {
  const port = await freePort();
  const floor = BenchProcess.spawn('floors/router', ['', '', '', String(port)]);
  const ms = await untilAnswered(`http://127.0.0.1:${port}/health`);
  await floor.kill();
  return ms;
}

/** By a kill it ends sooner, by a stop in good order. */
async function startProgram(
  name: ProgramName,
  end = async (program: Program) => await program.kill(),
): Promise<number> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'phonework-bench-'));
  const program = new Program({
    name,
    folder,
    flags: ['--data-dir', folder],
    environment: { ROUTER_PORT: String(port), ROUTER_SECRET: 'a-secret-of-the-bench' },
  });
  const ms = await untilAnswered(`http://127.0.0.1:${port}/health`);
  await end(program);
  rmSync(folder, { recursive: true });
  return ms;
}
