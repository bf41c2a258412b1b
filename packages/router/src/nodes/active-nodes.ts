import type { Store } from '@phonework/shared/store';

/** Which node each user works with, unless a message says otherwise. */
export class ActiveNodes {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The node that the user chose last, if any; it may be offline, or no longer serve the user. */
  get(userId: string): string | undefined {
    const row = this.#store.prepare('SELECT node_id FROM active_nodes WHERE user_id = ?').get(userId);
    return row === undefined ? undefined : String(row.node_id);
  }

  /** For use inside `store.write`. */
  set(userId: string, nodeId: string): void {
    this.#store
      .prepare(
        'INSERT INTO active_nodes (user_id, node_id) VALUES (?, ?) ON CONFLICT DO UPDATE SET node_id = excluded.node_id',
      )
      .run(userId, nodeId);
  }
}
