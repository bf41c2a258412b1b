import type { Store } from '@phonework/shared/store';

/** How many are known without a look at the table. */
const MAX_KNOWN = 10_000;

export type Talk = {
  readonly nodeId: string;
  readonly userId: string;
  readonly chatId: string;
  readonly channel: string;
};

/** Where users talked to nodes: the only chats that a node may write to. */
export class Talks {
  readonly #store: Store;
  /** Some of those that stand in the table: a message in a chat is hardly ever the first one. */
  readonly #known = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** For use inside `store.write`. */
  note({ nodeId, userId, chatId, channel }: Talk): void {
    const key = [nodeId, userId, chatId].join('\n');
    if (this.#known.has(key)) return;
    this.#store
      .prepare('INSERT OR IGNORE INTO talks (node_id, user_id, chat_id, channel) VALUES (?, ?, ?, ?)')
      .run(nodeId, userId, chatId, channel);
    this.#store.afterCommit(() => {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.add(key);
    });
  }

  /** Where this user talked to this node, if it was in that chat. */
  channelOf(nodeId: string, userId: string, chatId: string): string | undefined {
    const row = this.#store
      .prepare('SELECT channel FROM talks WHERE node_id = ? AND user_id = ? AND chat_id = ?')
      .get(nodeId, userId, chatId);
    return row === undefined ? undefined : String(row.channel);
  }
}
