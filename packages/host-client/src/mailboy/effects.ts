import type { Store } from '@phonework/shared/store';

/** The journal of open turns: what each began to change in the world. It decides, after a crash, whether a turn may run again. */
export class Effects {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves when `summary` is on the disk: only then may the effect begin. */
  record(turnId: string, summary: string): Promise<void> {
    return this.#store.write(() => {
      this.#store
        .prepare('INSERT INTO effects (turn_id, summary, at) VALUES (?, ?, ?)')
        .run(turnId, summary, Date.now());
    });
  }

  /** What the turn began last, if it began anything. */
  last(turnId: string): string | undefined {
    const row = this.#store
      .prepare('SELECT summary FROM effects WHERE turn_id = ? ORDER BY seq DESC LIMIT 1')
      .get(turnId);
    return row === undefined ? undefined : String(row.summary);
  }

  /** The turn has its answer. For use inside `store.write`. */
  clear(turnId: string): void {
    this.#store.prepare('DELETE FROM effects WHERE turn_id = ?').run(turnId);
  }
}
