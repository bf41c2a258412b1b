import type { Store } from '@phonework/shared/store';

/** How many are remembered: older ones are ordinary text to who quotes them. */
const MAX_ANSWERS = 20_000;

/** Older ones are looked for once in so many times. */
const PRUNE_EVERY = 100;

/** Stands for the node of what the router itself said. */
const ROUTER = '';

/** What the bot has said in the chats, by the platform's ids, and which node said it. */
export class Answers {
  readonly #store: Store;
  #untilPrune = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Costs no commit of its own, and goes with the removal of the message from the outbox if that is asked for at once. */
  remember(messageIds: readonly string[], nodeId = ROUTER): void {
    this.#store.writeLater(() => {
      for (const messageId of messageIds) {
        this.#store.prepare('INSERT OR IGNORE INTO answers (message_id, node_id) VALUES (?, ?)').run(messageId, nodeId);
      }
      this.#prune();
    });
  }

  /** The node that said the message with this platform id; undefined for others. */
  nodeOf(messageId: string): string | undefined {
    const nodeId = this.#find(messageId);
    return nodeId === ROUTER ? undefined : nodeId;
  }

  /** Whether something that was settled is shown as this message. */
  has(messageId: string): boolean {
    return this.#find(messageId) !== undefined;
  }

  #prune(): void {
    this.#untilPrune -= 1;
    if (this.#untilPrune >= 0) return;
    this.#untilPrune = PRUNE_EVERY;
    this.#store.prepare('DELETE FROM answers WHERE seq <= (SELECT max(seq) FROM answers) - ?').run(MAX_ANSWERS);
  }

  #find(messageId: string): string | undefined {
    const row = this.#store.prepare('SELECT node_id FROM answers WHERE message_id = ?').get(messageId);
    return row === undefined ? undefined : String(row.node_id);
  }
}
