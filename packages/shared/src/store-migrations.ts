import { closeSync, openSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from './log.ts';
import { StoreError } from './store-error.ts';

export type StoreOptions = {
  readonly path: string;
  /** SQL scripts; the n-th brings a database from version n to n + 1. Only ever append. */
  readonly migrations: readonly string[];
  readonly logger: Logger;
};

/**
 * Brings a database to the newest version, after a copy of it was made beside it as PATH.vN.bak. Its version stands in
 * `PRAGMA user_version`. Throws StoreError `newer_schema` for a database of a later program.
 */
export function migrate(database: DatabaseSync, { path, migrations, logger }: StoreOptions): void {
  const version = knownVersion(database, { path, migrations });
  if (version === migrations.length) return;
  if (version > 0) {
    const copy = `${path}.v${version}.bak`;
    rmSync(copy, { force: true });
    // SQLite fills a file that is there and empty; one that it made would have the umask's mode.
    closeSync(openSync(copy, 'w', 0o600));
    database.prepare('VACUUM INTO ?').run(copy);
    logger.info({ from: version, to: migrations.length, copy }, 'migrating the database');
  }
  for (const [index, script] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN EXCLUSIVE; ${script}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

/** For a database that is not this process's to migrate. Throws StoreError `newer_schema` or `older_schema`. */
export function requireNewest(database: DatabaseSync, { path, migrations }: Omit<StoreOptions, 'logger'>): void {
  const version = knownVersion(database, { path, migrations });
  if (version === migrations.length) return;
  throw new StoreError(
    'older_schema',
    `${path} has version ${version} and this program needs ${migrations.length}: start the program that it belongs to once.`,
  );
}

function knownVersion(database: DatabaseSync, { path, migrations }: Omit<StoreOptions, 'logger'>): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  if (version <= migrations.length) return version;
  throw new StoreError(
    'newer_schema',
    `${path} has version ${version} and this program knows ${migrations.length}: install the newer program, or restore a copy.`,
  );
}
