import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from './log.ts';
import { StoreError, sqliteCode } from './store-error.ts';
import { lockStore } from './store-lock.ts';
import type { StoreOptions } from './store-migrations.ts';
import { migrate, requireNewest } from './store-migrations.ts';

export { StoreError } from './store-error.ts';

/** A write that nobody waits for is committed within this time, or with the next one that somebody waits for. */
const LAZY_WRITE_MS = 50;

/**
 * Opens, and where needed creates and migrates, the database at `path`, and takes it for this process alone.
 * Throws StoreError.
 */
export function openStore({ path, migrations, logger }: StoreOptions): Store {
  let lock: ReturnType<typeof lockStore> | undefined;
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Before the file is touched: closing it would drop the locks that a store of this same process has on it.
    const taken = lockStore(path);
    lock = taken;
    // SQLite would create it with the umask's mode; its -wal and -shm files take over the mode of this one.
    closeSync(openSync(path, 'a', 0o600));
    database = openDatabase(path);
    migrate(database, { path, migrations, logger });
    return new Store(database, { path, logger, release: () => taken.release() });
  } catch (cause) {
    database?.close();
    lock?.release();
    throw toStoreError(path, cause);
  }
}

/**
 * Opens the database at `path` beside the process that may have taken it, for a few small writes of a tool's: SQLite lets
 * one writer wait for the other. It is created where there is none, but never migrated. Throws StoreError.
 */
export function openStoreBeside(options: StoreOptions): Store {
  const { path, migrations, logger } = options;
  if (!existsSync(path)) return openStore(options);
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(path);
    requireNewest(database, { path, migrations });
    return new Store(database, { path, logger, release: () => {} });
  } catch (cause) {
    database?.close();
    throw toStoreError(path, cause);
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 2000, enableForeignKeyConstraints: true });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** SQLITE_ERROR (tables that are not ours), SQLITE_CORRUPT, SQLITE_NOTADB. */
const unreadableCodes: readonly (number | undefined)[] = [1, 11, 26];

function toStoreError(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  if (unreadableCodes.includes(sqliteCode(cause))) {
    const message = `${path} can't be read as a database: restore a copy of it, or move it away.`;
    return new StoreError('unreadable', message, { cause });
  }
  return new StoreError('unwritable', `${path} can't be written: check the folder's owner and free space.`, { cause });
}

type Write = { readonly run: () => void; readonly fail: (error: unknown) => void; readonly done: () => void };

/**
 * One SQLite database with group commit: all writes that are asked for in the same turn of the event loop become one
 * transaction with one fsync, and each is told only when that is on the disk.
 */
export class Store {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #logger: Logger;
  readonly #release: () => void;
  readonly #statements = new Map<string, StatementSync>();
  #writes: Write[] = [];
  #afterCommit: (() => void)[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #lazyTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #writable = true;

  constructor(database: DatabaseSync, options: { path: string; logger: Logger; release: () => void }) {
    this.#database = database;
    this.path = options.path;
    this.#logger = options.logger;
    this.#release = options.release;
  }

  /** A prepared statement, made once per SQL text. Statements that write are for use inside `write` only. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `work` inside a transaction and resolves with its result once that is on the disk. When `work` throws, its own
   * changes are undone and the promise rejects with what it threw; when the commit fails, with StoreError. `work` must
   * be synchronous.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | undefined;
      const isQueued = this.#enqueue({
        run: () => {
          result = { value: work() };
        },
        done: () => {
          if (result !== undefined) resolve(result.value);
        },
        fail: reject,
      });
      if (isQueued) this.#immediate ??= setImmediate(() => this.flush());
    });
  }

  /** Like `write` for what may be lost in a crash without harm: it costs no fsync of its own. */
  writeLater(work: () => void): void {
    const isQueued = this.#enqueue({
      run: work,
      done: () => {},
      fail: (error) => this.#logger.error({ err: error }, 'a deferred write failed'),
    });
    if (isQueued) this.#lazyTimer ??= setTimeout(() => this.flush(), LAZY_WRITE_MS);
  }

  /** For use inside `write`: `callback` runs when the transaction is on the disk, and never if it is undone. */
  afterCommit(callback: () => void): void {
    this.#afterCommit.push(callback);
  }

  /** Commits now what is waiting. Does nothing while a transaction runs: what waits then is committed after it. */
  flush(): void {
    if (!this.#database.isOpen || this.#database.isTransaction) return;
    clearImmediate(this.#immediate);
    clearTimeout(this.#lazyTimer);
    this.#immediate = undefined;
    this.#lazyTimer = undefined;
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    this.#afterCommit = [];
    let finished: Write[];
    try {
      finished = this.#commit(writes);
      this.#writable = true;
    } catch (cause) {
      this.#undo();
      this.#writable = false;
      const error = new StoreError('unwritable', `${this.path} can't be written: check its disk's free space.`, {
        cause,
      });
      this.#logger.error({ err: error }, 'a commit failed');
      for (const write of writes) write.fail(error);
      return;
    }
    const callbacks = this.#afterCommit;
    this.#afterCommit = [];
    for (const write of finished) write.done();
    for (const callback of callbacks) callback();
  }

  /** False after a failed commit; asks the disk again each time while it is false. */
  isWritable(): boolean {
    if (this.#closed) return false;
    if (this.#writable) return true;
    try {
      this.#database.exec('BEGIN IMMEDIATE; CREATE TABLE probe (x); DROP TABLE probe; COMMIT');
      this.#writable = true;
    } catch {
      this.#undo();
    }
    return this.#writable;
  }

  /** Commits what waits. Closing twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    // What the callbacks of that commit asked for; from now on nothing more can be asked for.
    this.flush();
    this.#database.close();
    this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** False, and the write told so, when the store is closed. */
  #enqueue(write: Write): boolean {
    if (this.#closed) write.fail(new StoreError('closed', `${this.path} is closed.`));
    else this.#writes.push(write);
    return !this.#closed;
  }

  /** Commits `writes` and returns those that did not throw. */
  #commit(writes: readonly Write[]): Write[] {
    const finished: Write[] = [];
    this.prepare('BEGIN IMMEDIATE').run();
    for (const write of writes) {
      const callbacks = this.#afterCommit.length;
      this.prepare('SAVEPOINT one_write').run();
      try {
        write.run();
        finished.push(write);
      } catch (error) {
        // SQLite itself ends the transaction when the disk is full: then nothing of the batch stands.
        if (!this.#database.isTransaction) throw error;
        this.prepare('ROLLBACK TO one_write').run();
        this.#afterCommit.length = callbacks;
        write.fail(error);
      }
      this.prepare('RELEASE one_write').run();
    }
    this.prepare('COMMIT').run();
    return finished;
  }

  #undo(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }
}
