import { randomUUID } from 'node:crypto';
import { newShortId } from '@phonework/shared/id';
import type { Store } from '@phonework/shared/store';
import type { ContextUsage, PermissionMode } from './agent-runner.ts';

/** A conversation with a coding agent, as its user knows it. */
export type Session = {
  readonly id: string;
  readonly userId: string;
  /** Where it was last spoken to. */
  readonly chatId: string;
  readonly name: string;
  readonly cwd: string;
  /** The agent's own id of the conversation; another one after /clear. */
  readonly conversationId: string;
  /** How many turns came to an end. */
  readonly turns: number;
  readonly mode: PermissionMode;
  /** Chosen by the user; absent: the agent's default. */
  readonly model?: string;
  /** The one that answered last. */
  readonly seenModel?: string;
  /** Its own longest turn. */
  readonly timeoutS?: number;
  readonly costUsd: number;
  readonly context?: ContextUsage;
  /** Why nothing of its queue begins. */
  readonly hold?: Hold;
  /** ms since the epoch. */
  readonly lastUsedAt: number;
};

/** `stopped`: by /stop, with messages waiting. `cut`: a crash ended a turn. Until the user says what becomes of it. */
type Hold = 'stopped' | 'cut';

export type NewSession = Pick<Session, 'userId' | 'chatId' | 'name' | 'cwd' | 'mode'> & {
  readonly timeoutS?: number;
  /** For one that is taken over: the conversation that goes on. */
  readonly conversationId?: string;
};

/** What a session may change about itself. */
export type SessionChange = Partial<{
  readonly chatId: string;
  readonly conversationId: string;
  readonly turns: number;
  readonly mode: PermissionMode;
  readonly model: string | null;
  readonly seenModel: string;
  readonly costUsd: number;
  readonly contextUsed: number;
  readonly contextMax: number;
  readonly hold: Hold | null;
  readonly lastUsedAt: number;
}>;

/** A line of what /sessions showed: a session, or a conversation that is none yet. */
export type Listed =
  | { readonly sessionId: string }
  | { readonly conversationId: string; readonly cwd: string; readonly firstLine: string };

/** Whom plain messages of a user go to. */
export type TalksTo = 'session' | 'mailboy';

const columns: Readonly<Record<keyof SessionChange, string>> = {
  chatId: 'chat_id',
  conversationId: 'conversation_id',
  turns: 'turns',
  mode: 'mode',
  model: 'model',
  seenModel: 'seen_model',
  costUsd: 'cost_usd',
  contextUsed: 'context_used',
  contextMax: 'context_max',
  hold: 'hold',
  lastUsedAt: 'last_used_at',
};

