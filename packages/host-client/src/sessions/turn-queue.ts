import { randomUUID } from 'node:crypto';
import type { Store } from '@phonework/shared/store';

/**
 * Who is waiting for a turn's answer: a message of the user's, a tool call of the mailboy's (in this process only), or
 * nobody, and its answer is a message of its own: a reminder (`job`), or a cut turn that goes on (`continued`).
 */
type TurnOrigin = 'forward' | 'tool' | 'job' | 'continued';

/**
 * `starting`: it is next, and the agent has not got it. `cut`: it ran when the process ended, and the user is asked what
 * becomes of it.
 */
export type TurnState = 'waiting' | 'starting' | 'running' | 'cut';

/** Something that a session was told, and has not answered yet. */
export type SessionTurn = {
  /** A UUID: also the id of the message to the agent. */
  readonly id: string;
  readonly sessionId: string;
  readonly chatId: string;
  readonly text: string;
  readonly origin: TurnOrigin;
  /** The message that is to be answered; absent once it is. */
  readonly forwardId?: string;
  /** The background task that it is. */
  readonly taskId?: string;
  readonly state: TurnState;
  /** What it did last. */
  readonly step?: string;
  /** ms since the epoch. */
  readonly startedAt?: number;
};

export type NewTurn = Pick<SessionTurn, 'sessionId' | 'chatId' | 'text' | 'origin'> & {
  readonly forwardId?: string;
  /** Before all that waits. */
  readonly isFirst?: boolean;
};

/** What sessions were told, in order. What changes something is for use inside `store.write`. */
export class TurnQueue {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  add({ sessionId, chatId, text, origin, forwardId, isFirst = false }: NewTurn): SessionTurn {
    const id = randomUUID();
    const edge = this.#store
      .prepare('SELECT min(place) AS first, max(place) AS last FROM session_turns WHERE session_id = ?')
      .get(sessionId);
    const place = isFirst ? Number(edge?.first ?? 0) - 1 : Number(edge?.last ?? 0) + 1;
    this.#store
      .prepare(
        `INSERT INTO session_turns (id, session_id, place, chat_id, text, origin, forward_id, state, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
      )
      .run(id, sessionId, place, chatId, text, origin, forwardId ?? null, Date.now());
    return {
      id,
      sessionId,
      chatId,
      text,
      origin,
      state: 'waiting',
      ...(forwardId !== undefined && { forwardId }),
    };
  }

  find(id: string): SessionTurn | undefined {
    const row = this.#store.prepare('SELECT * FROM session_turns WHERE id = ?').get(id);
    return row === undefined ? undefined : toTurn(row as Row);
  }

  /** The one that answers this message. */
  ofForward(forwardId: string): SessionTurn | undefined {
    const row = this.#store.prepare('SELECT * FROM session_turns WHERE forward_id = ?').get(forwardId);
    return row === undefined ? undefined : toTurn(row as Row);
  }

  /** Those of a session in one state, in order. */
  list(sessionId: string, state: TurnState): SessionTurn[] {
    return this.#store
      .prepare('SELECT * FROM session_turns WHERE session_id = ? AND state = ? ORDER BY place')
      .all(sessionId, state)
      .map((row) => toTurn(row as Row));
  }

  /** The one that is to begin. */
  next(sessionId: string): SessionTurn | undefined {
    const row = this.#store
      .prepare(
        `SELECT * FROM session_turns WHERE session_id = ? AND state IN ('waiting', 'starting') ORDER BY place LIMIT 1`,
      )
      .get(sessionId);
    return row === undefined ? undefined : toTurn(row as Row);
  }

  /** The one that came last of those that wait, wherever it stands in their order. */
  newestWaiting(sessionId: string): SessionTurn | undefined {
    const row = this.#store
      .prepare(
        `SELECT * FROM session_turns WHERE session_id = ? AND state = 'waiting' ORDER BY created_at DESC, rowid DESC LIMIT 1`,
      )
      .get(sessionId);
    return row === undefined ? undefined : toTurn(row as Row);
  }

  /** How many of a session are in this state. */
  count(sessionId: string, state: TurnState): number {
    const row = this.#store
      .prepare('SELECT count(*) AS turns FROM session_turns WHERE session_id = ? AND state = ?')
      .get(sessionId, state);
    return Number(row?.turns);
  }

  /** Those that some process ran. */
  running(): SessionTurn[] {
    return this.#store
      .prepare("SELECT * FROM session_turns WHERE state = 'running' ORDER BY session_id, place")
      .all()
      .map((row) => toTurn(row as Row));
  }

  /** Those that a tool call waits for, in all sessions. */
  waitingOfTools(): SessionTurn[] {
    return this.#store
      .prepare("SELECT * FROM session_turns WHERE state = 'waiting' AND origin = 'tool' AND task_id IS NULL")
      .all()
      .map((row) => toTurn(row as Row));
  }

  /** The sessions for which something waits. */
  waitingSessions(): string[] {
    return this.#store
      .prepare("SELECT DISTINCT session_id FROM session_turns WHERE state = 'waiting'")
      .all()
      .map((row) => String(row.session_id));
  }

  markStarting(id: string): void {
    this.#store.prepare("UPDATE session_turns SET state = 'starting' WHERE id = ?").run(id);
  }

  /** What an earlier process had not begun waits again, in its place. */
  putBackStarting(): void {
    this.#store.prepare("UPDATE session_turns SET state = 'waiting' WHERE state = 'starting'").run();
  }

  /** To be committed before the agent gets it. */
  markRunning(id: string): void {
    this.#store.prepare("UPDATE session_turns SET state = 'running', started_at = ? WHERE id = ?").run(Date.now(), id);
  }

  noteStep(id: string, step: string): void {
    this.#store.prepare('UPDATE session_turns SET step = ? WHERE id = ?').run(step, id);
  }

  markCut(id: string): void {
    this.#store
      .prepare("UPDATE session_turns SET state = 'cut', forward_id = NULL, task_id = NULL WHERE id = ?")
      .run(id);
  }

  /** From here on it is a background task, and its message is answered. */
  moveToBackground(id: string, taskId: string): void {
    this.#store.prepare('UPDATE session_turns SET task_id = ?, forward_id = NULL WHERE id = ?').run(taskId, id);
  }

  remove(id: string): void {
    this.#store.prepare('DELETE FROM session_turns WHERE id = ?').run(id);
  }
}

type Row = {
  id: string;
  session_id: string;
  chat_id: string;
  text: string;
  origin: TurnOrigin;
  forward_id: string | null;
  task_id: string | null;
  state: TurnState;
  step: string | null;
  started_at: number | null;
};

/** Rows of our own table: columns are as the schema says, and words as this class wrote them. */
function toTurn(row: Row): SessionTurn {
  return {
    id: row.id,
    sessionId: row.session_id,
    chatId: row.chat_id,
    text: row.text,
    origin: row.origin,
    state: row.state,
    ...(row.forward_id !== null && { forwardId: row.forward_id }),
    ...(row.task_id !== null && { taskId: row.task_id }),
    ...(row.step !== null && { step: row.step }),
    ...(row.started_at !== null && { startedAt: row.started_at }),
  };
}
