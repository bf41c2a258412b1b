import type { Language } from '@phonework/shared/language';
import type { Store } from '@phonework/shared/store';

/** A card that shows a turn, or did. */
export type CardRow = {
  /** The id of the TurnView. */
  readonly viewId: string;
  readonly chatId: string;
  readonly replyTo: string;
  /** Absent while the card may not have been sent. */
  readonly messageId: string | undefined;
  /** Absent where the message carries its card itself. */
  readonly cardId: string | undefined;
  readonly state: 'open' | 'completed' | 'ended';
  /** While it was open, something was said below it. */
  readonly isOvertaken: boolean;
  readonly language: Language;
  /** Of a turn that is over, ms. */
  readonly tookMs: number | undefined;
  /** ms since the epoch. */
  readonly openedAt: number;
};

export type NewCardRow = Pick<CardRow, 'cardId' | 'chatId' | 'language' | 'openedAt' | 'replyTo' | 'viewId'>;

/** Feishu takes no change of a card after 14 days. */
const KEEP_MS = 14 * 24 * 3600 * 1000;

/** The cards that show turns, over restarts too. All that changes is on the disk when its promise resolves. */
export class CardRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  find(viewId: string): CardRow | undefined {
    const row = this.#store.prepare('SELECT * FROM feishu_cards WHERE view_id = ?').get(viewId);
    return row === undefined ? undefined : toCardRow(row as Row);
  }

  /** The card that this message shows. */
  shownBy(messageId: string): CardRow | undefined {
    const row = this.#store.prepare('SELECT * FROM feishu_cards WHERE message_id = ?').get(messageId);
    return row === undefined ? undefined : toCardRow(row as Row);
  }

  /** Those that have yet to say that their turn is over, oldest first. */
  ended(limit: number): readonly CardRow[] {
    return this.#store
      .prepare("SELECT * FROM feishu_cards WHERE state = 'ended' ORDER BY opened_at LIMIT ?")
      .all(limit)
      .map((row) => toCardRow(row as Row));
  }

  /** Notes a card that is about to be sent. */
  async add({ viewId, chatId, replyTo, cardId, language, openedAt }: NewCardRow): Promise<void> {
    await this.#store.write(() => {
      this.#store.prepare('DELETE FROM feishu_cards WHERE opened_at < ?').run(openedAt - KEEP_MS);
      this.#store
        .prepare(
          `INSERT OR REPLACE INTO feishu_cards (view_id, chat_id, reply_to, card_id, state, language, opened_at)
           VALUES (?, ?, ?, ?, 'open', ?, ?)`,
        )
        .run(viewId, chatId, replyTo, cardId ?? null, language, openedAt);
    });
  }

  /** Notes it with the next commit: whatever is noted after it is not on the disk without it. */
  overtakeLater(chatId: string): void {
    const sql = "UPDATE feishu_cards SET overtaken = 1 WHERE chat_id = ? AND state = 'open'";
    this.#store.writeLater(() => this.#store.prepare(sql).run(chatId));
  }

  async sent(viewId: string, messageId: string): Promise<void> {
    await this.#run('UPDATE feishu_cards SET message_id = ? WHERE view_id = ?', messageId, viewId);
  }

  /** It can't be changed through CardKit any more. */
  async leftCardKit(viewId: string): Promise<void> {
    await this.#run('UPDATE feishu_cards SET card_id = NULL WHERE view_id = ?', viewId);
  }

  /** The card is the answer now. */
  async completed(viewId: string): Promise<void> {
    await this.#run("UPDATE feishu_cards SET state = 'completed' WHERE view_id = ?", viewId);
  }

  /** The answer is another message, or will be. */
  async end(viewId: string, { tookMs, language }: Pick<CardRow, 'language'> & { tookMs: number }): Promise<void> {
    const sql = "UPDATE feishu_cards SET state = 'ended', took_ms = ?, language = ? WHERE view_id = ?";
    await this.#run(sql, tookMs, language, viewId);
  }

  async remove(viewId: string): Promise<void> {
    await this.#run('DELETE FROM feishu_cards WHERE view_id = ?', viewId);
  }

  async #run(sql: string, ...values: readonly (string | number)[]): Promise<void> {
    await this.#store.write(() => this.#store.prepare(sql).run(...values));
  }
}

type Row = {
  view_id: string;
  chat_id: string;
  reply_to: string;
  message_id: string | null;
  card_id: string | null;
  state: CardRow['state'];
  overtaken: 0 | 1;
  language: Language;
  took_ms: number | null;
  opened_at: number;
};

/** Rows of our own table: columns are as the schema says. */
function toCardRow(row: Row): CardRow {
  return {
    viewId: row.view_id,
    chatId: row.chat_id,
    replyTo: row.reply_to,
    messageId: row.message_id ?? undefined,
    cardId: row.card_id ?? undefined,
    state: row.state,
    isOvertaken: row.state === 'open' && row.overtaken === 1,
    language: row.language,
    tookMs: row.took_ms ?? undefined,
    openedAt: row.opened_at,
  };
}
