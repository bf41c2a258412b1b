import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError, sqliteCode } from './store-error.ts';

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const SMALLEST_PAGE_BYTES = 512;

export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** What the operator reads: the file, the copy that there is of it, and what has to go with it. */
export function damageError(path: string, cause?: unknown): StoreError {
  const copy = newestCopy(path);
  const which = copy === undefined ? '' : ` (${copy})`;
  // SQLite would write an old log over a restored copy.
  const log = hasLog(path) ? ` Its -wal and -shm files must go with it.` : '';
  const message = `${path} can't be read as a database: restore a copy of it${which}, or move it away.${log}`;
  return new StoreError('unreadable', message, { cause });
}

/**
 * SQLite takes an empty file for a new database, and throws away a log without its database: whoever lost one of them
 * would begin anew without a word, and one that lost its last bytes would have zeroes there. Throws StoreError `unreadable`.
 */
export function refuseRemains(path: string): void {
  if (existsSync(path)) {
    const { size } = statSync(path);
    // Only what was cut off while the log is written into the database has its rest there.
    if (size === 0 || (size % SMALLEST_PAGE_BYTES > 0 && !hasLog(path))) {
      throw damageError(path, new Error(`it ends after ${size} bytes`));
    }
  } else if (hasLog(path)) {
    const message = `${path} is missing, but ${basename(path)}-wal is there: bring it back, or move that away too.`;
    throw new StoreError('unreadable', message);
  }
}

/** Looks at every page, some 2 ms a megabyte. Throws StoreError `unreadable`. */
export function refuseDamage(database: DatabaseSync, path: string): void {
  const fault = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
  if (fault !== 'ok') throw damageError(path, new Error(fault));
}

function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** A migration leaves one: see store-migrations.ts. */
function newestCopy(path: string): string | undefined {
  const folder = dirname(path);
  const copies = readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(path)}.v`) && name.endsWith('.bak'))
    .map((name) => join(folder, name));
  return copies.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)[0];
}
