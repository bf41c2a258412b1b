/** The tables of questions, for the migrations of node.db. */
export const approvalsSchema = `
  -- What users were asked and have not answered.
  CREATE TABLE open_questions (
    -- What people call it by.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    -- That of the frame that carries its buttons.
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    options TEXT NOT NULL,
    -- NULL where it stays open until it is answered.
    ttl_ms INTEGER,
    asked_at INTEGER NOT NULL,
    -- NULL until its user can see it.
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX open_questions_user ON open_questions (user_id, number);
  CREATE INDEX open_questions_expiry ON open_questions (expires_at) WHERE expires_at IS NOT NULL;

  -- What became of the others, for presses that come late.
  CREATE TABLE closed_questions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    closed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX closed_questions_age ON closed_questions (closed_at);
`;

/** Shortcuts, which wait for no answer. */
export const offersSchema = 'ALTER TABLE open_questions ADD COLUMN is_offer INTEGER NOT NULL DEFAULT 0;';

/** The table of what users always allow, for the migrations of node.db. */
export const shellRulesSchema = `
  CREATE TABLE shell_rules (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    -- A real path: the rule holds there and below.
    folder TEXT NOT NULL,
    program TEXT NOT NULL,
    -- Empty where the program alone says it all.
    subcommand TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (user_id, program, subcommand, folder)
  ) STRICT, WITHOUT ROWID;
`;
