import type { Store } from '@phonework/shared/store';
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
  | { readonly kind: 'route'; readonly origin: Origin; readonly text: string }
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
  /** The label that was chosen. */
  readonly answered: string | undefined;
};

/** Feishu's buttons work for so long. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

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
    question: { readonly text: string; readonly options: readonly MessageAction[]; readonly subject: Subject },
  ): void {
    const { text, options, subject } = question;
    const { userId, ...address } = to;
    const id = this.#deliveries.put(address, text, { actions: options });
    const now = Date.now();
    this.#store
      .prepare(
        'INSERT INTO questions (id, channel, chat_id, user_id, options, subject, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, to.channel, to.chatId, userId, JSON.stringify(options), JSON.stringify(subject), now);
    this.#store.prepare('DELETE FROM questions WHERE asked_at < ?').run(now - KEEP_MS);
  }

  find(id: string): Question | undefined {
    const row = this.#store.prepare('SELECT * FROM questions WHERE id = ?').get(id);
    return row === undefined ? undefined : toQuestion(row as Row);
  }

  /** The question that is open for this user in this chat, if it is the only one: only then may an answer be typed. */
  onlyOpen(from: { readonly channel: string; readonly chatId: string; readonly userId: string }): Question | undefined {
    const rows = this.#store
      .prepare('SELECT * FROM questions WHERE channel = ? AND chat_id = ? AND user_id = ? AND answered IS NULL LIMIT 2')
      .all(from.channel, from.chatId, from.userId);
    const [row, ...others] = rows;
    return row === undefined || others.length > 0 ? undefined : toQuestion(row as Row);
  }

  /** It has its answer, or needs none any more. For use inside `store.write`. */
  close(id: string, answer: string): void {
    this.#store.prepare('UPDATE questions SET answered = ? WHERE id = ?').run(answer, id);
  }
}

type Row = {
  id: string;
  channel: string;
  chat_id: string;
  user_id: string;
  options: string;
  subject: string;
  answered: string | null;
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
  };
}
