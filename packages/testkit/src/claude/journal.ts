import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJson } from './json.ts';

/** One process of the stand-in: how it was started, and each line that it was told. */
export type StandInRecord = {
  readonly pid: number;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly received: readonly string[];
};

/** What the processes of the stand-in in `folder` wrote down, in the order of their starts. */
export function standInJournal(folder: string): StandInRecord[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .map((name) => toRecord(readFileSync(join(folder, name), 'utf8')));
}

/** Where a process writes itself down: a file of its own, so that no two write into one. */
export class Journal {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, `${PREFIX}${Date.now()}-${String(process.pid).padStart(8, '0')}.jsonl`);
  }

  started(args: readonly string[]): void {
    this.#append({ pid: process.pid, args, environment: process.env, cwd: process.cwd() });
  }

  received(line: string): void {
    this.#append(line);
  }

  #append(entry: unknown): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
}

const PREFIX = 'journal-';

function toRecord(text: string): StandInRecord {
  // The last piece is empty, or a line that is being written.
  const [start, ...received] = text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
  if (!isJson(start)) throw new Error('a journal without its start');
  // Journal.started wrote it.
  return { ...(start as Omit<StandInRecord, 'received'>), received: received.map(String) };
}
