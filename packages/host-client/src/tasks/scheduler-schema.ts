/** The table of Scheduler, for a database's migrations. */
export const schedulerSchema = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message TEXT NOT NULL,
    conv_id TEXT,
    -- When it is due next, ms since the epoch.
    at INTEGER NOT NULL,
    -- All three are null for a job that runs once; it has either an interval or days.
    interval_ms INTEGER,
    every_days INTEGER,
    minute_of_day INTEGER,
    -- Null: no end.
    runs_left INTEGER,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX jobs_due ON jobs (at);
  CREATE INDEX jobs_user ON jobs (user_id, at);
`;
