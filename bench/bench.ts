/**
 * The figures of the house beside floors measured in the same call: `pnpm bench [--runs N] [--only start|memory|path|storm]
 * [--json FILE]`. docs/performance.md says what they mean.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { formatFigures } from './figure.ts';
import { forwardPathFigures } from './figures/forward-path.ts';
import { memoryFigures } from './figures/memory.ts';
import { startFigures } from './figures/start.ts';
import { stormFigures } from './figures/storm.ts';

const groups: Readonly<Record<string, (runs: number) => Promise<Figure[]>>> = {
  start: startFigures,
  memory: memoryFigures,
  path: forwardPathFigures,
  storm: stormFigures,
};

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const runs = Number(values.runs);
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(groups)) {
  if (values.only === undefined || values.only === name) figures.push(...(await measure(runs)));
}
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, runs };
console.log(`Node ${machine.node}, ${machine.cores} × ${machine.cpu}, ${runs} runs each, in turn with the floor\n`);
console.log(formatFigures(figures));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
