/**
 * The real programs on bad days: `pnpm chaos [--seed N] [--only NAME,NAME] [--scale X] [--list] [--json FILE]
 * [--markdown FILE] [--evidence FOLDER] [--log LEVEL]`. Exit code 1 when a message was lost, doubled or out of order, or
 * a fault did not come to its end. docs/reliability.md says more.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faults } from './src/faults.ts';
import type { Row } from './src/run-fault.ts';
import { isClean, runFault } from './src/run-fault.ts';
import { formatRow, formatTable } from './src/table.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'string' },
    evidence: { type: 'string' },
    log: { type: 'string', default: 'warn' },
  },
});

if (values.list)
  for (const { name, messages, description } of faults) console.log(`${name} (${messages}): ${description}`);
else await run();

async function run(): Promise<void> {
  // Drawn here alone, and printed: everything else comes from it.
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const scale = Number(values.scale);
  const chosen = chooseFaults(values.only);
  if (chosen.length === 0) throw new RangeError(`no fault is called ${values.only}: see --list`);
  const command = ['pnpm chaos', `--seed ${seed}`, ...(values.only === undefined ? [] : [`--only ${values.only}`])];
  if (scale !== 1) command.push(`--scale ${scale}`);
  console.log(`${command.join(' ')}\n`);
  const rows: Row[] = [];
  for (const fault of chosen) {
    const messages = Math.max(1, Math.round(fault.messages * scale));
    const row = await runFault(fault, { seed, messages, logLevel: values.log });
    rows.push(row);
    console.log(formatRow(row));
    if (values.evidence !== undefined && !isClean(row)) keepEvidence(values.evidence, row);
  }
  console.log(`\n${formatTable(rows)}`);
  if (values.json !== undefined) {
    const figures = rows.map(({ files: _, ...row }) => row);
    writeFileSync(values.json, `${JSON.stringify({ seed, scale, rows: figures }, null, 2)}\n`);
  }
  if (values.markdown !== undefined) {
    writeFileSync(values.markdown, `\`${command.join(' ')}\`:\n\n${formatTable(rows)}\n`);
  }
  if (!rows.every(isClean)) process.exitCode = 1;
}

/** What was sent, said and logged, and what still waits. */
function keepEvidence(folder: string, { name, complaints, files }: Row): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ complaints, waiting: files.waiting, ...files.evidence }, null, 2),
  );
  writeFileSync(join(folder, `${name}.log`), files.logs);
}

/** `only`: names, or beginnings of names that end in `*`. */
function chooseFaults(only: string | undefined): typeof faults {
  if (only === undefined) return faults;
  const names = only.split(',');
  return faults.filter(({ name }) =>
    names.some((wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted)),
  );
}
