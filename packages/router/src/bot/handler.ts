import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import { MailFullError } from '@phonework/shared/mail';
import { ProtocolError } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { route } from '../routing/route.ts';
import { texts } from '../texts.ts';
import type { IncomingMessage } from './chat-channel.ts';
import { findCommand } from './commands.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';

/**
 * What becomes of a user's message. It is taken, decided on, and its answer or its forward stored, in one transaction:
 * once `receive` has resolved, the message can't be lost, and a repeat of it changes nothing.
 */
export class MessageHandler {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #registry: NodeRegistry;
  readonly #rpc: Rpc;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (message: IncomingMessage) => boolean;
  readonly #onQueued: (nodeId: string) => void;
  readonly #journey: Journey;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    readonly inbox: Inbox<never>;
    readonly registry: NodeRegistry;
    readonly rpc: Rpc;
    readonly deliveries: Deliveries;
    readonly mayTalk: (message: IncomingMessage) => boolean;
    /** Told after a message was stored for a node that is offline. */
    readonly onQueued: (nodeId: string) => void;
    readonly journey: Journey;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#inbox = options.inbox;
    this.#registry = options.registry;
    this.#rpc = options.rpc;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    this.#onQueued = options.onQueued;
    this.#journey = options.journey;
    this.#logger = options.logger;
  }

  /** Resolves when the message is safe, rejects when it could not be stored: then it is the platform's to send again. */
  async receive(message: IncomingMessage): Promise<void> {
    const ids = [message.id, ...(message.fingerprint === undefined ? [] : [message.fingerprint])];
    await this.#store.write(() => {
      if (this.#inbox.addSettled(ids.map((id) => `${message.channel}:${id}`))) this.#decide(message);
    });
    this.#journey('message.stored', message.id);
  }

  #decide(message: IncomingMessage): void {
    // In a group the bot speaks only when spoken to, and a stranger there learns nothing.
    if (!message.addressed) return;
    const { channel, chatId, chatType, userId, text } = message;
    const from: ChatAddress = { channel, chatId, replyTo: message.id };
    if (!this.#mayTalk(message)) {
      this.#logger.warn({ user: userId, channel }, 'a stranger was refused');
      if (chatType === 'p2p') this.#deliveries.put(from, texts.notAllowed(userId));
      return;
    }
    if (message.unreadable !== undefined) {
      this.#deliveries.put(from, texts.unreadable(message.unreadable));
      return;
    }
    const trimmed = text.trim();
    const answer = trimmed === '' ? texts.empty : findCommand(trimmed)?.run();
    if (answer !== undefined) this.#deliveries.put(from, answer);
    else this.#forward(message, trimmed, from);
  }

  #forward(message: IncomingMessage, text: string, from: ChatAddress): void {
    const chosen = route(text, this.#registry.nodesFor(message.userId));
    if (chosen.kind !== 'node') {
      const answer =
        chosen.kind === 'none'
          ? texts.noNode
          : chosen.kind === 'unknown'
            ? texts.unknownNode(chosen.name, chosen.names)
            : texts.whichNode(chosen.names);
      this.#deliveries.put(from, answer);
      return;
    }
    const { node } = chosen;
    try {
      this.#rpc.forward({
        nodeId: node.nodeId,
        userId: message.userId,
        channel: message.channel,
        chatId: message.chatId,
        messageId: message.id,
        text: chosen.text,
      });
    } catch (error) {
      if (error instanceof MailFullError) this.#deliveries.put(from, texts.queueFull(node.displayName));
      else if (error instanceof ProtocolError) this.#deliveries.put(from, texts.tooLong);
      else throw error;
      return;
    }
    if (node.connection === undefined) this.#store.afterCommit(() => this.#onQueued(node.nodeId));
  }
}
