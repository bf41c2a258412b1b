import { mailSchema } from '@phonework/shared/mail';
import { consoleSchema } from './bot/console/schema.ts';

/** The versions of router.db: only ever append. */
export const migrations = [
  `
  ${mailSchema}

  -- Nodes that registered once, so that after a restart a message still finds the one that is not back yet.
  CREATE TABLE nodes (
    node_id TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    serves_users TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    working_dir TEXT NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT;

  -- Messages that a node was asked to answer and has not answered yet.
  CREATE TABLE forwards (
    id TEXT PRIMARY KEY,
    node_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When it was last written to the node's socket.
    sent_at INTEGER,
    told_offline INTEGER NOT NULL DEFAULT 0,
    told_slow INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX forwards_not_told_slow ON forwards (sent_at) WHERE told_slow = 0;
  CREATE INDEX forwards_not_told_offline ON forwards (node_id) WHERE told_offline = 0;

  -- Asked for each second, also while a long queue waits.
  CREATE INDEX outbox_expiry ON outbox (box, expires_at);

  -- Where a user talked to a node: the only chats that the node may write to.
  CREATE TABLE talks (
    node_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (node_id, user_id, chat_id)
  ) STRICT, WITHOUT ROWID;

  ${consoleSchema}
  `,
];
