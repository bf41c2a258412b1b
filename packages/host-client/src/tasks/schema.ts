/** The table of Tasks, for a database's migrations. */
export const tasksSchema = `
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    reason TEXT,
    output TEXT,
    -- Of the output, in bytes: what was said and is not kept in this row.
    left_out INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX tasks_user ON tasks (user_id, seq);
  CREATE INDEX tasks_open ON tasks (state, kind, seq) WHERE ended_at IS NULL;
`;
