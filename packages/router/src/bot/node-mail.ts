import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import type {
  ForwardResponse,
  NodeFile,
  NodeFrame,
  NodeMessage,
  Progress,
  TaskComplete,
} from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeConnection } from '../nodes/connection.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { ChatChannel } from './chat-channel.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import type { Questions } from './questions.ts';

type Lossless = ForwardResponse | TaskComplete | NodeMessage | NodeFile;

/** What nodes send for people: stored once for the chat, then acknowledged to the node. */
export class NodeMail {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #registry: NodeRegistry;
  readonly #rpc: Rpc;
  readonly #deliveries: Deliveries;
  readonly #questions: Questions;
  readonly #broadcasts: Broadcasts;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #journey: Journey;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    readonly inbox: Inbox<never>;
    readonly registry: NodeRegistry;
    readonly rpc: Rpc;
    readonly deliveries: Deliveries;
    readonly questions: Questions;
    readonly broadcasts: Broadcasts;
    readonly channels: readonly ChatChannel[];
    readonly journey: Journey;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#inbox = options.inbox;
    this.#registry = options.registry;
    this.#rpc = options.rpc;
    this.#deliveries = options.deliveries;
    this.#questions = options.questions;
    this.#broadcasts = options.broadcasts;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#journey = options.journey;
    this.#logger = options.logger;
  }

  /** Takes a frame of a registered node. */
  receive(connection: NodeConnection, frame: NodeFrame): void {
    switch (frame.type) {
      case 'status':
        this.#registry.setStatus(connection, frame);
        return;
      case 'progress':
        this.#showProgress(connection.nodeId, frame);
        return;
      case 'forward_response':
      case 'task_complete':
      case 'message':
      case 'file':
        void this.#take(connection, frame);
        return;
      case 'register':
      case 'ack':
      case 'pong':
        // The connection's own business.
        return;
      default:
        frame satisfies never;
    }
  }

  async #take(connection: NodeConnection, frame: Lossless): Promise<void> {
    const { nodeId } = connection;
    try {
      await this.#store.write(() => {
        const id = `${nodeId}:${frame.type}:${frame.id}`;
        if (this.#inbox.has(id)) return;
        const isAccepted = frame.type === 'forward_response' ? this.#answer(nodeId, frame) : this.#push(nodeId, frame);
        // What was dropped is not remembered: a node must not be able to fill the disk with it.
        if (isAccepted) this.#inbox.addSettled([id]);
      });
    } catch (error) {
      // Not acknowledged: the node keeps it and sends it again.
      this.#logger.error({ err: error, node: nodeId, type: frame.type }, "a node's frame could not be stored");
      return;
    }
    this.#journey('reply.stored', frame.id);
    connection.send({ type: 'ack', id: frame.id });
    this.#journey('response.acked', frame.id);
  }

  #answer(nodeId: string, frame: ForwardResponse): boolean {
    const forward = this.#rpc.settle(nodeId, frame);
    if (forward === undefined) {
      this.#logger.warn({ node: nodeId, id: frame.id }, 'an answer to nothing that this node was asked was dropped');
      return false;
    }
    const { channel, chatId, messageId: replyTo } = forward;
    const text =
      frame.error === '' ? frame.reply : [frame.reply, texts.failed(frame.error)].filter(Boolean).join('\n\n');
    const isPart = forward.broadcastId !== undefined && this.#broadcasts.add(forward.broadcastId, { nodeId, text });
    // Buttons need a message of their own: other nodes' parts stand in that one.
    if (isPart && (frame.actions ?? []).length === 0) return true;
    // With one machine there is nothing to tell apart.
    const isOneOfSeveral = this.#registry.nodesFor(forward.userId).length > 1;
    const signed = isOneOfSeveral ? `${text.trim() || texts.noAnswer}\n\n· ${nodeId}` : text;
    this.#say({ channel, chatId, replyTo, userId: forward.userId }, signed, { nodeId, frame });
    return true;
  }

  /** Something nobody waits for: only for a user whom the node serves, in a chat where that user talked to it. */
  #push(nodeId: string, frame: TaskComplete | NodeMessage | NodeFile): boolean {
    const { user_id: userId, chat_id: chatId } = frame;
    const channel = this.#rpc.channelOf(nodeId, userId, chatId);
    if (channel === undefined || this.#registry.find(nodeId)?.servesUsers.has(userId) !== true) {
      this.#logger.warn(
        { node: nodeId, user: userId, type: frame.type },
        'a push to a chat that is not its own was dropped',
      );
      return false;
    }
    this.#say({ channel, chatId, userId }, pushText(frame), { nodeId, frame });
    return true;
  }

  /** With buttons it is a question, whose answer goes back to the node. */
  #say(to: ChatAddress & { readonly userId: string }, text: string, from: { nodeId: string; frame: Lossless }): void {
    const { nodeId, frame } = from;
    const actions = 'actions' in frame ? (frame.actions ?? []) : [];
    if (actions.length > 0) {
      this.#questions.ask(to, { text, options: actions, subject: { kind: 'node', nodeId, frameId: frame.id } });
      return;
    }
    const { userId: _, ...address } = to;
    // Who said it matters to a message that quotes it, where there is somebody else to send that to.
    const isOneOfSeveral = this.#registry.nodesFor(to.userId).length > 1;
    this.#deliveries.put(address, text, isOneOfSeveral ? { nodeId } : {});
  }

  #showProgress(nodeId: string, frame: Progress): void {
    const forward = this.#rpc.find(nodeId, frame.id);
    if (forward === undefined) return;
    const text = frame.step === undefined ? frame.text : `${frame.text}\n\n_${frame.step}_`.trim();
    this.#channels.get(forward.channel)?.showProgress({ chatId: forward.chatId, replyTo: forward.messageId, text });
  }
}

function pushText(frame: TaskComplete | NodeMessage | NodeFile): string {
  switch (frame.type) {
    case 'task_complete':
      return frame.result;
    case 'message':
      return frame.text;
    case 'file':
      return texts.fileNotPassedOn(frame.name);
  }
}
