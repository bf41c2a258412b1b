import { newId } from '@phonework/shared/id';
import type { Outbox } from '@phonework/shared/mail';
import type { ForwardRequest, ForwardResponse } from '@phonework/shared/protocol';
import { encode } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeParcel } from './connection.ts';
import type { Forward, ForwardRow, NodeRequest } from './forward.ts';
import { summarize, toForward } from './forward.ts';
import { OpenCounts } from './open-counts.ts';
import { receiptIds } from './receipts.ts';
import { Talks } from './talks.ts';
import { YoungForwards } from './young-forwards.ts';

/** The box of the outbox that holds what nodes must get. */
export const NODE_BOX = 'node';

/** How many forwards one round of notices is about: a long queue must not hold up everything else. */
const ROUND = 100;

export type NewForward = Omit<Forward, 'broadcastId' | 'createdAt' | 'id' | 'isRecalled' | 'startedAt' | 'summary'> &
  NodeRequest & { readonly broadcastId?: string };

/**
 * Requests to nodes, and their answers: each forward is a row from the moment it is made until its one answer is
 * stored. Methods that change something are for use inside `store.write`.
 */
export class Rpc {
  readonly #store: Store;
  readonly #outbox: Outbox<NodeParcel>;
  readonly #queueTtlMs: number;
  readonly #onAnswered: ((tookMs: number) => void) | undefined;
  readonly #counts: OpenCounts;
  readonly #young: YoungForwards;
  readonly #talks: Talks;

