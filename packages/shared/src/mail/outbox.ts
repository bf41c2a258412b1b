import type { Store } from '../store.ts';
import { MailFullError } from './schema.ts';

/** Something that must arrive at `peer`. */
export type NewParcel<Body> = {
  /** Never repeats within the box, and stays the same over all attempts. */
  readonly id: string;
  readonly peer: string;
  readonly body: Body;
  /** `body` as JSON, for a caller that has it anyway. */
  readonly json?: string;
  /** ms since the epoch; absent: kept until it has arrived. */
  readonly expiresAt?: number;
};

export type Parcel<Body> = NewParcel<Body> & {
  readonly json: string;
  /** ms since the epoch. */
  readonly createdAt: number;
};

/** Carries a parcel one step: writes it to a socket, calls an API. Must not throw. */
export type Courier<Body> = (parcel: Parcel<Body>) => void;

type Row = { seq: number; id: string; peer: string; body: string; created_at: number; expires_at: number | null };

type Route<Body> = {
  readonly courier: Courier<Body>;
  readonly window: number;
  readonly inFlight: Set<string>;
  lastSeq: number;
  /** Nothing in the table comes after `lastSeq`: what is put next can go out without a look at it. */
  isCaughtUp: boolean;
  isPumping: boolean;
};

/**
 * What must arrive: kept until the peer has acknowledged it, and sent again, in order, each time a way to the peer
 * opens. `put` is for use inside `store.write`; what it stored goes out once that is committed.
 */
export class Outbox<Body> {
  readonly #store: Store;
  readonly #box: string;
  readonly #maxPerPeer: number;
  readonly #routes = new Map<string, Route<Body>>();
  /** What still stands in the table, waiting for its deferred delete: where each has arrived, by id. */
  readonly #arrived = new Map<string, string>();
  readonly #onPut: ((peer: string) => void) | undefined;
  #size: number;
  /** Only ever grows, so that no new row stands before one that was sent. */
  #nextSeq: number;
  /** The ids of what was taken out by a transaction that is not committed, or was undone. */
  readonly #removed = new Set<string>();

  constructor(
    store: Store,
    options: {
      readonly box: string;
      readonly maxPerPeer?: number;
      /** Told after each commit that gave `peer` something, so that a way can be opened where there is none. */
      readonly onPut?: (peer: string) => void;
    },
  ) {
    this.#store = store;
    this.#box = options.box;
    this.#maxPerPeer = options.maxPerPeer ?? 100_000;
    this.#onPut = options.onPut;
    const row = store.prepare('SELECT count(*) AS size, max(seq) AS last FROM outbox WHERE box = ?').get(this.#box);
    this.#size = Number(row?.size);
    this.#nextSeq = Number(row?.last ?? 0) + 1;
  }

  /** How many have not arrived. */
  get size(): number {
    return this.#size;
  }

  /** Stores `parcel`, and returns its place: later ones have higher places. Throws MailFullError. */
  put(fresh: NewParcel<Body>): number {
    if (this.#size >= this.#maxPerPeer && this.waiting(fresh.peer) >= this.#maxPerPeer) {
      throw new MailFullError('Too much is waiting already.');
    }
    const seq = this.#nextSeq;
    const createdAt = Date.now();
    const parcel: Parcel<Body> = { ...fresh, json: fresh.json ?? JSON.stringify(fresh.body), createdAt };
    this.#store
      .prepare('INSERT INTO outbox (box, peer, seq, id, body, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(this.#box, parcel.peer, seq, parcel.id, parcel.json, createdAt, parcel.expiresAt ?? null);
    this.#nextSeq += 1;
    this.#store.afterCommit(() => {
      this.#size += 1;
      this.#onPut?.(parcel.peer);
      // What was taken out again in the same commit must not go out: then the table knows.
      this.#sendNew(parcel, seq, !this.#removed.has(parcel.id));
    });
    return seq;
  }

