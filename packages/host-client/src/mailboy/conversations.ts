import type { ChatMessage } from '@phonework/shared/llm';
import type { Store } from '@phonework/shared/store';

/** More turns than any model's context holds. */
const MAX_TURNS = 200;

/** What each user and the mailboy said to each other, on disk, a turn at a time. */
export class Conversations {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The user's turns, oldest first. */
  load(userId: string): ChatMessage[][] {
    const rows = this.#store
      .prepare('SELECT messages FROM history WHERE user_id = ? ORDER BY seq DESC LIMIT ?')
      .all(userId, MAX_TURNS);
    // Written by `append` out of this type.
    return rows.map((row) => JSON.parse(String(row.messages)) as ChatMessage[]).reverse();
  }

  /** Adds a turn. For use inside `store.write`. */
  append(userId: string, turnId: string, messages: readonly ChatMessage[]): void {
    if (messages.length === 0) return;
    this.#store
      .prepare('INSERT OR IGNORE INTO history (user_id, turn_id, messages, at) VALUES (?, ?, ?, ?)')
      .run(userId, turnId, JSON.stringify(messages), Date.now());
    this.#store
      .prepare(
        `DELETE FROM history WHERE user_id = ? AND seq <=
           (SELECT seq FROM history WHERE user_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
      )
      .run(userId, userId, MAX_TURNS);
  }

  /** Forgets a user's turns. For use inside `store.write`. */
  clear(userId: string): void {
    this.#store.prepare('DELETE FROM history WHERE user_id = ?').run(userId);
  }
}
