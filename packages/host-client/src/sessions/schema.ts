/** The tables of sessions, for the migrations of node.db. */
export const sessionsSchema = `
  -- A conversation with a coding agent, as a user knows it. Kept when its process ends.
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    -- Where it was last spoken to: what nobody waits for goes there.
    chat_id TEXT NOT NULL,
    name TEXT NOT NULL,
    cwd TEXT NOT NULL,
    -- The agent's own id.
    conversation_id TEXT NOT NULL,
    -- Turns that came to an end.
    turns INTEGER NOT NULL DEFAULT 0,
    mode TEXT NOT NULL,
    -- Chosen by the user; NULL is the agent's default.
    model TEXT,
    -- The one that answered last.
    seen_model TEXT,
    timeout_s REAL,
    cost_usd REAL NOT NULL DEFAULT 0,
    context_used INTEGER,
    context_max INTEGER,
    -- Why nothing of its queue begins: 'stopped' or 'cut', until the user has said what becomes of it.
    hold TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT;
  CREATE INDEX sessions_user ON sessions (user_id, last_used_at) WHERE closed_at IS NULL;

  -- What a session was told and has not answered yet.
  CREATE TABLE session_turns (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    place INTEGER NOT NULL,
    chat_id TEXT NOT NULL,
    text TEXT NOT NULL,
    origin TEXT NOT NULL,
    -- The message that is to be answered, as long as it is not.
    forward_id TEXT,
    task_id TEXT,
    state TEXT NOT NULL,
    -- What it did last, for when a crash cuts it.
    step TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER
  ) STRICT;
  CREATE INDEX session_turns_order ON session_turns (session_id, place);

  -- What each user has chosen.
  CREATE TABLE session_users (
    user_id TEXT PRIMARY KEY,
    -- Empty until they have chosen.
    talks_to TEXT NOT NULL DEFAULT '',
    session_id TEXT,
    -- What /sessions showed last, so that its numbers can be used.
    listed TEXT
  ) STRICT;
`;
