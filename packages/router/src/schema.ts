import { mailSchema, outboxSchema } from '@phonework/shared/mail';
import { languageSchema } from '@phonework/shared/reader-languages';
import { consoleFilesSchema, consoleSchema, consoleTurnsSchema } from './bot/console/schema.ts';
import { feishuAttendanceSchema, feishuOvertakenSchema, feishuSchema } from './bot/feishu/schema.ts';
import { answersSchema, refusalsSchema } from './bot/schema.ts';

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

  -- Nodes that have a token of their own. Only its hash (SHA-256) is kept; users is a JSON list.
  CREATE TABLE node_tokens (
    node_id TEXT PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    users TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
  ) STRICT;

  -- Messages that a node was asked to answer and has not answered yet.
  CREATE TABLE forwards (
    id TEXT PRIMARY KEY,
    -- Its place in the node's outbox.
    seq INTEGER NOT NULL,
    node_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    -- The broadcast that it is one of.
    broadcast_id TEXT,
    created_at INTEGER NOT NULL,
    -- When it was last written to the node's socket; only of those that are not answered at once.
    sent_at INTEGER,
    told_offline INTEGER NOT NULL DEFAULT 0,
    told_slow INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX forwards_not_told_slow ON forwards (sent_at) WHERE told_slow = 0 AND sent_at IS NOT NULL;
  CREATE INDEX forwards_not_told_offline ON forwards (node_id, seq) WHERE told_offline = 0;

  -- Where a user talked to a node: the only chats that the node may write to.
  CREATE TABLE talks (
    node_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (node_id, user_id, chat_id)
  ) STRICT, WITHOUT ROWID;

  -- The node that each user works with.
  CREATE TABLE active_nodes (
    user_id TEXT PRIMARY KEY,
    node_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Messages for all nodes of a user, with the answers so far.
  CREATE TABLE broadcasts (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    node_ids TEXT NOT NULL,
    parts TEXT NOT NULL
  ) STRICT;

  -- What users were asked with buttons; the id is that of the message that carries them.
  CREATE TABLE questions (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    options TEXT NOT NULL,
    subject TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    answered TEXT
  ) STRICT;
  CREATE INDEX questions_open ON questions (channel, chat_id, user_id) WHERE answered IS NULL;
  CREATE INDEX questions_age ON questions (asked_at);

  -- Which node said what, for messages that quote it.
  CREATE TABLE answers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    node_id TEXT NOT NULL
  ) STRICT;

  -- Where each user is told things that answer nothing.
  CREATE TABLE user_chats (
    user_id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Nodes that users were told are away, and not yet that they are back.
  CREATE TABLE told_away (node_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  ${consoleSchema}
  `,
  `
  -- Set when who asked does not wait for an answer any longer.
  ALTER TABLE questions ADD COLUMN ended_at INTEGER;
  -- What stands above the buttons, so that it stays when they are replaced by the answer.
  ALTER TABLE questions ADD COLUMN shown TEXT;
  DROP INDEX questions_open;
  CREATE INDEX questions_open ON questions (channel, chat_id, user_id) WHERE answered IS NULL AND ended_at IS NULL;
  -- For a node's word about its own.
  CREATE INDEX questions_of_nodes ON questions (subject ->> '$.nodeId', subject ->> '$.frameId')
    WHERE answered IS NULL AND ended_at IS NULL;
  `,
  `
  -- Files between chats and nodes. Their bytes are on the disk beside the database, under \`name\`.
  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL CHECK (origin IN ('chat', 'node')),
    -- The node that brought it, where that is known.
    node_id TEXT,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    image_type TEXT,
    -- Absent while something waits for it.
    kept_until INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX files_age ON files (kept_until) WHERE kept_until IS NOT NULL;

  -- Nodes that a file was sent to, with the message that it came with.
  CREATE TABLE file_readers (
    file_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    PRIMARY KEY (file_id, node_id)
  ) STRICT, WITHOUT ROWID;

  ${consoleFilesSchema}
  `,
  `
  ${languageSchema}

  -- The platform's id of the message that carries the buttons.
  ALTER TABLE questions ADD COLUMN shown_id TEXT;
  -- Shortcuts that wait for nobody: what people type is no answer to them.
  ALTER TABLE questions ADD COLUMN is_offer INTEGER NOT NULL DEFAULT 0;

  -- Messages with a sign on them that they have arrived; without \`mark\` where its id is not known.
  CREATE TABLE seen_marks (
    message_id TEXT PRIMARY KEY,
    mark TEXT,
    set_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Whether its user took the message back after it was sent to the node.
  ALTER TABLE forwards ADD COLUMN recalled INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX forwards_of_message ON forwards (message_id);
  CREATE INDEX forwards_recalled ON forwards (node_id) WHERE recalled = 1;

  ${feishuSchema}

  ${consoleTurnsSchema}
  `,
  `
  -- Chats in which people who may talk to the bot have done so; talked_at is exact to an hour, ms since the epoch.
  CREATE TABLE known_chats (
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    chat_type TEXT NOT NULL,
    talked_at INTEGER NOT NULL,
    PRIMARY KEY (channel, chat_id)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO known_chats (channel, chat_id, chat_type, talked_at)
    SELECT channel, chat_id, 'p2p', 0 FROM user_chats;

  ${feishuAttendanceSchema}
  `,
  feishuOvertakenSchema,
  refusalsSchema,
  `${outboxSchema} ${answersSchema}`,
  `
  -- Still set after a kill: what such a node was sent is not known for certain.
  ALTER TABLE nodes ADD COLUMN is_online INTEGER NOT NULL DEFAULT 0;
  `,
];