  /**
   * Opens a way to `peer`: everything that has not arrived goes to `courier`, oldest first, at most `window` at a time
   * without an answer. A way opened earlier is closed. Returns what closes this one.
   */
  attach(peer: string, courier: Courier<Body>, { window }: { readonly window: number }): () => void {
    const route: Route<Body> = {
      courier,
      window,
      inFlight: new Set(),
      lastSeq: 0,
      isCaughtUp: false,
      isPumping: false,
    };
    this.#routes.set(peer, route);
    this.#pump(peer);
    return () => {
      if (this.#routes.get(peer) === route) this.#routes.delete(peer);
    };
  }

  /** It has arrived. Saying so twice, or for an unknown id, is fine. */
  acknowledge(peer: string, id: string): void {
    // If this delete is lost in a crash, the peer gets a repeat, and answers it with another ack.
    this.#arrived.set(id, peer);
    this.#store.writeLater(() => this.#delete(peer, id));
    this.#routes.get(peer)?.inFlight.delete(id);
    this.#pump(peer);
  }

  /** Takes it out. For use inside `store.write`. */
  remove(peer: string, id: string): void {
    // Deleted a moment ago, in this transaction or with the next one that succeeds.
    if (this.#arrived.get(id) !== peer) this.#delete(peer, id);
  }

  #delete(peer: string, id: string): void {
    this.#removed.add(id);
    const { changes } = this.#store
      .prepare('DELETE FROM outbox WHERE box = ? AND id = ? AND peer = ?')
      .run(this.#box, id, peer);
    this.#store.afterCommit(() => {
      this.#size -= Number(changes);
      this.#removed.delete(id);
      if (this.#arrived.get(id) === peer) this.#arrived.delete(id);
      if (this.#routes.get(peer)?.inFlight.delete(id)) this.#pump(peer);
    });
  }

  /** Takes back what is not on its way right now. Undefined when it is, or has arrived. For use inside `store.write`. */
  withdraw(peer: string, id: string): Body | undefined {
    if (this.#routes.get(peer)?.inFlight.has(id)) return undefined;
    const row = this.#store
      .prepare('SELECT * FROM outbox WHERE box = ? AND id = ? AND peer = ?')
      .get(this.#box, id, peer);
    if (row === undefined) return undefined;
    this.remove(peer, id);
    return toParcel<Body>(row as Row).body;
  }

  /** It must not go to `peer` after all: its time is over now. For a courier that does not carry it. */
  expire(peer: string, id: string): void {
    this.#store.writeLater(() => {
      this.#store
        .prepare('UPDATE outbox SET expires_at = 0 WHERE box = ? AND id = ? AND peer = ?')
        .run(this.#box, id, peer);
    });
    this.#routes.get(peer)?.inFlight.delete(id);
  }

  /** How many have not arrived at `peer`. */
  waiting(peer: string): number {
    const row = this.#store
      .prepare('SELECT count(*) AS waiting FROM outbox WHERE box = ? AND peer = ?')
      .get(this.#box, peer);
    return Number(row?.waiting);
  }

  /** Whether more than `count` have not arrived at `peer`: that is known however many there are. */
  hasMoreThan(peer: string, count: number): boolean {
    const row = this.#store
      .prepare('SELECT 1 FROM outbox WHERE box = ? AND peer = ? LIMIT 1 OFFSET ?')
      .get(this.#box, peer, count);
    return row !== undefined;
  }

  /** The peers for which something waits. */
  peers(): string[] {
    const rows = this.#store.prepare('SELECT DISTINCT peer FROM outbox WHERE box = ?').all(this.#box);
    return rows.map((row) => String(row.peer));
  }

  /** Those whose time is over, oldest first; none that is on its way right now. */
  expired(now: number, limit = 100): Parcel<Body>[] {
    const rows = this.#store
      .prepare('SELECT * FROM outbox WHERE box = ? AND expires_at <= ? ORDER BY seq LIMIT ?')
      .all(this.#box, now, limit);
    return rows
      .map((row) => toParcel<Body>(row as Row))
      .filter((parcel) => !this.#routes.get(parcel.peer)?.inFlight.has(parcel.id));
  }

  /** The common case, a parcel that nothing waits before, costs no look at the table. */
  #sendNew(parcel: Parcel<Body>, seq: number, isThere: boolean): void {
    const route = this.#routes.get(parcel.peer);
    if (route === undefined || route.lastSeq >= seq) return;
    if (isThere && route.isCaughtUp && !route.isPumping && route.inFlight.size < route.window) {
      route.lastSeq = seq;
      route.inFlight.add(parcel.id);
      route.courier(parcel);
      return;
    }
    route.isCaughtUp = false;
    this.#pump(parcel.peer);
  }

  #pump(peer: string): void {
    const route = this.#routes.get(peer);
    // A courier may acknowledge, or bring more, before it returns: the loop that called it goes on with that.
    if (route === undefined || route.isPumping || route.isCaughtUp) return;
    route.isPumping = true;
    try {
      while (this.#sendSome(peer, route));
    } finally {
      route.isPumping = false;
    }
  }

  /** Sends as many as the window lets through. False when there is no more to send, or no room. */
  #sendSome(peer: string, route: Route<Body>): boolean {
    const room = route.window - route.inFlight.size;
    if (room <= 0) return false;
    const rows = this.#store
      .prepare('SELECT * FROM outbox WHERE box = ? AND peer = ? AND seq > ? ORDER BY seq LIMIT ?')
      .all(this.#box, peer, route.lastSeq, room) as Row[];
    // Before the couriers are called: what they bring has to be looked for again.
    route.isCaughtUp = rows.length < room;
    for (const row of rows) {
      // A courier may also find out that its way is gone.
      if (this.#routes.get(peer) !== route) return false;
      route.lastSeq = row.seq;
      // Its delete waits, or was lost with a commit that failed.
      if (this.#arrived.get(row.id) === peer) this.#store.writeLater(() => this.#delete(peer, row.id));
      else {
        route.inFlight.add(row.id);
        route.courier(toParcel<Body>(row));
      }
    }
    return !route.isCaughtUp;
  }
}

/** Rows of our own table: columns are as the schema says, and bodies as `put` wrote them. */
function toParcel<Body>(row: Row): Parcel<Body> {
  const body = JSON.parse(row.body) as Body;
  const parcel = { id: row.id, peer: row.peer, body, json: row.body, createdAt: row.created_at };
  return row.expires_at === null ? parcel : { ...parcel, expiresAt: row.expires_at };
}
