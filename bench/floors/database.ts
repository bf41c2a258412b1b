import { DatabaseSync } from 'node:sqlite';

/** The floor's store: one table, and an fsync for each commit. */
export function openFloorDatabase(path: string): { insert(id: string, body: string): void; finish(id: string): void } {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  database.exec('CREATE TABLE messages (id TEXT PRIMARY KEY, body TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)');
  const insert = database.prepare('INSERT OR IGNORE INTO messages (id, body) VALUES (?, ?)');
  const finish = database.prepare('UPDATE messages SET done = 1 WHERE id = ?');
  return {
    insert: (id, body) => void insert.run(id, body),
    finish: (id) => void finish.run(id),
  };
}
