import type { Store } from '@phonework/shared/store';

/** Something that a turn changed in the world, or was about to. */
export type Effect = {
  readonly summary: string;
  /** What came of it, in a few words; absent where it has not ended, or that line was lost with the process. */
  readonly outcome?: string;
};

/** What a turn's journal says: its newest effects, the newest first, and how many there are in all. */
type Journal = { readonly newest: readonly Effect[]; readonly count: number };

/** Where a running command's output is kept until the turn has its answer. */
interface Outputs {
  /** Never rejects. */
  forget(turnId: string): Promise<void>;
}

/** How much of an outcome is written down, in characters. */
const MAX_OUTCOME = 400;

/**
 * The journal of open turns: a line before each effect, and one after it. It decides, after a crash, whether a turn may run
 * again, and tells what it had done.
 */
export class Effects {
  readonly #store: Store;
  readonly #outputs: Outputs;

  constructor(store: Store, outputs: Outputs) {
    this.#store = store;
    this.#outputs = outputs;
  }

  /** Resolves when `summary` is on the disk: only then may the effect begin. */
  async record(turnId: string, summary: string): Promise<void> {
    // Before the line: what is read beneath an effect must never be another one's output.
    await this.#outputs.forget(turnId);
    await this.#store.write(() => {
      this.#store
        .prepare('INSERT INTO effects (turn_id, summary, at) VALUES (?, ?, ?)')
        .run(turnId, summary, Date.now());
    });
  }

  /**
   * What the turn began has ended; changes nothing where it began nothing. Nobody waits for the line: it rides with the
   * next commit, or is written within 10 ms. A crash before that loses it, and then nobody knows how the effect ended.
   */
  end(turnId: string, outcome: string): void {
    const now = Date.now();
    this.#store.writeLater(() => {
      this.#store
        .prepare('UPDATE effects SET ended_at = ?, outcome = ? WHERE turn_id = ? AND ended_at IS NULL')
        .run(now, outcome.slice(0, MAX_OUTCOME).toWellFormed(), turnId);
    });
  }

  /** At most `max` of the turn's effects. */
  read(turnId: string, max: number): Journal {
    const rows = this.#store
      .prepare('SELECT summary, outcome FROM effects WHERE turn_id = ? ORDER BY seq DESC LIMIT ?')
      .all(turnId, max);
    const { count } = this.#store.prepare('SELECT count(*) AS count FROM effects WHERE turn_id = ?').get(turnId) ?? {};
    const newest = rows.map(({ summary, outcome }) => ({
      summary: String(summary),
      ...(outcome !== null && { outcome: String(outcome) }),
    }));
    return { newest, count: Number(count) };
  }

  /** Turns that have begun an effect and have no answer. */
  turns(): readonly string[] {
    return this.#store
      .prepare('SELECT DISTINCT turn_id FROM effects')
      .all()
      .map((row) => String(row.turn_id));
  }

  /** The turn has its answer. For use inside `store.write`. */
  clear(turnId: string): void {
    const { changes } = this.#store.prepare('DELETE FROM effects WHERE turn_id = ?').run(turnId);
    if (changes !== 0) this.#store.afterCommit(() => void this.#outputs.forget(turnId));
  }
}
