import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from './log.ts';
import { damageError, isDamage, refuseDamage, refuseRemains } from './store-damage.ts';
import { StoreError, sqliteCode } from './store-error.ts';
import { lockStore } from './store-lock.ts';
import { refuseLostCommits } from './store-log-damage.ts';
import type { StoreOptions } from './store-migrations.ts';
import { migrate, requireNewest } from './store-migrations.ts';
import type { Write } from './store-write.ts';
import { AwaitedWrite, DeferredWrite } from './store-write.ts';

export { StoreError } from './store-error.ts';

/**
 * A write that nobody waits for is committed within this time, or with the next one that somebody waits for: long enough
 * for the next one of a busy time, too short for the next message of a quiet one to have to carry it.
 */
const LAZY_WRITE_MS = 10;

/** A transaction begins no write after this time: the next one does, and others have their turn in between. */
const TRANSACTION_MS = 8;

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
    refuseRemains(path);
    refuseLostCommits(path);
    if (!existsSync(path)) createDatabase({ path, migrations, logger });
    database = openDatabase(path);
    refuseDamage(database, path);
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

/** Under another name until it is whole: an empty file at `path` is always what is left of a database. */
function createDatabase({ path, migrations, logger }: StoreOptions): void {
  const fresh = `${path}.new`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${fresh}${end}`, { force: true });
  // SQLite would create it with the umask's mode; its -wal and -shm files take over the mode of this one.
  closeSync(openSync(fresh, 'a', 0o600));
  const database = openDatabase(fresh);
  try {
    migrate(database, { path, migrations, logger });
  } finally {
    database.close();
  }
  renameSync(fresh, path);
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 2000, enableForeignKeyConstraints: true });
  try {
    // Where each write of a commit begins, SQLite notes what its pages were: in a file of its own unless it is told not to.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;');
    // The same pages change again and again: the less often they are copied into the database, the better. 16 MB.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Tables that are not ours. */
const SQLITE_ERROR = 1;

function toStoreError(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  if (isDamage(cause) || sqliteCode(cause) === SQLITE_ERROR) return damageError(path, cause);
  return new StoreError('unwritable', `${path} can't be written: check the folder's owner and free space.`, { cause });
}

/** Writes that nobody waits for are tried again so long after a commit that failed. */
const RETRY_MS = 1000;

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
  #awaited = 0;
  #whenCaughtUp: (() => void)[] = [];
  #closed = false;
  #writable = true;
  /** Nothing is written any more to a database that is damaged: it would become worse. */
  #damage: StoreError | undefined;

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
   * be synchronous, and is run a second time where another write of the same transaction threw: what it does beside
   * changing the database belongs in `afterCommit`.
   */
  write<T>(work: () => T): Promise<T> {
    const write = new AwaitedWrite(work);
    this.#awaited += 1;
    if (this.#enqueue(write)) this.#immediate ??= setImmediate(() => this.#commitFor(TRANSACTION_MS));
    return write.promise;
  }

  /**
   * Like `write` for what may be lost in a crash without harm: it costs no fsync of its own. It is tried again when the
   * commit fails, until the disk takes it.
   */
  writeLater(work: () => void): void {
    const isQueued = this.#enqueue(new DeferredWrite(work, this.#logger));
    if (isQueued) this.#lazyTimer ??= setTimeout(() => this.#commitFor(TRANSACTION_MS), LAZY_WRITE_MS);
  }

  /** For use inside `write`: `callback` runs when the transaction is on the disk, and never if it is undone. */
  afterCommit(callback: () => void): void {
    this.#afterCommit.push(callback);
  }

  /** How many writes that somebody waits for have no commit yet. */
  get backlog(): number {
    return this.#awaited;
  }

  /** Calls back once nobody waits any more: after the next commit that leaves nothing to wait for, or that fails. */
  whenCaughtUp(callback: () => void): void {
    this.#whenCaughtUp.push(callback);
  }

  /** Commits now what is waiting. Does nothing while a transaction runs: what waits then is committed after it. */
  flush(): void {
    this.#commitFor(Number.POSITIVE_INFINITY);
  }

  /** Commits what waits, as much as there is time for, but one write at least. */
  #commitFor(ms: number): void {
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
      finished = this.#commit(writes, ms);
    } catch (cause) {
      this.#undo();
      const error = this.#fault(cause);
      this.#noteWritable(false, error);
      this.#failed(writes, error);
      this.#tellCaughtUp();
      return;
    }
    // A commit that changed nothing tells nothing.
    if (!this.#writable) this.isWritable();
    const callbacks = this.#afterCommit;
    this.#afterCommit = [];
    for (const write of finished) {
      this.#ended(write);
      write.done();
    }
    for (const callback of callbacks) callback();
    if (this.#awaited === 0) this.#tellCaughtUp();
  }

  #failed(writes: readonly Write[], error: StoreError): void {
    const isOver = this.#closed || this.#damage !== undefined;
    const deferred = isOver ? [] : writes.filter(({ isDeferred }) => isDeferred);
    this.#writes = [...deferred, ...this.#writes];
    if (deferred.length > 0) this.#lazyTimer ??= setTimeout(() => this.#commitFor(TRANSACTION_MS), RETRY_MS);
    for (const write of writes) if (isOver || !write.isDeferred) this.#fail(write, error);
  }

  #ended(write: Write): void {
    if (!write.isDeferred) this.#awaited -= 1;
  }

  #fail(write: Write, error: unknown): void {
    this.#ended(write);
    write.fail(error);
  }

  #tellCaughtUp(): void {
    const callbacks = this.#whenCaughtUp;
    this.#whenCaughtUp = [];
    for (const callback of callbacks) callback();
  }

  /** False after a failed commit; asks the disk again each time while it is false. */
  isWritable(): boolean {
    if (this.#closed || this.#damage !== undefined) return false;
    if (this.#writable) return true;
    try {
      this.#database.exec('BEGIN IMMEDIATE; CREATE TABLE probe (x); DROP TABLE probe; COMMIT');
      this.#noteWritable(true);
    } catch {
      this.#undo();
    }
    return this.#writable;
  }

  #fault(cause: unknown): StoreError {
    if (!isDamage(cause)) {
      return new StoreError('unwritable', `${this.path} can't be written: check its disk's free space.`, { cause });
    }
    this.#damage = damageError(this.path, cause);
    return this.#damage;
  }

  /** Said when it changes, and not with each of a thousand writes. */
  #noteWritable(isWritable: boolean, error?: StoreError): void {
    if (isWritable === this.#writable) return;
    this.#writable = isWritable;
    if (isWritable) this.#logger.info('the database can be written again');
    else this.#logger.error({ err: error }, 'a commit failed');
  }

  /** Commits what waits. Closing twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    // What the callbacks of that commit asked for; from now on nothing more can be asked for.
    this.flush();
    clearTimeout(this.#lazyTimer);
    this.#database.close();
    this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** False, and the write told so, when the store is closed or damaged. */
  #enqueue(write: Write): boolean {
    const fault = this.#closed ? new StoreError('closed', `${this.path} is closed.`) : this.#damage;
    if (fault === undefined) this.#writes.push(write);
    else this.#fail(write, fault);
    return fault === undefined;
  }

  /** Commits what of `writes` begins in time, and returns those that did not throw. The others go on waiting. */
  #commit(writes: readonly Write[], ms: number): Write[] {
    return this.#commitTogether(writes, performance.now() + ms) ?? this.#commitApart(writes, performance.now() + ms);
  }

  /** Undefined, and nothing changed, when one of them threw: which of its changes to undo only a savepoint knows. */
  #commitTogether(writes: readonly Write[], deadline: number): Write[] | undefined {
    const begun: Write[] = [];
    this.prepare('BEGIN IMMEDIATE').run();
    for (const write of writes) {
      if (begun.length > 0 && performance.now() >= deadline) break;
      try {
        write.run();
        begun.push(write);
      } catch (error) {
        this.#rethrowOfDisk(error);
        this.prepare('ROLLBACK').run();
        this.#afterCommit = [];
        this.#forgetAsked();
        return undefined;
      }
    }
    this.prepare('COMMIT').run();
    this.#putBack(writes.slice(begun.length));
    return begun;
  }

  /** What the writes of a transaction asked for that is run again: they will ask again. */
  #forgetAsked(): void {
    this.#awaited -= this.#writes.filter(({ isDeferred }) => !isDeferred).length;
    this.#writes = [];
  }

  /** A savepoint for each copies the pages that it touches: that is for a transaction in which something threw. */
  #commitApart(writes: readonly Write[], deadline: number): Write[] {
    const finished: Write[] = [];
    this.prepare('BEGIN IMMEDIATE').run();
    let begun = 0;
    for (const write of writes) {
      if (begun > 0 && performance.now() >= deadline) break;
      begun += 1;
      const callbacks = this.#afterCommit.length;
      this.prepare('SAVEPOINT one_write').run();
      try {
        write.run();
        finished.push(write);
      } catch (error) {
        this.#rethrowOfDisk(error);
        this.prepare('ROLLBACK TO one_write').run();
        this.#afterCommit.length = callbacks;
        this.#fail(write, error);
      }
      this.prepare('RELEASE one_write').run();
    }
    this.prepare('COMMIT').run();
    this.#putBack(writes.slice(begun));
    return finished;
  }

  /** SQLite itself ends the transaction when the disk is full: then nothing of the batch stands. */
  #rethrowOfDisk(error: unknown): void {
    if (!this.#database.isTransaction || isDamage(error)) throw error;
  }

  /** Before what was asked for meanwhile. */
  #putBack(writes: readonly Write[]): void {
    if (writes.length === 0) return;
    this.#writes = [...writes, ...this.#writes];
    this.#immediate ??= setImmediate(() => this.#commitFor(TRANSACTION_MS));
  }

  #undo(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }
}
