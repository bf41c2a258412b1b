import type { Store } from '@phonework/shared/store';
import type { Receipt } from '../nodes/receipts.ts';
import type { NodeRequest } from '../nodes/rpc.ts';
import type { MessageAction } from './chat-channel.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';

/** Whose message it was, and where. */
export type Origin = {
  readonly channel: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly userId: string;
};

/** What a question is about, and so what its answer leads to. */
export type Subject =
  /** Which node gets a message; each option is a node's id. */
  | ({ readonly kind: 'route'; readonly origin: Origin } & NodeRequest)
  /** What becomes of a message that waits for an offline node; the options are `send:NODE` and `cancel`. */
  | { readonly kind: 'waiting'; readonly forwardId: string; readonly origin: Origin }
  /** A node's own question: the press is passed on to it. */
  | { readonly kind: 'node'; readonly nodeId: string; readonly frameId: string };

export type Question = {
  /** The id of the message that carries the buttons. */
  readonly id: string;
  readonly channel: string;
  readonly chatId: string;
  /** The only one who may answer. */
  readonly userId: string;
  readonly options: readonly MessageAction[];
  readonly subject: Subject;
  /** What stands above its buttons; absent where that went before them. */
  readonly shown: string | undefined;
  /** The label that was chosen. */
  readonly answered: string | undefined;
  /** Who asked does not wait for an answer any longer. */
  readonly isEnded: boolean;
};

/** Feishu's buttons work for so long. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

/** What stands above buttons is longer only where it went before them, in messages of its own. */
const MAX_SHOWN_BYTES = 15_000;

/** How many open questions one message may cost a look at: a node can ask as many as it likes. */
const MAX_LOOKED_AT = 100;

/** What users were asked, with a button for each answer; over restarts too. */
export class Questions {
  readonly #store: Store;
  readonly #deliveries: Deliveries;

  constructor(store: Store, deliveries: Deliveries) {
    this.#store = store;
    this.#deliveries = deliveries;
  }

  /** Asks. For use inside `store.write`. */
  ask(
    to: ChatAddress & { readonly userId: string },
    question: {
      readonly text: string;
      readonly options: readonly MessageAction[];
      readonly subject: Subject;
      readonly receipt?: Receipt;
    },
  ): void {
    const { text, options, subject, receipt } = question;
    const { userId, ...address } = to;
    const said = subject.kind === 'node' ? { nodeId: subject.nodeId } : {};
    const id = this.#deliveries.put(address, text, { actions: options, ...said, ...(receipt && { receipt }) });
    const now = Date.now();
    this.#store
      .prepare(
        `INSERT INTO questions (id, channel, chat_id, user_id, options, subject, shown, asked_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        to.channel,
        to.chatId,
        userId,
        JSON.stringify(options),
        JSON.stringify(subject),
        Buffer.byteLength(text) <= MAX_SHOWN_BYTES ? text : null,
        now,
      );
    this.#store.prepare('DELETE FROM questions WHERE asked_at < ?').run(now - KEEP_MS);
  }

  find(id: string): Question | undefined {
    const row = this.#store.prepare('SELECT * FROM questions WHERE id = ?').get(id);
    return row === undefined ? undefined : toQuestion(row as Row);
  }

  /**
   * The question that this user sees open in this chat, if it is the only one: only then may an answer be typed. Those
   * that `isOver` are forgotten. For use inside `store.write`.
   */
  onlyOpen(
    from: { readonly channel: string; readonly chatId: string; readonly userId: string },
    isOver: (subject: Subject) => boolean,
  ): Question | undefined {
    const open = this.#store
      .prepare(
        `SELECT * FROM questions WHERE channel = ? AND chat_id = ? AND user_id = ?
           AND answered IS NULL AND ended_at IS NULL LIMIT ${MAX_LOOKED_AT}`,
      )
      .all(from.channel, from.chatId, from.userId)
      .map((row) => toQuestion(row as Row))
      .filter(({ id, subject }) => {
        // A "yes" that is on its way while a question is, too, is the answer to something else.
        if (!isOver(subject)) return !this.#deliveries.isWaiting(id);
        this.forget(id);
        return false;
      });
    const [question, ...others] = open;
    return others.length > 0 ? undefined : question;
  }

  /** There is nothing left to ask. For use inside `store.write`. */
  forget(id: string): void {
    this.#store.prepare('DELETE FROM questions WHERE id = ?').run(id);
  }

  /** The node does not wait for an answer to its frame `frameId` any longer. For use inside `store.write`. */
  endOf(nodeId: string, frameId: string): void {
    this.#store
      .prepare(
        `UPDATE questions SET ended_at = ? WHERE subject ->> '$.nodeId' = ? AND subject ->> '$.frameId' = ?
           AND answered IS NULL AND ended_at IS NULL`,
      )
      .run(Date.now(), nodeId, frameId);
  }

  /** It has its answer. For use inside `store.write`. */
  close(id: string, answer: string): void {
    this.#store.prepare('UPDATE questions SET answered = ? WHERE id = ?').run(answer, id);
  }
}

type Row = {
  id: string;
  shown: string | null;
  channel: string;
  chat_id: string;
  user_id: string;
  options: string;
  subject: string;
  answered: string | null;
  ended_at: number | null;
};

/** Rows of our own table: columns are as the schema says, and JSON as `ask` wrote it. */
function toQuestion(row: Row): Question {
  return {
    id: row.id,
    channel: row.channel,
    chatId: row.chat_id,
    userId: row.user_id,
    options: JSON.parse(row.options) as MessageAction[],
    subject: JSON.parse(row.subject) as Subject,
    answered: row.answered ?? undefined,
    shown: row.shown ?? undefined,
    isEnded: row.ended_at !== null,
  };
}
