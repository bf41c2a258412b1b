/** The real programs on bad days: `pnpm chaos`. docs/reliability.md says more. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SiegeReport } from './fuzz/run-fuzz.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';
import { faults } from './src/faults.ts';
import type { Row } from './src/run-fault.ts';
import { isClean, runFault } from './src/run-fault.ts';
import { formatDoors, formatRow, formatTable } from './src/table.ts';

/** Of the fuzz, at scale 1. */
const FUZZ_CASES = 100_000;

const usage = `pnpm chaos [options]: the real programs on bad days

  --only NAME,NAME    some of the faults, or fuzz; 'kill-*' is all that begin so
  --list              what the faults are
  --seed N            the same plan as with that seed (absent: a new one, which is printed)
  --scale X           so much of the messages and cases (1)
  --json FILE         the figures, for programs
  --markdown FILE     the table, for people
  --evidence FOLDER   what was sent, said and logged where a fault went wrong
  --log LEVEL         of the programs (warn)
  --help

Exit codes: 0 all well; 1 something was lost, doubled, out of order or did not end; 2 called wrongly; 130 ended by hand.
docs/reliability.md says more.`;

/** Ended by hand: the programs that run must not stay behind. */
const endedEarly = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => endedEarly.abort(new Error(`ended by ${name}`)));
}

const values = readOptions();
if (values.help) console.log(usage);
else if (values.list) {
  for (const { name, messages, description } of faults) console.log(`${name} (${messages}): ${description}`);
  console.log(`fuzz (${FUZZ_CASES} cases): Strange things at every door: nobody crashes, hangs or fills up.`);
} else await run();

function readOptions() {
  try {
    const { values: given } = parseArgs({
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
        help: { type: 'boolean', default: false },
      },
    });
    if (given.seed !== undefined && !/^\d{1,15}$/.test(given.seed)) throw new RangeError('--seed is a whole number');
    if (!(Number(given.scale) > 0)) throw new RangeError('--scale is a number above 0');
    const isChosen = chooser(given.only);
    if (![...faults.map(({ name }) => name), 'fuzz'].some(isChosen)) {
      throw new RangeError(`no fault is called ${given.only}: see --list`);
    }
    return given;
  } catch (error) {
    console.error(`chaos: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}

async function run(): Promise<void> {
  // Drawn here alone, and printed: everything else comes from it.
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const scale = Number(values.scale);
  const isChosen = chooser(values.only);
  const chosen = faults.filter(({ name }) => isChosen(name));
  const withFuzz = isChosen('fuzz');
  const command = ['pnpm chaos', `--seed ${seed}`, ...(values.only === undefined ? [] : [`--only ${values.only}`])];
  if (scale !== 1) command.push(`--scale ${scale}`);
  console.log(`${command.join(' ')}\n`);
  const rows: Row[] = [];
  const { signal } = endedEarly;
  for (const fault of chosen) {
    const messages = Math.max(1, Math.round(fault.messages * scale));
    const row = await runFault(fault, { seed, messages, logLevel: values.log, signal });
    if (signal.aborted) return exitEarly();
    rows.push(row);
    console.log(formatRow(row));
    if (values.evidence !== undefined && !isClean(row)) keepEvidence(values.evidence, row);
  }
  signal.addEventListener('abort', exitEarly);
  const doors = withFuzz ? await fuzz(seed, Math.ceil(FUZZ_CASES * scale)) : [];
  const tables = [...(rows.length > 0 ? [formatTable(rows)] : []), ...(doors.length > 0 ? [formatDoors(doors)] : [])];
  console.log(`\n${tables.join('\n\n')}`);
  if (values.json !== undefined) {
    const figures = rows.map(({ files: _, ...row }) => row);
    writeFileSync(values.json, `${JSON.stringify({ seed, scale, rows: figures, doors }, null, 2)}\n`);
  }
  if (values.markdown !== undefined) {
    writeFileSync(values.markdown, `\`${command.join(' ')}\`:\n\n${tables.join('\n\n')}\n`);
  }
  const isUnharmed = doors.every(({ crashes, hangs }) => crashes + hangs === 0);
  if (!rows.every(isClean) || !isUnharmed) process.exitCode = 1;
}

function exitEarly(): never {
  console.error('chaos: ended before its end; there is no table.');
  return process.exit(130);
}

async function fuzz(seed: number, cases: number): Promise<readonly SiegeReport[]> {
  return await runFuzz({ seed, cases, report: (line) => console.log(line) });
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

/** `only`: names, or beginnings of names that end in `*`; absent: everything. */
function chooser(only: string | undefined): (name: string) => boolean {
  if (only === undefined) return () => true;
  const names = only.split(',');
  return (name) =>
    names.some((wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted));
}
