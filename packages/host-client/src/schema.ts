import { mailSchema, outboxSchema } from '@phonework/shared/mail';
import { languageSchema } from '@phonework/shared/reader-languages';
import { approvalsSchema, offersSchema, shellRulesSchema } from './approvals/schema.ts';
import { sessionsSchema } from './sessions/schema.ts';
import { schedulerSchema } from './tasks/scheduler-schema.ts';
import { tasksSchema } from './tasks/schema.ts';

/** The versions of node.db: only ever append. */
export const migrations = [
  `
  ${mailSchema}

  -- What each user and the mailboy said, a row a turn.
  CREATE TABLE history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    turn_id TEXT NOT NULL UNIQUE,
    messages TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX history_order ON history (user_id, seq);

  -- What open turns have done to the world: written before it is done.
  CREATE TABLE effects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX effects_turn ON effects (turn_id, seq);

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  `,
  `${sessionsSchema} ${approvalsSchema} ${shellRulesSchema} ${tasksSchema} ${schedulerSchema}`,
  `${languageSchema} ${offersSchema}`,
  `
  -- The line after an effect: NULL while it goes on, or where the line was lost with the process.
  ALTER TABLE effects ADD COLUMN ended_at INTEGER;
  ALTER TABLE effects ADD COLUMN outcome TEXT;
  `,
  outboxSchema,
];
