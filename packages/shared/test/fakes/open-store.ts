import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../src/store.ts';
import { openStore } from '../../src/store.ts';
import type { TempFolder } from '../temp-folder.ts';
import { recordingLogger } from './recording-logger.ts';

const numbers = 'CREATE TABLE numbers (n INTEGER PRIMARY KEY, text TEXT) STRICT';

export type OpenStore = {
  readonly store: Store;
  readonly path: string;
  readonly lines: string[];
  /** Writes `n`, as part of a transaction. */
  insert(n: number): number;
  /** What another connection finds on the disk. */
  stored(): number[];
};

/** A store with one table of numbers. */
export function openNumbers(folder: TempFolder, migrations: readonly string[] = [numbers]): OpenStore {
  const { logger, lines } = recordingLogger();
  const path = folder.join('data/test.db');
  const store = openStore({ path, migrations, logger });
  return {
    store,
    path,
    lines,
    insert: (n) => Number(store.prepare('INSERT INTO numbers (n) VALUES (?)').run(n).lastInsertRowid),
    stored: () => readNumbers(path),
  };
}

export function readNumbers(path: string): number[] {
  const reader = new DatabaseSync(path, { readOnly: true });
  try {
    return reader
      .prepare('SELECT n FROM numbers ORDER BY n')
      .all()
      .map((row) => Number(row.n));
  } finally {
    reader.close();
  }
}
