import type { Store } from '@phonework/shared/store';
import type { MessageAction } from '../chat-channel.ts';
import type { ConsoleFile, ConsoleMessage } from './frames.ts';

/** How many messages are kept; what is older is forgotten. */
const maxKept = 5000;
/** How much a page is given when it opens. */
const maxShown = 200;
const maxShownCharacters = 1024 * 1024;

type Row = {
  seq: number;
  id: string;
  author: 'user' | 'bot';
  text: string;
  reply_to: string | null;
  at: number;
  actions: string | null;
  files: string | null;
  took_ms: number | null;
};

type Excerpt = {
  readonly messages: readonly ConsoleMessage[];
  readonly replaces: boolean;
  readonly changed: readonly ConsoleMessage[];
};

/** What was said in the console, oldest first. */
export class ConsoleHistory {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** True when a message with this id is there. */
  has(id: string): boolean {
    return this.#store.prepare('SELECT 1 FROM console_messages WHERE id = ?').get(id) !== undefined;
  }

  /**
   * Resolves once it is on the disk, with the message as pages see it, or with undefined when its id was there before:
   * then nothing changes. Rejects with StoreError.
   */
  add(message: Omit<ConsoleMessage, 'seq'>): Promise<ConsoleMessage | undefined> {
    return this.#store.write(() => {
      const { changes, lastInsertRowid } = this.#store
        .prepare(
          `INSERT OR IGNORE INTO console_messages (id, author, text, reply_to, at, actions, files, took_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          message.id,
          message.author,
          message.text,
          message.replyTo ?? null,
          message.at,
          message.actions === undefined ? null : JSON.stringify(message.actions),
          message.files === undefined ? null : JSON.stringify(message.files),
          message.tookMs ?? null,
        );
      if (changes === 0) return undefined;
      const seq = Number(lastInsertRowid);
      this.#store.prepare('DELETE FROM console_messages WHERE seq <= ?').run(seq - maxKept);
      return { ...message, seq };
    });
  }

  /** The n-th file of the message with this id. */
  file(id: string, index: number): ConsoleFile | undefined {
    const row = this.#store.prepare('SELECT * FROM console_messages WHERE id = ?').get(id);
    // A row of our own table: columns are as the schema says. So below.
    return row === undefined ? undefined : toMessage(row as Row).files?.[index];
  }

  /** What the message with this id says; undefined when it is no longer kept. */
  text(id: string): string | undefined {
    const row = this.#store.prepare('SELECT text FROM console_messages WHERE id = ?').get(id);
    return row === undefined ? undefined : String(row.text);
  }

  /** True when the message with this id is there and has this button. */
  hasAction(id: string, actionId: string): boolean {
    const row = this.#store.prepare('SELECT * FROM console_messages WHERE id = ?').get(id);
    return row !== undefined && toMessage(row as Row).actions?.some((action) => action.id === actionId) === true;
  }

  /**
   * Gives a message another text and takes its buttons away. Resolves once that is on the disk, with the message as it
   * is now, or with undefined when it is no longer kept. Rejects with StoreError.
   */
  replaceText(id: string, text: string): Promise<ConsoleMessage | undefined> {
    return this.#store.write(() => {
      const row = this.#store
        .prepare(
          `UPDATE console_messages SET text = ?, actions = NULL,
             changed_after = (SELECT max(seq) FROM console_messages)
           WHERE id = ? RETURNING *`,
        )
        .get(text, id);
      return row === undefined ? undefined : toMessage(row as Row);
    });
  }

  /** Takes out a message that was refused after all. */
  async remove(id: string): Promise<void> {
    await this.#store.write(() => this.#store.prepare('DELETE FROM console_messages WHERE id = ?').run(id));
  }

  /**
   * The newest messages after `seq`. `replaces` when they do not follow on it: there were too many between, or `seq`
   * is of another database. Where they do, `changed` are the older ones that changed since `seq` was the newest.
   */
  after(seq: number): Excerpt {
    const newest = Number(this.#store.prepare('SELECT max(seq) AS seq FROM console_messages').get()?.seq ?? 0);
    const from = seq > newest ? 0 : seq;
    const rows = this.#store
      .prepare('SELECT * FROM console_messages WHERE seq > ? ORDER BY seq DESC LIMIT ?')
      .all(from, maxShown + 1);
    const messages = toFit(rows.map((row) => toMessage(row as Row)));
    const replaces = from === 0 || messages.length < rows.length;
    return { messages: messages.reverse(), replaces, changed: replaces ? [] : this.#changedSince(from) };
  }

  #changedSince(seq: number): ConsoleMessage[] {
    const rows = this.#store
      .prepare('SELECT * FROM console_messages WHERE changed_after >= ? AND seq <= ? ORDER BY seq')
      .all(seq, seq);
    return rows.map((row) => toMessage(row as Row));
  }
}

/** As many of `newestFirst` as one page is given; one at least, however long it is. */
function toFit(newestFirst: readonly ConsoleMessage[]): ConsoleMessage[] {
  let characters = 0;
  const end = newestFirst.findIndex((message, index) => {
    characters += message.text.length;
    return index > 0 && (index >= maxShown || characters > maxShownCharacters);
  });
  return newestFirst.slice(0, end === -1 ? undefined : end);
}

function toMessage(row: Row): ConsoleMessage {
  const { seq, id, author, text, reply_to: replyTo, at, actions, files, took_ms: tookMs } = row;
  return {
    seq,
    id,
    author,
    text,
    at,
    ...(replyTo !== null && { replyTo }),
    // Written by `add`.
    ...(actions !== null && { actions: JSON.parse(actions) as readonly MessageAction[] }),
    ...(files !== null && { files: JSON.parse(files) as readonly ConsoleFile[] }),
    ...(tookMs !== null && { tookMs }),
  };
}
