import { DatabaseSync } from 'node:sqlite';

/** The floor's store under load: what is written in one turn of the event loop becomes one transaction, with one fsync. */
export class GroupCommitDatabase {
  readonly #database: DatabaseSync;
  #writes: { readonly work: () => void; readonly done: () => void }[] = [];

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#database.exec('CREATE TABLE messages (id TEXT PRIMARY KEY, body TEXT NOT NULL, answer TEXT)');
    const insert = this.#database.prepare('INSERT OR IGNORE INTO messages (id, body) VALUES (?, ?)');
    const finish = this.#database.prepare('UPDATE messages SET answer = ? WHERE id = ?');
    this.insert = (id, body, done) => this.#write(() => void insert.run(id, body), done);
    this.finish = (id, answer, done) => this.#write(() => void finish.run(answer, id), done);
  }

  readonly insert: (id: string, body: string, done: () => void) => void;
  readonly finish: (id: string, answer: string, done: () => void) => void;

  #write(work: () => void, done: () => void): void {
    if (this.#writes.push({ work, done }) === 1) setImmediate(() => this.#commit());
  }

  #commit(): void {
    const writes = this.#writes;
    this.#writes = [];
    this.#database.exec('BEGIN');
    for (const { work } of writes) work();
    this.#database.exec('COMMIT');
    for (const { done } of writes) done();
  }
}