  constructor(
    store: Store,
    options: {
      readonly outbox: Outbox<NodeParcel>;
      readonly queueTtlMs: number;
      /** Told, for statistics, how long an answer took, when it is stored. */
      readonly onAnswered?: (tookMs: number) => void;
    },
  ) {
    this.#store = store;
    this.#outbox = options.outbox;
    this.#queueTtlMs = options.queueTtlMs;
    this.#onAnswered = options.onAnswered;
    this.#counts = new OpenCounts(store);
    this.#talks = new Talks(store);
    this.#young = new YoungForwards((sentAt) => store.writeLater(() => this.#noteSent(sentAt)));
    store.writeLater(() => this.#presumeSent());
  }

  /** Asks a node; the frame goes out when this is committed, or when the node is back. Throws MailFullError. */
  forward({ text, attachments = [], quoted, ...to }: NewForward): string {
    const id = newId();
    const frame: ForwardRequest = {
      type: 'forward',
      id,
      user_id: to.userId,
      chat_id: to.chatId,
      text,
      ...(attachments.length > 0 && { attachments: [...attachments] }),
      ...(quoted !== undefined && { quoted }),
    };
    // A message that fits no frame must fail here, before anybody is told that it was taken.
    const json = encode(frame);
    const now = Date.now();
    const seq = this.#outbox.put({ id, peer: to.nodeId, body: frame, json, expiresAt: now + this.#queueTtlMs });
    const { broadcastId, ...origin } = to;
    const summary = summarize(text || attachments.map(({ name }) => name).join(', '));
    this.#store
      .prepare(
        `INSERT INTO forwards (id, seq, node_id, user_id, channel, chat_id, message_id, summary, broadcast_id, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, seq, to.nodeId, to.userId, to.channel, to.chatId, to.messageId, summary, broadcastId ?? null, now);
    const made = { ...origin, id, summary, broadcastId, isRecalled: false, createdAt: now, startedAt: now };
    this.#store.afterCommit(() => this.#young.made(made));
    this.#counts.opened(to.userId);
    this.#talks.note(to);
    for (const attachment of attachments) {
      this.#store
        .prepare('INSERT OR IGNORE INTO file_readers (file_id, node_id) VALUES (?, ?)')
        .run(attachment.id, to.nodeId);
    }
    return id;
  }

  /** Parcel `id` was written to its node's socket: if it is a forward, the time for its answer begins. */
  sent(id: string): void {
    this.#young.sent(id);
  }

  /** When forwards were sent goes to their rows, before anything that is written after this. */
  noteSendTimes(): void {
    this.#young.growUp();
  }

  /**
   * Takes a node's answer. Returns what it answers, or undefined when this node was not asked, or has answered before.
   * An answer is an ack as well: a peer that knows no acks sends nothing else.
   */
  settle(nodeId: string, response: ForwardResponse): Forward | undefined {
    const forward = this.#young.find(response.id) ?? this.find(nodeId, response.id);
    if (forward?.nodeId !== nodeId || !this.#delete(forward)) return undefined;
    this.#outbox.remove(nodeId, response.id);
    this.#store.afterCommit(() => this.#onAnswered?.(Date.now() - forward.createdAt));
    return forward;
  }

  /** The open forward `id`, whichever node was asked. */
  findOpen(id: string): Forward | undefined {
    const row = this.#store.prepare('SELECT * FROM forwards WHERE id = ?').get(id);
    return row === undefined ? undefined : this.#read(row as ForwardRow);
  }

  /** The open forward `id`, if this node was asked. */
  find(nodeId: string, id: string): Forward | undefined {
    const row = this.#store.prepare('SELECT * FROM forwards WHERE id = ? AND node_id = ?').get(id, nodeId);
    return row === undefined ? undefined : this.#read(row as ForwardRow);
  }

  /**
   * Takes back a forward that its node has not been sent. Undefined when it is too late for that: what was once written
   * to a socket may have arrived, whatever became of its ack, and would run on two nodes.
   */
  withdraw(id: string): (Forward & NodeRequest) | undefined {
    const forward = this.isWaiting(id) ? this.findOpen(id) : undefined;
    if (forward === undefined) return undefined;
    const parcel = this.#outbox.withdraw(forward.nodeId, id);
    if (parcel?.type !== 'forward') return undefined;
    this.#delete(forward);
    const { text, attachments = [], quoted } = parcel;
    for (const { id: fileId } of attachments) {
      this.#store.prepare('DELETE FROM file_readers WHERE file_id = ? AND node_id = ?').run(fileId, forward.nodeId);
    }
    return { ...forward, text, attachments, ...(quoted !== undefined && { quoted }) };
  }

  /** The open forwards of one message. */
  openFor(channel: string, messageId: string): Forward[] {
    return this.#store
      .prepare('SELECT * FROM forwards WHERE message_id = ? AND channel = ?')
      .all(messageId, channel)
      .map((row) => this.#read(row as ForwardRow));
  }

  /** Its user took back what the node has been sent: nobody is told any more how it stands. */
  markRecalled(id: string): void {
    this.#store.prepare('UPDATE forwards SET recalled = 1 WHERE id = ?').run(id);
    this.#young.changed(id);
  }

  /** The ids of those that node `nodeId` has not answered. */
  recalledAt(nodeId: string): string[] {
    const rows = this.#store.prepare('SELECT id FROM forwards WHERE node_id = ? AND recalled = 1').all(nodeId);
    return rows.map((row) => String(row.id));
  }

  /** Whether forward `id` still waits for its node, which has not been sent it. */
  isWaiting(id: string): boolean {
    if (this.#young.sentAt(id) !== undefined) return false;
    return this.#store.prepare('SELECT 1 FROM forwards WHERE id = ? AND sent_at IS NULL').get(id) !== undefined;
  }

  /** How many messages wait for an answer. */
  get size(): number {
    return Number(this.#store.prepare('SELECT count(*) AS size FROM forwards').get()?.size);
  }

  /** How many of this user's messages wait for an answer. */
  openOf(userId: string): number {
    return this.#counts.of(userId);
  }

  /** Where this user talked to this node, if it was in that chat. */
  channelOf(nodeId: string, userId: string, chatId: string): string | undefined {
    return this.#talks.channelOf(nodeId, userId, chatId);
  }

  /** Some of the open forwards that a node was sent over `ageMs` ago; each is returned once. */
  takeSlow(ageMs: number): Forward[] {
    this.#noteSent(this.#young.sendTimes);
    return this.#take(
      `SELECT * FROM forwards WHERE told_slow = 0 AND recalled = 0 AND sent_at <= ? ORDER BY sent_at LIMIT ${ROUND}`,
      'UPDATE forwards SET told_slow = 1 WHERE id = ?',
      Date.now() - ageMs,
    );
  }

  /** Some of those that node `nodeId` has taken, and not answered before it went away; each is returned once. */
  takeAway(nodeId: string): Forward[] {
    this.#noteSent(this.#young.sendTimes);
    return this.#take(
      `SELECT * FROM forwards WHERE told_slow = 0 AND recalled = 0 AND sent_at IS NOT NULL AND node_id = ?
         AND id NOT IN (SELECT id FROM outbox WHERE box = '${NODE_BOX}' AND peer = node_id) LIMIT ${ROUND}`,
      'UPDATE forwards SET told_slow = 1 WHERE id = ?',
      nodeId,
    );
  }

  /** Some of those that wait for node `nodeId` to come back, with their place in its queue; each is returned once. */
  takeOffline(nodeId: string): (Forward & { readonly place: number })[] {
    const forwards = this.#take(
      `SELECT forwards.* FROM forwards JOIN outbox USING (id)
       WHERE box = '${NODE_BOX}' AND node_id = ? AND told_offline = 0 AND recalled = 0 ORDER BY forwards.seq LIMIT ${ROUND}`,
      'UPDATE forwards SET told_offline = 1 WHERE id = ?',
      nodeId,
    );
    const [first] = forwards;
    if (first === undefined) return [];
    const firstPlace = this.#placeOf(first);
    // Those that were not told of yet came last, and so stand in a row.
    return forwards.map((forward, index) => ({ ...forward, place: firstPlace + index }));
  }

  /** Forwards that no node took in time: they are dropped, and returned to be told, but for those that were taken back. */
  takeExpired(): Forward[] {
    return this.#outbox.expired(Date.now()).flatMap(({ id, peer }) => {
      this.#outbox.remove(peer, id);
      const forward = this.find(peer, id);
      if (forward !== undefined) this.#delete(forward);
      return forward === undefined || (forward.isRecalled && forward.broadcastId === undefined) ? [] : [forward];
    });
  }

  #placeOf({ id }: Forward): number {
    const before = `box = '${NODE_BOX}' AND peer = place.peer AND seq <= place.seq`;
    // Receipts are found by their ids alone: they are few, and the queue may be long.
    const row = this.#store
      .prepare(
        `WITH place AS (SELECT peer, seq FROM outbox WHERE box = '${NODE_BOX}' AND id = ?)
         SELECT (SELECT count(*) FROM outbox WHERE ${before})
           - (SELECT count(*) FROM outbox INDEXED BY outbox_id
              WHERE id > '${receiptIds.from}' AND id < '${receiptIds.to}' AND ${before}) AS place
         FROM place`,
      )
      .get(id);
    return Number(row?.place);
  }

  #take(select: string, mark: string, parameter: string | number): Forward[] {
    const forwards = this.#store
      .prepare(select)
      .all(parameter)
      .map((row) => this.#read(row as ForwardRow));
    for (const { id } of forwards) this.#store.prepare(mark).run(id);
    return forwards;
  }

  /** Rows of our own table: columns are as the schema says. */
  #read(row: ForwardRow): Forward {
    const forward = toForward(row);
    const sentAt = this.#young.sentAt(forward.id);
    return sentAt === undefined ? forward : { ...forward, startedAt: sentAt };
  }

  /** False when it was not there any more. */
  #delete({ id, userId }: Forward): boolean {
    const { changes } = this.#store.prepare('DELETE FROM forwards WHERE id = ?').run(id);
    if (changes === 0) return false;
    this.#store.afterCommit(() => this.#young.drop(id));
    this.#counts.closed(userId);
    return true;
  }

  /**
   * A router that was killed may have sent more than its rows tell, to the nodes that were online: what waited for those
   * is not offered to others any more.
   */
  #presumeSent(): void {
    this.#store
      .prepare(
        `UPDATE forwards SET sent_at = created_at
         WHERE sent_at IS NULL AND node_id IN (SELECT node_id FROM nodes WHERE is_online = 1)`,
      )
      .run();
    this.#store.prepare('UPDATE nodes SET is_online = 0 WHERE is_online = 1').run();
  }

  #noteSent(sentAt: ReadonlyMap<string, number>): void {
    for (const [id, ms] of sentAt) this.#store.prepare('UPDATE forwards SET sent_at = ? WHERE id = ?').run(ms, id);
  }
}
