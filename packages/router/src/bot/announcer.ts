import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Forward, Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { Deliveries } from './deliveries.ts';

export type AnnouncerTimings = {
  readonly tickMs: number;
  /** A node that is back within it was not away. */
  readonly offlineGraceMs: number;
  readonly forwardTimeoutMs: number;
};

/** Tells users what became of messages that have no answer yet: their machine is away, still busy, or did not come back. */
export class Announcer {
  readonly #store: Store;
  readonly #registry: NodeRegistry;
  readonly #rpc: Rpc;
  readonly #deliveries: Deliveries;
  readonly #timings: AnnouncerTimings;
  readonly #logger: Logger;
  readonly #startedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly store: Store;
    readonly registry: NodeRegistry;
    readonly rpc: Rpc;
    readonly deliveries: Deliveries;
    readonly timings: AnnouncerTimings;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#registry = options.registry;
    this.#rpc = options.rpc;
    this.#deliveries = options.deliveries;
    this.#timings = options.timings;
    this.#logger = options.logger;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#write(() => this.#announceAll()), this.#timings.tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** To be told of a message that waits for an offline node: its user need not wait for the next round. */
  messageQueued(nodeId: string): void {
    void this.#write(() => this.#announceOffline(nodeId));
  }

  async #write(work: () => void): Promise<void> {
    try {
      // With nothing open there is nothing to tell.
      if (this.#rpc.size > 0) await this.#store.write(work);
    } catch (error) {
      this.#logger.error({ err: error }, 'notices could not be stored');
    }
  }

  #announceAll(): void {
    for (const node of this.#registry.list()) this.#announceOffline(node.nodeId);
    for (const forward of this.#rpc.takeSlow(this.#timings.forwardTimeoutMs)) {
      const isOnline = this.#registry.find(forward.nodeId)?.connection !== undefined;
      const text = isOnline ? texts.stillRunning : texts.awayAtWork;
      this.#tell(forward, text(this.#nameOf(forward.nodeId)));
    }
    for (const forward of this.#rpc.takeExpired()) {
      this.#tell(forward, texts.expired(this.#nameOf(forward.nodeId), forward.summary));
    }
  }

  #announceOffline(nodeId: string): void {
    const node = this.#registry.find(nodeId);
    if (node === undefined || node.connection !== undefined) return;
    // After our own start every node is away for a moment.
    const awaySince = Math.max(node.lastSeenAt, this.#startedAt);
    if (Date.now() - awaySince < this.#timings.offlineGraceMs) return;
    for (const forward of this.#rpc.takeOffline(nodeId)) {
      this.#tell(forward, texts.offline(nodeId, forward.place));
    }
  }

  #tell({ channel, chatId, messageId: replyTo }: Forward, text: string): void {
    this.#deliveries.put({ channel, chatId, replyTo }, text);
  }

  #nameOf(nodeId: string): string {
    return this.#registry.find(nodeId)?.displayName ?? nodeId;
  }
}
