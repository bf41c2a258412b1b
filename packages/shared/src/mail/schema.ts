/** The tables of Inbox and Outbox, for a database's migrations. */
export const mailSchema = `
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY,
    box TEXT NOT NULL,
    id TEXT NOT NULL,
    lane TEXT NOT NULL,
    body TEXT,
    starts INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    settled_at INTEGER,
    UNIQUE (box, id)
  ) STRICT;
  CREATE INDEX inbox_open ON inbox (box, lane, seq) WHERE settled_at IS NULL;

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    box TEXT NOT NULL,
    peer TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    UNIQUE (box, id)
  ) STRICT;
  CREATE INDEX outbox_order ON outbox (box, peer, seq);
`;

/** A box that has taken as much as it may. Nothing of what was offered was taken. */
export class MailFullError extends Error {
  override readonly name = 'MailFullError';
}
