import { newShortId } from '@phonework/shared/id';
import type { Store } from '@phonework/shared/store';
import type { Job, NewJob } from './job.ts';
import type { Repeat } from './repeat.ts';

type Row = {
  id: string;
  user_id: string;
  chat_id: string;
  message: string;
  conv_id: string | null;
  at: number;
  interval_ms: number | null;
  every_days: number | null;
  minute_of_day: number | null;
  runs_left: number | null;
};

/** The rows of all jobs. What changes them is for use inside `store.write`. */
export class Jobs {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  insert(job: NewJob, createdAt: number): Job {
    const id = this.#freeId();
    const { userId, chatId, message, sessionId, at, repeat, runsLeft } = job;
    const isInterval = repeat?.kind === 'interval';
    const isDaily = repeat?.kind === 'days';
    this.#store
      .prepare(
        `INSERT INTO jobs
           (id, user_id, chat_id, message, conv_id, at, interval_ms, every_days, minute_of_day, runs_left, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        userId,
        chatId,
        message,
        sessionId ?? null,
        at,
        isInterval ? repeat.ms : null,
        isDaily ? repeat.days : null,
        isDaily ? repeat.minuteOfDay : null,
        runsLeft ?? null,
        createdAt,
      );
    return { id, ...job };
  }

  find(id: string): Job | undefined {
    return toJob(this.#store.prepare('SELECT * FROM jobs WHERE id = ?').get(id));
  }

  /** The user's, the next one first. */
  of(userId: string): Job[] {
    const rows = this.#store.prepare('SELECT * FROM jobs WHERE user_id = ? ORDER BY at, rowid').all(userId);
    return rows.flatMap((row) => toJob(row) ?? []);
  }

  count(userId: string): number {
    const row = this.#store.prepare('SELECT count(*) AS jobs FROM jobs WHERE user_id = ?').get(userId);
    return Number(row?.jobs);
  }

  /** When the first of all is due. */
  nextAt(): number | undefined {
    const row = this.#store.prepare('SELECT min(at) AS at FROM jobs').get();
    return typeof row?.at === 'number' ? row.at : undefined;
  }

  /** The ids of those that are due, in the order of their times. */
  due(now: number, limit: number): string[] {
    const rows = this.#store.prepare('SELECT id FROM jobs WHERE at <= ? ORDER BY at, rowid LIMIT ?').all(now, limit);
    return rows.map((row) => String(row.id));
  }

  /** One run is made: the job goes on at `at`. */
  advance({ id, runsLeft }: Job, at: number): void {
    const left = runsLeft === undefined ? null : runsLeft - 1;
    this.#store.prepare('UPDATE jobs SET at = ?, runs_left = ? WHERE id = ?').run(at, left, id);
  }

  delete(id: string): void {
    this.#store.prepare('DELETE FROM jobs WHERE id = ?').run(id);
  }

  #freeId(): string {
    for (;;) {
      const id = newShortId();
      if (this.find(id) === undefined) return id;
    }
  }
}

function toJob(found: unknown): Job | undefined {
  if (found === undefined) return undefined;
  // A row of our own table: its columns are as the schema and `insert` say.
  const row = found as Row;
  const repeat = toRepeat(row);
  return {
    id: row.id,
    userId: row.user_id,
    chatId: row.chat_id,
    message: row.message,
    at: row.at,
    ...(row.conv_id !== null && { sessionId: row.conv_id }),
    ...(repeat && { repeat }),
    ...(row.runs_left !== null && { runsLeft: row.runs_left }),
  };
}

function toRepeat({ interval_ms: ms, every_days: days, minute_of_day: minuteOfDay }: Row): Repeat | undefined {
  if (ms !== null) return { kind: 'interval', ms };
  return days === null || minuteOfDay === null ? undefined : { kind: 'days', days, minuteOfDay };
}