/** The sessions of all users, and what each user has chosen. What changes something is for use inside `store.write`. */
export class SessionStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  add(session: NewSession): Session {
    const id = newShortId();
    const now = Date.now();
    const { userId, chatId, name, cwd, mode, timeoutS, conversationId } = session;
    this.#store
      .prepare(
        `INSERT INTO sessions
           (id, user_id, chat_id, name, cwd, conversation_id, turns, mode, timeout_s, created_at, last_used_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        userId,
        chatId,
        name,
        cwd,
        conversationId ?? randomUUID(),
        // One that is taken over has been talked to before.
        conversationId === undefined ? 0 : 1,
        mode,
        timeoutS ?? null,
        now,
        now,
      );
    return this.get(id);
  }

  find(id: string): Session | undefined {
    const row = this.#store.prepare('SELECT * FROM sessions WHERE id = ? AND closed_at IS NULL').get(id);
    return row === undefined ? undefined : toSession(row as Row);
  }

  /** For an id that stands for an open session. Throws RangeError. */
  get(id: string): Session {
    const session = this.find(id);
    if (session === undefined) throw new RangeError(`there is no session ${id}`);
    return session;
  }

  /** Those of a user, or of all users, last used first. */
  list(userId?: string): Session[] {
    const rows =
      userId === undefined
        ? this.#store.prepare('SELECT * FROM sessions WHERE closed_at IS NULL ORDER BY last_used_at DESC').all()
        : this.#store
            .prepare('SELECT * FROM sessions WHERE closed_at IS NULL AND user_id = ? ORDER BY last_used_at DESC')
            .all(userId);
    return rows.map((row) => toSession(row as Row));
  }

  change(id: string, change: SessionChange): void {
    const entries = Object.entries(change) as [keyof SessionChange, string | number | null][];
    if (entries.length === 0) return;
    const assignments = entries.map(([key]) => `${columns[key]} = ?`).join(', ');
    this.#store
      .prepare(`UPDATE sessions SET ${assignments} WHERE id = ?`)
      .run(...entries.map(([, value]) => value), id);
  }

  close(id: string): void {
    this.#store.prepare('UPDATE sessions SET closed_at = ? WHERE id = ?').run(Date.now(), id);
    this.#store.prepare('UPDATE session_users SET session_id = NULL WHERE session_id = ?').run(id);
  }

  /** Undefined until the user has chosen. */
  talksTo(userId: string): TalksTo | undefined {
    const row = this.#store.prepare('SELECT talks_to FROM session_users WHERE user_id = ?').get(userId);
    if (row === undefined || row.talks_to === '') return undefined;
    return row.talks_to === 'session' ? 'session' : 'mailboy';
  }

  setTalksTo(userId: string, talksTo: TalksTo): void {
    this.#store
      .prepare(
        `INSERT INTO session_users (user_id, talks_to) VALUES (?, ?)
         ON CONFLICT (user_id) DO UPDATE SET talks_to = excluded.talks_to`,
      )
      .run(userId, talksTo);
  }

  /** What the user's numbers stand for, the first is 1. */
  listed(userId: string): readonly Listed[] {
    const row = this.#store.prepare('SELECT listed FROM session_users WHERE user_id = ?').get(userId);
    // Written by `setListed` out of this type.
    return typeof row?.listed === 'string' ? (JSON.parse(row.listed) as Listed[]) : [];
  }

  setListed(userId: string, listed: readonly Listed[]): void {
    this.#store
      .prepare(
        `INSERT INTO session_users (user_id, listed) VALUES (?, ?)
         ON CONFLICT (user_id) DO UPDATE SET listed = excluded.listed`,
      )
      .run(userId, JSON.stringify(listed));
  }

  /** The session that a user works with now. */
  active(userId: string): Session | undefined {
    const row = this.#store.prepare('SELECT session_id FROM session_users WHERE user_id = ?').get(userId);
    return typeof row?.session_id === 'string' ? this.find(row.session_id) : undefined;
  }

  setActive(userId: string, sessionId: string): void {
    this.#store
      .prepare(
        `INSERT INTO session_users (user_id, session_id) VALUES (?, ?)
         ON CONFLICT (user_id) DO UPDATE SET session_id = excluded.session_id`,
      )
      .run(userId, sessionId);
  }
}

type Row = {
  id: string;
  user_id: string;
  chat_id: string;
  name: string;
  cwd: string;
  conversation_id: string;
  turns: number;
  mode: PermissionMode;
  model: string | null;
  seen_model: string | null;
  timeout_s: number | null;
  cost_usd: number;
  context_used: number | null;
  context_max: number | null;
  hold: Hold | null;
  last_used_at: number;
};

/** Rows of our own table: columns are as the schema says, and words as `add` and `change` wrote them. */
function toSession(row: Row): Session {
  return {
    id: row.id,
    userId: row.user_id,
    chatId: row.chat_id,
    name: row.name,
    cwd: row.cwd,
    conversationId: row.conversation_id,
    turns: row.turns,
    mode: row.mode,
    costUsd: row.cost_usd,
    lastUsedAt: row.last_used_at,
    ...(row.model !== null && { model: row.model }),
    ...(row.seen_model !== null && { seenModel: row.seen_model }),
    ...(row.timeout_s !== null && { timeoutS: row.timeout_s }),
    ...(row.hold !== null && { hold: row.hold }),
    ...(row.context_used !== null &&
      row.context_max !== null && { context: { usedTokens: row.context_used, maxTokens: row.context_max } }),
  };
}
