/** The tables of Inbox and Outbox, for a database's migrations: `outboxSchema` comes after it. */
export const mailSchema = `
  -- Few trees, since each one that a commit touches is a page to sync: seq is counted by the process.
  CREATE TABLE inbox (
    box TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    lane TEXT NOT NULL,
    body TEXT,
    starts INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    settled_at INTEGER,
    PRIMARY KEY (box, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inbox_open ON inbox (box, lane, seq) WHERE settled_at IS NULL;

  CREATE TABLE outbox (
    box TEXT NOT NULL,
    peer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (box, peer, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX outbox_id ON outbox (box, id);
  CREATE INDEX outbox_expiry ON outbox (box, expires_at) WHERE expires_at IS NOT NULL;
`;

/**
 * The outbox as it is now. WITHOUT ROWID, a row of over 1,000 bytes has a page of its own, and those that are made
 * together lie apart: a commit of messages of 1 KB synced twice as many pages.
 */
export const outboxSchema = `
  DROP INDEX outbox_id;
  DROP INDEX outbox_expiry;
  ALTER TABLE outbox RENAME TO old_outbox;
  CREATE TABLE outbox (
    box TEXT NOT NULL,
    peer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT;
  INSERT INTO outbox (box, peer, seq, id, body, created_at, expires_at)
    SELECT box, peer, seq, id, body, created_at, expires_at FROM old_outbox ORDER BY seq;
  DROP TABLE old_outbox;
  CREATE UNIQUE INDEX outbox_seq ON outbox (box, peer, seq);
  CREATE UNIQUE INDEX outbox_id ON outbox (box, id);
  CREATE INDEX outbox_expiry ON outbox (box, expires_at) WHERE expires_at IS NOT NULL;
`;

/** A box that has taken as much as it may. Nothing of what was offered was taken. */
export class MailFullError extends Error {
  override readonly name = 'MailFullError';
}
