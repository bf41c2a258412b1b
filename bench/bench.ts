/** The figures of the house beside floors measured in the same call: `pnpm bench`. docs/performance.md says what they mean. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { formatFigures, keepsGoal } from './figure.ts';
import { forwardPathFigures } from './figures/forward-path.ts';
import { memoryFigures } from './figures/memory.ts';
import { nodesFigures } from './figures/nodes.ts';
import { pauseFigures } from './figures/pauses.ts';
import { restartFigures } from './figures/restart.ts';
import { startFigures } from './figures/start.ts';
import { throughputFigures } from './figures/throughput.ts';

const groups: Readonly<Record<string, (runs: number) => Promise<Figure[]>>> = {
  start: startFigures,
  memory: memoryFigures,
  path: forwardPathFigures,
  throughput: throughputFigures,
  nodes: nodesFigures,
  restart: restartFigures,
  pauses: pauseFigures,
};

const usage = `pnpm bench [options]: figures of the house beside floors measured in the same call

  --only GROUP    one of ${Object.keys(groups).join(', ')}
  --runs N        of each figure, in turn with its floor (5)
  --json FILE     the numbers, for a program
  --help

docs/performance.md says what they mean.`;

const values = readOptions();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const runs = Number(values.runs);
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(groups)) {
  if (values.only === undefined || values.only === name) figures.push(...(await measure(runs)));
}
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, runs };
console.log(`Node ${machine.node}, ${machine.cores} × ${machine.cpu}, ${runs} runs each, in turn with the floor\n`);
console.log(formatFigures(figures));
const judged = figures.map((figure) => ({ ...figure, keepsGoal: keepsGoal(figure) }));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, figures: judged }, null, 2)}\n`);

function readOptions() {
  try {
    const { values: given } = parseArgs({
      args: process.argv.slice(2).filter((argument) => argument !== '--'),
      options: {
        runs: { type: 'string', default: '5' },
        only: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (!/^[1-9]\d{0,3}$/.test(given.runs)) throw new RangeError('--runs is a whole number above 0');
    if (given.only !== undefined && !Object.hasOwn(groups, given.only))
      throw new RangeError(`no group is called ${given.only}`);
    return given;
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}
