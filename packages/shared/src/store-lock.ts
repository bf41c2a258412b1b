import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError, sqliteCode } from './store-error.ts';

const SQLITE_BUSY = 5;

/**
 * Takes the database at `path` for this process. The lock is SQLite's own on a file beside it: the system drops it when
 * the process ends in whatever way, so there is no stale lock to clean up. Throws StoreError `in_use`, naming the pid; or what the
 * file system says.
 */
export function lockStore(path: string): { release(): void } {
  const pidPath = `${path}.pid`;
  const database = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (sqliteCode(cause) !== SQLITE_BUSY) throw cause;
    throw new StoreError('in_use', `${path} is in use by process ${readPid(pidPath)}: stop that one first.`, { cause });
  }
  try {
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
  } catch (cause) {
    database.close();
    throw cause;
  }
  return {
    release() {
      rmSync(pidPath, { force: true });
      database.close();
    },
  };
}

function readPid(pidPath: string): string {
  try {
    return readFileSync(pidPath, 'utf8').trim();
  } catch {
    return '(unknown)';
  }
}
