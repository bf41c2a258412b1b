import { newShortId } from '@phonework/shared/id';
import type { Store } from '@phonework/shared/store';
import { isInside } from '../files/inside.ts';
import type { SimpleCall } from '../shell/simple-calls.ts';

/** What "Always allow" stores. */
export type NewShellRules = {
  readonly userId: string;
  /** A real path: the rule holds there and below. */
  readonly folder: string;
  readonly calls: readonly SimpleCall[];
};

/** A standing permission for one call in one folder. */
export type ShellRule = SimpleCall & {
  readonly id: string;
  readonly folder: string;
  /** ms since the epoch. */
  readonly createdAt: number;
};

/** What users always allow. Methods that change something are for use inside `store.write`. */
export class ShellRules {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adding what is there already is fine. */
  add({ userId, folder, calls }: NewShellRules): void {
    for (const { program, subcommand } of calls) {
      this.#store
        .prepare(
          `INSERT OR IGNORE INTO shell_rules (id, user_id, folder, program, subcommand, created_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(this.#unusedId(), userId, folder, program, subcommand, Date.now());
    }
  }

  /** Whether every one of the calls is always allowed in `folder`, a real path. Nothing at all is not. */
  covers({ userId, folder, calls }: NewShellRules): boolean {
    return calls.length > 0 && calls.every((call) => this.#isAllowed(userId, folder, call));
  }

  /** Those of one user, oldest first. */
  list(userId: string): readonly ShellRule[] {
    return this.#store
      .prepare('SELECT * FROM shell_rules WHERE user_id = ? ORDER BY created_at, id')
      .all(userId)
      .map((row) => ({
        id: String(row.id),
        folder: String(row.folder),
        program: String(row.program),
        subcommand: String(row.subcommand),
        createdAt: Number(row.created_at),
      }));
  }

  /** The rule that is gone now; undefined when the user has no such rule. */
  remove(userId: string, id: string): ShellRule | undefined {
    const rule = this.list(userId).find((each) => each.id === id);
    if (rule !== undefined) this.#store.prepare('DELETE FROM shell_rules WHERE id = ?').run(id);
    return rule;
  }

  #isAllowed(userId: string, folder: string, { program, subcommand }: SimpleCall): boolean {
    return this.#store
      .prepare('SELECT folder FROM shell_rules WHERE user_id = ? AND program = ? AND subcommand = ?')
      .all(userId, program, subcommand)
      .some((row) => isInside(String(row.folder), folder));
  }

  #unusedId(): string {
    for (;;) {
      const id = newShortId();
      if (this.#store.prepare('SELECT 1 FROM shell_rules WHERE id = ?').get(id) === undefined) return id;
    }
  }
}
