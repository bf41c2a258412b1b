import type { Store } from '@phonework/shared/store';

/** How many messages of each user wait for a node's answer. What changes it is for use inside `store.write`. */
export class OpenCounts {
  readonly #store: Store;
  readonly #counts: Map<string, number>;

  constructor(store: Store) {
    this.#store = store;
    const rows = store.prepare('SELECT user_id, count(*) AS open FROM forwards GROUP BY user_id').all();
    this.#counts = new Map(rows.map((row) => [String(row.user_id), Number(row.open)]));
  }

  of(userId: string): number {
    return this.#counts.get(userId) ?? 0;
  }

  opened(userId: string): void {
    this.#store.afterCommit(() => this.#counts.set(userId, this.of(userId) + 1));
  }

  closed(userId: string): void {
    this.#store.afterCommit(() => {
      const open = this.of(userId) - 1;
      if (open > 0) this.#counts.set(userId, open);
      else this.#counts.delete(userId);
    });
  }
}
