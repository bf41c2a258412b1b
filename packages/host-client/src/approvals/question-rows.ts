import type { Store } from '@phonework/shared/store';
import type { OpenQuestion, QuestionOption } from './question.ts';

/** What became of a question that is not open any more. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: string }
  | { readonly kind: 'expired'; readonly countedAs?: string }
  | { readonly kind: 'withdrawn' };

type ListedQuestion = Pick<OpenQuestion, 'id' | 'number' | 'title'>;

type ClosedQuestion = {
  readonly userId: string;
  readonly chatId: string;
  readonly outcome: Outcome;
  /** ms since the epoch. */
  readonly closedAt: number;
};

/** Buttons work for so long in the chats. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

/** How many old ones one commit clears away. */
const PRUNE_ROWS = 100;

type Row = {
  number: number;
  id: string;
  user_id: string;
  chat_id: string;
  kind: string;
  subject: string;
  title: string;
  text: string;
  options: string;
  ttl_ms: number | null;
  asked_at: number;
  is_offer: number;
};

/** Questions as they stand in the database. Methods that change something are for use inside `store.write`. */
export class QuestionRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  add(question: Omit<OpenQuestion, 'askedAt' | 'number'>, now: number): void {
    const { id, userId, chatId, kind, subject, title, text, options, ttlMs, isOffer = false } = question;
    this.#store
      .prepare(
        `INSERT INTO open_questions (id, user_id, chat_id, kind, subject, title, text, options, ttl_ms, asked_at, is_offer)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        userId,
        chatId,
        kind,
        JSON.stringify(subject ?? null),
        title,
        text,
        JSON.stringify(options),
        ttlMs === undefined ? null : Math.round(ttlMs),
        now,
        isOffer ? 1 : 0,
      );
  }

  find(id: string): OpenQuestion | undefined {
    const row = this.#store.prepare('SELECT * FROM open_questions WHERE id = ?').get(id);
    return row === undefined ? undefined : toQuestion(row as Row);
  }

  /** Those of one user that wait for an answer, oldest first. */
  openFor(userId: string): readonly OpenQuestion[] {
    return this.#store
      .prepare('SELECT * FROM open_questions WHERE user_id = ? AND is_offer = 0 ORDER BY number')
      .all(userId)
      .map((row) => toQuestion(row as Row));
  }

  /** Ids of those of one kind, oldest first. */
  openOf(kind: string): readonly string[] {
    return this.#store
      .prepare('SELECT id FROM open_questions WHERE kind = ? ORDER BY number')
      .all(kind)
      .map((row) => String(row.id));
  }

  /** The oldest ones of a user in one chat, without what makes them large. */
  listIn(userId: string, chatId: string, limit: number): readonly ListedQuestion[] {
    return this.#store
      .prepare(
        `SELECT id, number, title FROM open_questions
         WHERE user_id = ? AND chat_id = ? AND is_offer = 0 ORDER BY number LIMIT ?`,
      )
      .all(userId, chatId, limit)
      .map((row) => ({ id: String(row.id), number: Number(row.number), title: String(row.title) }));
  }

  numbered(userId: string, chatId: string, number: number): OpenQuestion | undefined {
    const row = this.#store
      .prepare('SELECT * FROM open_questions WHERE number = ? AND user_id = ? AND chat_id = ? AND is_offer = 0')
      .get(number, userId, chatId);
    return row === undefined ? undefined : toQuestion(row as Row);
  }

  /** True when it has a time to live that has not begun. */
  awaitsDelivery(id: string): boolean {
    const row = this.#store
      .prepare('SELECT 1 FROM open_questions WHERE id = ? AND ttl_ms IS NOT NULL AND expires_at IS NULL')
      .get(id);
    return row !== undefined;
  }

  /** Its user can see it. Only the first call counts. */
  startTtl(id: string, now: number): void {
    this.#store
      .prepare(
        `UPDATE open_questions SET expires_at = ? + ttl_ms
         WHERE id = ? AND ttl_ms IS NOT NULL AND expires_at IS NULL`,
      )
      .run(now, id);
  }

  /** When the next one expires, in ms since the epoch. */
  nextExpiry(): number | undefined {
    const row = this.#store
      .prepare('SELECT expires_at FROM open_questions WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1')
      .get();
    return row === undefined ? undefined : Number(row.expires_at);
  }

  /** Ids of some that have expired. */
  overdue(now: number, limit: number): readonly string[] {
    return this.#store
      .prepare('SELECT id FROM open_questions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?')
      .all(now, limit)
      .map((row) => String(row.id));
  }

  /** It is not open any more; its outcome is remembered for a month. */
  close({ id, userId, chatId }: OpenQuestion, outcome: Outcome, now: number): void {
    this.#store.prepare('DELETE FROM open_questions WHERE id = ?').run(id);
    this.#store
      .prepare(
        'INSERT OR REPLACE INTO closed_questions (id, user_id, chat_id, outcome, closed_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(id, userId, chatId, JSON.stringify(outcome), now);
    this.#store
      .prepare(
        `DELETE FROM closed_questions WHERE id IN
           (SELECT id FROM closed_questions WHERE closed_at < ? ORDER BY closed_at LIMIT ${PRUNE_ROWS})`,
      )
      .run(now - KEEP_MS);
  }

  findClosed(id: string): ClosedQuestion | undefined {
    const row = this.#store.prepare('SELECT * FROM closed_questions WHERE id = ?').get(id);
    if (row === undefined) return undefined;
    // JSON as `close` wrote it.
    const outcome = JSON.parse(String(row.outcome)) as Outcome;
    return { userId: String(row.user_id), chatId: String(row.chat_id), outcome, closedAt: Number(row.closed_at) };
  }
}

/** Rows of our own table: columns are as the schema says, and JSON as `add` wrote it. */
function toQuestion(row: Row): OpenQuestion {
  return {
    id: row.id,
    number: row.number,
    userId: row.user_id,
    chatId: row.chat_id,
    kind: row.kind,
    subject: JSON.parse(row.subject),
    title: row.title,
    text: row.text,
    options: JSON.parse(row.options) as QuestionOption[],
    askedAt: row.asked_at,
    ...(row.ttl_ms !== null && { ttlMs: row.ttl_ms }),
    ...(row.is_offer === 1 && { isOffer: true }),
  };
}
