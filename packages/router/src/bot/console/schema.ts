/** The tables of the web console, for the router's migrations. */
export const consoleSchema = `
  CREATE TABLE console_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    author TEXT NOT NULL CHECK (author IN ('user', 'bot')),
    text TEXT NOT NULL,
    reply_to TEXT,
    at INTEGER NOT NULL,
    -- Its buttons, as a JSON array of MessageAction.
    actions TEXT,
    -- The newest seq when the message was last changed: who has seen nothing newer may not have seen the change.
    changed_after INTEGER
  ) STRICT;
  CREATE INDEX console_changes ON console_messages (changed_after) WHERE changed_after IS NOT NULL;

  CREATE TABLE console_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
`;

/** What came to them later: files with messages. */
export const consoleFilesSchema = `
  -- What is shown with a message, as a JSON array of ConsoleFile.
  ALTER TABLE console_messages ADD COLUMN files TEXT;
`;

/** How long turns took. */
export const consoleTurnsSchema = `
  -- Of the turn that this is the answer of, in ms.
  ALTER TABLE console_messages ADD COLUMN took_ms INTEGER;
`;
