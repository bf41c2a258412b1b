/** The table of CardRows: a part of router.db's migrations, never to be changed once it is out. */
export const feishuSchema = `
  -- Cards that show turns. In state open the turn runs, or its answer is not here; in completed the card has become the
  -- answer; in ended the answer is another message, and the card has yet to say so.
  CREATE TABLE feishu_cards (
    -- The id of the TurnView.
    view_id TEXT PRIMARY KEY,
    chat_id TEXT NOT NULL,
    -- What the turn answers.
    reply_to TEXT NOT NULL,
    -- The message that shows the card; absent while it may not have been sent.
    message_id TEXT,
    -- The card entity of CardKit; absent where the message carries its card itself.
    card_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'completed', 'ended')),
    language TEXT NOT NULL,
    -- Of a turn that is over, ms.
    took_ms INTEGER,
    -- ms since the epoch. Changes of a card entity are numbered from here.
    opened_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX feishu_cards_message ON feishu_cards (message_id) WHERE message_id IS NOT NULL;
  CREATE INDEX feishu_cards_ended ON feishu_cards (opened_at) WHERE state = 'ended';
  CREATE INDEX feishu_cards_age ON feishu_cards (opened_at);
`;

/** The table of Attendance, in the same way. */
export const feishuAttendanceSchema = `
  -- One row: until when each message that people sent has come in, or was looked for; ms since the epoch.
  CREATE TABLE feishu_attendance (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    attended_until INTEGER NOT NULL
  ) STRICT;
`;

/** More of CardRows: which cards something was said below. */
export const feishuOvertakenSchema = `
  ALTER TABLE feishu_cards ADD COLUMN overtaken INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX feishu_cards_open ON feishu_cards (chat_id) WHERE state = 'open';
`;
