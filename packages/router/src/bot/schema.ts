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
