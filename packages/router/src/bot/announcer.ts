import type { Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { Forward } from '../nodes/forward.ts';
import type { KnownNode, NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { Deliveries } from './deliveries.ts';
import type { Presence } from './presence.ts';
import type { Questions } from './questions.ts';

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
  readonly #questions: Questions;
  readonly #broadcasts: Broadcasts;
  readonly #presence: Presence;
  readonly #timings: AnnouncerTimings;
  readonly #logger: Logger;
  readonly #startedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly store: Store;
    readonly registry: NodeRegistry;
    readonly rpc: Rpc;
    readonly deliveries: Deliveries;
    readonly questions: Questions;
    readonly broadcasts: Broadcasts;
    readonly presence: Presence;
    readonly timings: AnnouncerTimings;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#registry = options.registry;
    this.#rpc = options.rpc;
    this.#deliveries = options.deliveries;
    this.#questions = options.questions;
    this.#broadcasts = options.broadcasts;
    this.#presence = options.presence;
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
      if (this.#rpc.size > 0 || this.#changed().length > 0) await this.#store.write(work);
    } catch (error) {
      this.#logger.error({ err: error }, 'notices could not be stored');
    }
  }

  #announceAll(): void {
    for (const node of this.#changed()) {
      this.#presence.announce(node);
      if (node.connection !== undefined) continue;
      for (const forward of this.#rpc.takeAway(node.nodeId)) this.#tell(forward, texts.awayAtWork(node.nodeId));
    }
    for (const node of this.#registry.list()) this.#announceOffline(node.nodeId);
    for (const forward of this.#rpc.takeSlow(this.#timings.forwardTimeoutMs)) {
      const isOnline = this.#registry.find(forward.nodeId)?.connection !== undefined;
      const text = isOnline ? texts.stillRunning : texts.awayAtWork;
      this.#tell(forward, text(forward.nodeId));
    }
    for (const forward of this.#rpc.takeExpired()) {
      this.#tellEnd(forward, texts.expired(forward.nodeId, forward.summary));
    }
  }

  #announceOffline(nodeId: string): void {
    const node = this.#registry.find(nodeId);
    if (node === undefined || !this.#isAway(node)) return;
    for (const forward of this.#rpc.takeOffline(nodeId)) {
      if (forward.broadcastId !== undefined) this.#giveUpPart(forward);
      // Those before it were told.
      else if (this.#deliveries.isBackedUp(forward)) continue;
      else if (this.#rpc.isWaiting(forward.id)) this.#askAboutWaiting(forward);
      else this.#tell(forward, texts.offline(nodeId, forward.place));
    }
  }

  /** There will be no answer. */
  #tellEnd({ id, channel, chatId, messageId: replyTo, nodeId, broadcastId, startedAt }: Forward, text: Text): void {
    if (broadcastId !== undefined && this.#broadcasts.add(broadcastId, { nodeId, text })) return;
    const turn = { id, tookMs: Math.max(0, Date.now() - startedAt), isInPlace: false };
    this.#deliveries.put({ channel, chatId, replyTo }, text, { turn });
  }

  /** The other nodes' answers do not wait for this one's. */
  #giveUpPart(forward: Forward): void {
    const isTakenBack = this.#rpc.withdraw(forward.id) !== undefined;
    this.#tell(forward, isTakenBack ? texts.offlineNow : texts.awayAtWork(forward.nodeId));
  }

  /** The user may send the message elsewhere, or take it back. */
  #askAboutWaiting(forward: Forward & { readonly place: number }): void {
    const { channel, chatId, messageId, userId, nodeId } = forward;
    const others = this.#registry
      .nodesFor(userId)
      .filter((other) => other.connection !== undefined && other.nodeId !== nodeId)
      .slice(0, 10)
      .map((other) => ({ id: `send:${other.nodeId}`, label: texts.sendTo(other.nodeId), style: 'default' as const }));
    this.#questions.ask(
      { channel, chatId, replyTo: messageId, userId },
      {
        text: texts.offline(nodeId, forward.place),
        options: [...others, { id: 'cancel', label: texts.cancel, style: 'danger' }],
        isNotice: true,
        subject: { kind: 'waiting', forwardId: forward.id, origin: { channel, chatId, messageId, userId } },
      },
    );
  }

  #changed(): readonly KnownNode[] {
    return this.#presence.changed((node) => this.#isAway(node));
  }

  /** Away for longer than the grace. */
  #isAway(node: KnownNode): boolean {
    if (node.connection !== undefined) return false;
    // After our own start every node is away for a moment.
    const awaySince = Math.max(node.lastSeenAt, this.#startedAt);
    // A clock that was set back would say for hours that it has just left.
    return Math.abs(Date.now() - awaySince) >= this.#timings.offlineGraceMs;
  }

  #tell({ channel, chatId, messageId: replyTo, nodeId, broadcastId }: Forward, text: Text): void {
    if (broadcastId !== undefined && this.#broadcasts.add(broadcastId, { nodeId, text })) return;
    if (this.#deliveries.isBackedUp({ channel, chatId })) return;
    this.#deliveries.put({ channel, chatId, replyTo }, text, { isNotice: true });
  }
}
