import type { Store } from '../store.ts';
import { MailFullError } from './schema.ts';

const PRUNE_INTERVAL_MS = 60_000;
const PRUNE_ROWS = 2000;
/** Longer than any platform brings a message again: Feishu does for 7.1 h. */
const PRUNE_AFTER_SET_MS = 8 * 3600 * 1000;
/** Sorts after every id. */
const LAST_ID = '\u{10ffff}';

/** Something that arrived and is not settled yet. */
export type Letter<Body> = {
  readonly id: string;
  /** Letters of one lane are worked on in order, one at a time: a chat, a user. */
  readonly lane: string;
  readonly body: Body;
  /** How often work on it was begun, the current time included. */
  readonly starts: number;
  /** ms since the epoch. */
  readonly receivedAt: number;
};

export type NewLetter<Body> = {
  readonly id: string;
  readonly lane: string;
  readonly body: Body;
  /** Before all that is open. */
  readonly isFirst?: boolean;
};

type Row = { id: string; lane: string; body: string; starts: number; received_at: number };

/**
 * What has arrived: each thing once, however often it is delivered, and kept until it is settled. Ids are remembered
 * for `keepMs` after that. Methods that change something are for use inside `store.write`.
 */
export class Inbox<Body> {
  readonly #store: Store;
  readonly #box: string;
  readonly #maxOpen: number;
  readonly #keepMs: number;
  #open: number;
  /** Added by transactions that are not committed, or were undone. */
  #uncommitted = 0;
  /** The order of what is open. */
  #nextSeq: number;
  /** Of what goes before everything: only ever falls. */
  #firstSeq: number;
  /** Up to this id, old ones were looked for. */
  #prunedTo = '';
  #nextPruneAt = 0;
  /** How far the wall clock is ahead of the monotonic one; both in ms. */
  #clockOffset = Date.now() - performance.now();

