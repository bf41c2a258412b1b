/** The tables of the web console, for the router's migrations. */
export const consoleSchema = `
  CREATE TABLE console_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    author TEXT NOT NULL CHECK (author IN ('user', 'bot')),
    text TEXT NOT NULL,
    reply_to TEXT,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE console_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
`;
