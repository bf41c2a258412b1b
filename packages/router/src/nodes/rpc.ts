import { newId } from '@phonework/shared/id';
import type { Outbox } from '@phonework/shared/mail';
import type { ForwardRequest, ForwardResponse } from '@phonework/shared/protocol';
import { encode } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeParcel } from './connection.ts';

/** The box of the outbox that holds what nodes must get. */
export const NODE_BOX = 'node';

/** A message that a node was asked to answer. */
export type Forward = {
  readonly id: string;
  readonly nodeId: string;
  readonly userId: string;
  readonly channel: string;
  readonly chatId: string;
  /** The platform's id of the user's message. */
  readonly messageId: string;
  /** Its first line, for a notice about it. */
  readonly summary: string;
};

export type NewForward = Omit<Forward, 'id' | 'summary'> & { readonly text: string };

type Row = {
  id: string;
  node_id: string;
  user_id: string;
  channel: string;
  chat_id: string;
  message_id: string;
  summary: string;
};

/**
 * Requests to nodes, and their answers: each forward is a row from the moment it is made until its one answer is
 * stored. Methods that change something are for use inside `store.write`.
 */
export class Rpc {
  readonly #store: Store;
  readonly #outbox: Outbox<NodeParcel>;
  readonly #queueTtlMs: number;

  constructor(store: Store, options: { readonly outbox: Outbox<NodeParcel>; readonly queueTtlMs: number }) {
    this.#store = store;
    this.#outbox = options.outbox;
    this.#queueTtlMs = options.queueTtlMs;
  }

  /** Asks a node; the frame goes out when this is committed, or when the node is back. Throws MailFullError. */
  forward({ text, ...to }: NewForward): string {
    const id = newId();
    const frame: ForwardRequest = { type: 'forward', id, user_id: to.userId, chat_id: to.chatId, text };
    // A message that fits no frame must fail here, before anybody is told that it was taken.
    encode(frame);
    this.#outbox.put({ id, peer: to.nodeId, body: frame, expiresAt: Date.now() + this.#queueTtlMs });
    this.#store
      .prepare(
        `INSERT INTO forwards (id, node_id, user_id, channel, chat_id, message_id, summary, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, to.nodeId, to.userId, to.channel, to.chatId, to.messageId, summarize(text), Date.now());
    this.#store
      .prepare('INSERT OR IGNORE INTO talks (node_id, user_id, chat_id, channel) VALUES (?, ?, ?, ?)')
      .run(to.nodeId, to.userId, to.chatId, to.channel);
    return id;
  }

  /** Parcel `id` was written to its node's socket: if it is a forward, the time for its answer begins. */
  sent(id: string): void {
    const now = Date.now();
    this.#store.writeLater(() => {
      this.#store.prepare('UPDATE forwards SET sent_at = ? WHERE id = ?').run(now, id);
    });
  }

  /**
   * Takes a node's answer. Returns what it answers, or undefined when this node was not asked, or has answered before.
   * An answer is an ack as well: a peer that knows no acks sends nothing else.
   */
  settle(nodeId: string, response: ForwardResponse): Forward | undefined {
    const forward = this.find(nodeId, response.id);
    if (forward === undefined) return undefined;
    this.#outbox.remove(nodeId, response.id);
    this.#store.prepare('DELETE FROM forwards WHERE id = ?').run(response.id);
    return forward;
  }

  /** The open forward `id`, if this node was asked. */
  find(nodeId: string, id: string): Forward | undefined {
    const row = this.#store.prepare('SELECT * FROM forwards WHERE id = ? AND node_id = ?').get(id, nodeId);
    return row === undefined ? undefined : toForward(row as Row);
  }

  /** How many messages wait for an answer. */
  get size(): number {
    return Number(this.#store.prepare('SELECT count(*) AS size FROM forwards').get()?.size);
  }

  /** Where this user talked to this node, if it was in that chat. */
  channelOf(nodeId: string, userId: string, chatId: string): string | undefined {
    const row = this.#store
      .prepare('SELECT channel FROM talks WHERE node_id = ? AND user_id = ? AND chat_id = ?')
      .get(nodeId, userId, chatId);
    return row === undefined ? undefined : String(row.channel);
  }

  /** Open forwards that a node was sent over `ageMs` ago; each is returned once. */
  takeSlow(ageMs: number): Forward[] {
    return this.#take(
      'SELECT * FROM forwards WHERE told_slow = 0 AND sent_at <= ? ORDER BY sent_at',
      'UPDATE forwards SET told_slow = 1 WHERE id = ?',
      Date.now() - ageMs,
    );
  }

  /** Open forwards that wait for node `nodeId` to come back, with their place in its queue; each is returned once. */
  takeOffline(nodeId: string): (Forward & { readonly place: number })[] {
    const forwards = this.#take(
      `SELECT forwards.* FROM forwards JOIN outbox USING (id)
       WHERE box = '${NODE_BOX}' AND node_id = ? AND told_offline = 0 ORDER BY outbox.seq`,
      'UPDATE forwards SET told_offline = 1 WHERE id = ?',
      nodeId,
    );
    const first = this.#outbox.waiting(nodeId) - forwards.length + 1;
    return forwards.map((forward, index) => ({ ...forward, place: first + index }));
  }

  /** Forwards that no node took in time: they are dropped, and returned to be told. */
  takeExpired(): Forward[] {
    return this.#outbox.expired(Date.now()).flatMap(({ id, peer }) => {
      this.#outbox.remove(peer, id);
      const forward = this.find(peer, id);
      this.#store.prepare('DELETE FROM forwards WHERE id = ?').run(id);
      return forward === undefined ? [] : [forward];
    });
  }

  #take(select: string, mark: string, parameter: string | number): Forward[] {
    const forwards = this.#store
      .prepare(select)
      .all(parameter)
      .map((row) => toForward(row as Row));
    for (const { id } of forwards) this.#store.prepare(mark).run(id);
    return forwards;
  }
}

/** Rows of our own table: columns are as the schema says. */
function toForward(row: Row): Forward {
  return {
    id: row.id,
    nodeId: row.node_id,
    userId: row.user_id,
    channel: row.channel,
    chatId: row.chat_id,
    messageId: row.message_id,
    summary: row.summary,
  };
}

function summarize(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