  constructor(store: Store, options: { readonly box: string; readonly maxOpen?: number; readonly keepMs?: number }) {
    this.#store = store;
    this.#box = options.box;
    this.#maxOpen = options.maxOpen ?? 200_000;
    this.#keepMs = options.keepMs ?? 7 * 24 * 3600 * 1000;
    const row = store
      .prepare(
        'SELECT count(*) AS open, min(seq) AS first, max(seq) AS last FROM inbox WHERE box = ? AND settled_at IS NULL',
      )
      .get(this.#box);
    this.#open = Number(row?.open);
    this.#nextSeq = Number(row?.last ?? 0) + 1;
    this.#firstSeq = Math.min(0, Number(row?.first ?? 0));
  }

  /** How many are not settled. */
  get size(): number {
    return this.#open;
  }

  /** Takes `letter` in. False, and nothing changed, when it came before. Throws MailFullError. */
  add(letter: NewLetter<Body>): boolean {
    if (this.has(letter.id)) return false;
    if (this.#open >= this.#maxOpen) throw new MailFullError('Too much is waiting already.');
    const now = Date.now();
    this.#store
      .prepare('INSERT INTO inbox (box, id, seq, lane, body, received_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(this.#box, letter.id, this.#seqFor(letter), letter.lane, JSON.stringify(letter.body), now);
    this.#prune(now);
    this.#uncommitted += 1;
    this.#store.afterCommit(() => {
      this.#uncommitted -= 1;
      this.#open += 1;
    });
    return true;
  }

  /** Remembers, under each of `ids`, something whose work is done in the same transaction. False for a repeat. */
  addSettled(ids: readonly string[]): boolean {
    // The last one is looked for by its insert.
    if (ids.slice(0, -1).some((id) => this.has(id))) return false;
    const now = Date.now();
    const insert = this.#store.prepare(
      `INSERT INTO inbox (box, id, seq, lane, received_at, settled_at) VALUES (?1, ?2, 0, '', ?3, ?3)
       ON CONFLICT DO NOTHING`,
    );
    // From the last one on: when it came before, nothing has changed.
    for (const id of ids.toReversed()) if (insert.run(this.#box, id, now).changes === 0) return false;
    this.#prune(now);
    return true;
  }

  /** True when it came before, settled or not. */
  has(id: string): boolean {
    return this.#store.prepare('SELECT 1 FROM inbox WHERE box = ? AND id = ?').get(this.#box, id) !== undefined;
  }

  /** Counts a beginning of the work on it. */
  markStarted(id: string): void {
    this.#store.prepare('UPDATE inbox SET starts = starts + 1 WHERE box = ? AND id = ?').run(this.#box, id);
  }

  /** Takes a beginning back: the work was put off in good order, before it had any effect. */
  unmarkStarted(id: string): void {
    this.#store.prepare('UPDATE inbox SET starts = starts - 1 WHERE box = ? AND id = ?').run(this.#box, id);
  }

  /** Ends it: only its id is kept. Settling twice is fine. */
  settle(id: string): void {
    const { changes } = this.#store
      .prepare('UPDATE inbox SET settled_at = ?, body = NULL WHERE box = ? AND id = ? AND settled_at IS NULL')
      .run(Date.now(), this.#box, id);
    this.#store.afterCommit(() => {
      this.#open -= Number(changes);
    });
  }

  /** The oldest one of `lane` that is not settled. */
  next(lane: string): Letter<Body> | undefined {
    const row = this.#store
      .prepare('SELECT * FROM inbox WHERE box = ? AND lane = ? AND settled_at IS NULL ORDER BY seq LIMIT 1')
      .get(this.#box, lane);
    return row === undefined ? undefined : toLetter<Body>(row as Row);
  }

  /** Undefined for what is settled, or never came. */
  find(id: string): Letter<Body> | undefined {
    const row = this.#store
      .prepare('SELECT * FROM inbox WHERE box = ? AND id = ? AND settled_at IS NULL')
      .get(this.#box, id);
    return row === undefined ? undefined : toLetter<Body>(row as Row);
  }

  /** How many of `lane` are not settled. */
  waiting(lane: string): number {
    // Asked with each message, and hardly ever is there any.
    if (this.#open === 0 && this.#uncommitted === 0) return 0;
    const row = this.#store
      .prepare('SELECT count(*) AS open FROM inbox WHERE box = ? AND lane = ? AND settled_at IS NULL')
      .get(this.#box, lane);
    return Number(row?.open);
  }

  /** Its place among those of its lane that are not settled, from 1; 0 once it is settled. */
  place(id: string): number {
    const row = this.#store
      .prepare(
        `SELECT count(*) AS place FROM inbox AS mine JOIN inbox AS before USING (box, lane)
         WHERE box = ? AND mine.id = ? AND mine.settled_at IS NULL
           AND before.settled_at IS NULL AND before.seq <= mine.seq`,
      )
      .get(this.#box, id);
    return Number(row?.place);
  }

  /** The lanes that hold something. */
  lanes(): string[] {
    const rows = this.#store
      .prepare('SELECT lane FROM inbox WHERE box = ? AND settled_at IS NULL GROUP BY lane ORDER BY min(seq)')
      .all(this.#box);
    return rows.map((row) => String(row.lane));
  }

  #seqFor({ isFirst = false }: NewLetter<Body>): number {
    if (isFirst) {
      this.#firstSeq -= 1;
      return this.#firstSeq;
    }
    this.#nextSeq += 1;
    return this.#nextSeq - 1;
  }

  /**
   * Nothing is forgotten for a while after the wall clock was set by days: what has just come may look years old, and may
   * come again. A machine that slept for so long looks the same, and loses nothing by it.
   */
  #isClockSet(offset: number): boolean {
    if (Math.abs(offset - this.#clockOffset) < this.#keepMs / 2) return false;
    this.#clockOffset = offset;
    this.#nextPruneAt = performance.now() + PRUNE_AFTER_SET_MS;
    return true;
  }

  #prune(now: number): void {
    const monotonic = performance.now();
    if (monotonic < this.#nextPruneAt || this.#isClockSet(now - monotonic)) return;
    this.#nextPruneAt = monotonic + PRUNE_INTERVAL_MS;
    // A few at a time, round and round: a large table is never walked through in one go.
    const rows = this.#store
      .prepare(`SELECT id FROM inbox WHERE box = ? AND id > ? ORDER BY id LIMIT ${PRUNE_ROWS}`)
      .all(this.#box, this.#prunedTo);
    const last = rows.length < PRUNE_ROWS ? undefined : rows.at(-1)?.id;
    const upTo = last === undefined ? LAST_ID : String(last);
    this.#store
      .prepare('DELETE FROM inbox WHERE box = ? AND id > ? AND id <= ? AND settled_at < ?')
      .run(this.#box, this.#prunedTo, upTo, now - this.#keepMs);
    this.#prunedTo = last === undefined ? '' : upTo;
  }
}

/** Rows of our own table: columns are as the schema says, and bodies as `add` wrote them. */
function toLetter<Body>(row: Row): Letter<Body> {
  const body = JSON.parse(row.body) as Body;
  return { id: row.id, lane: row.lane, body, starts: row.starts, receivedAt: row.received_at };
}
