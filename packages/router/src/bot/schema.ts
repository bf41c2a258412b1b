export const refusalsSchema = `
  -- Messages that were refused since their user had too much waiting, and is to be told so: a row a chat.
  CREATE TABLE refusals (
    peer TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    -- The last of them.
    message_id TEXT NOT NULL,
    refused INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** AUTOINCREMENT costs a row in a table of its own with each; the newest is never deleted, so that its number is not used again. */
export const answersSchema = `
  CREATE TABLE new_answers (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    node_id TEXT NOT NULL
  ) STRICT;
  INSERT INTO new_answers (seq, message_id, node_id) SELECT seq, message_id, node_id FROM answers;
  DROP TABLE answers;
  ALTER TABLE new_answers RENAME TO answers;
`;
