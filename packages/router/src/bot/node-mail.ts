import type { Journey } from '@phonework/shared/journey';
import type { Said } from '@phonework/shared/language';
import { bilingual, inLanguage, join } from '@phonework/shared/language';
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
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { StoreError } from '@phonework/shared/store';
import type { NodeConnection } from '../nodes/connection.ts';
import type { Forward } from '../nodes/forward.ts';
import type { PassingFile } from '../nodes/passing-files.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { ChatChannel, EndedTurn } from './chat-channel.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';
import type { Questions } from './questions.ts';

type Push = TaskComplete | NodeMessage | NodeFile;
type Lossless = ForwardResponse | Push;
type Spoken = Exclude<Lossless, NodeFile>;

export type NodeMailTimings = {
  /** An answer that took longer is a message of its own: its user has put the phone away by then. */
  readonly inPlaceMs: number;
};

/** The file `fileId`, if node `nodeId` has put it here. */
export type BroughtFile = (nodeId: string, fileId: string) => PassingFile | undefined;

/** What nodes send for people: stored once for the chat, then acknowledged to the node. */
export class NodeMail {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #registry: NodeRegistry;
  readonly #rpc: Rpc;
  readonly #deliveries: Deliveries;
  readonly #questions: Questions;
  readonly #broadcasts: Broadcasts;
  readonly #broughtFile: BroughtFile;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #timings: NodeMailTimings;
  readonly #languages: ReaderLanguages;
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
    readonly broughtFile: BroughtFile;
    readonly channels: readonly ChatChannel[];
    readonly timings: NodeMailTimings;
    readonly languages: ReaderLanguages;
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
    this.#broughtFile = options.broughtFile;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#timings = options.timings;
    this.#languages = options.languages;
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
    let isTaken = false;
    try {
      isTaken = await this.#store.write(() => {
        if (connection.isDeaf) return false;
        if (frame.type === 'forward_response') this.#answer(connection, frame);
        else this.#pushOnce(connection, frame);
        return true;
      });
    } catch (error) {
      // Not acknowledged: the node keeps it, and sends it again when it connects again.
      this.#logger.error({ err: error, node: nodeId, type: frame.type }, "a node's frame could not be stored");
      // What is its own fault would only be so again.
      if (error instanceof StoreError) connection.goDeaf();
    }
    if (!isTaken) return;
    this.#journey('reply.stored', frame.id);
    connection.send({ type: 'ack', id: frame.id });
    this.#journey('response.acked', frame.id);
  }

  /** What it answers is open until then: a repeat answers nothing any more. */
  #answer(connection: NodeConnection, frame: ForwardResponse): void {
    const { nodeId } = connection;
    const forward = this.#rpc.settle(nodeId, frame);
    if (forward === undefined) {
      this.#logger.info({ node: nodeId, id: frame.id }, 'an answer that nobody waits for, or no longer, was dropped');
      return;
    }
    if (isDropped(forward, frame)) {
      if (forward.broadcastId !== undefined) {
        this.#broadcasts.add(forward.broadcastId, { nodeId, text: texts.takenBack });
      }
      return;
    }
    const { channel, chatId, messageId: replyTo } = forward;
    const text = frame.error === '' ? frame.reply : join([frame.reply, texts.failed(frame.error)], '\n\n');
    const isPart = forward.broadcastId !== undefined && this.#broadcasts.add(forward.broadcastId, { nodeId, text });
    // Buttons need a message of their own: other nodes' parts stand in that one.
    if (isPart && (frame.actions ?? []).length === 0) return;
    // With one machine there is nothing to tell apart.
    const isOneOfSeveral = this.#registry.nodesFor(forward.userId).length > 1;
    const signed = isOneOfSeveral ? signedBy(nodeId, text) : text;
    const tookMs = Math.max(0, Date.now() - forward.startedAt);
    const turn = { id: forward.id, tookMs, isInPlace: tookMs < this.#timings.inPlaceMs };
    this.#say({ channel, chatId, replyTo, userId: forward.userId }, signed, { connection, frame, turn });
  }

  #pushOnce(connection: NodeConnection, frame: Push): void {
    const id = `${connection.nodeId}:${frame.type}:${frame.id}`;
    // What was dropped is not remembered: a node must not be able to fill the disk with it.
    if (!this.#inbox.has(id) && this.#push(connection, frame)) this.#inbox.addSettled([id]);
  }

  /** Something nobody waits for: only for a user whom the node serves, in a chat where that user talked to it. */
  #push(connection: NodeConnection, frame: Push): boolean {
    const { nodeId } = connection;
    const { user_id: userId, chat_id: chatId } = frame;
    const channel = this.#rpc.channelOf(nodeId, userId, chatId);
    if (channel === undefined || this.#registry.find(nodeId)?.servesUsers.has(userId) !== true) {
      this.#logger.warn(
        { node: nodeId, user: userId, type: frame.type },
        'a push to a chat that is not its own was dropped',
      );
      return false;
    }
    if (frame.type === 'message' && frame.replaces !== undefined) this.#questions.endOf(nodeId, frame.replaces);
    if (frame.type === 'file') this.#sayFile({ channel, chatId, userId }, nodeId, frame);
    else if (!isSilent(frame)) this.#say({ channel, chatId, userId }, pushText(frame), { connection, frame });
    return true;
  }

  #sayFile({ userId, ...to }: ChatAddress & { readonly userId: string }, nodeId: string, frame: NodeFile): void {
    const { id, name, size, sha256 } = frame;
    const file = this.#broughtFile(nodeId, id);
    if (file?.size === size && file.sha256 === sha256) {
      this.#deliveries.putFile(to, { id, name }, this.#signature(userId, nodeId));
      return;
    }
    this.#logger.warn(
      { node: nodeId, isThere: file !== undefined },
      'a node announced a file that it did not put here',
    );
    this.#deliveries.put(to, texts.fileMissing(name));
  }

  /** With buttons it is a question, whose answer goes back to the node. */
  #say(
    to: ChatAddress & { readonly userId: string },
    text: Said,
    {
      connection,
      frame,
      turn,
    }: { readonly connection: NodeConnection; readonly frame: Spoken; readonly turn?: EndedTurn },
  ): void {
    const { nodeId, knowsAcks } = connection;
    const actions = 'actions' in frame ? (frame.actions ?? []) : [];
    if (actions.length > 0) {
      const asked = { nodeId, frameId: frame.id };
      this.#questions.ask(to, {
        text,
        options: actions,
        subject: { kind: 'node', ...asked },
        isOffer: 'is_offer' in frame && frame.is_offer === true,
        ...(knowsAcks && { receipt: asked }),
        ...(turn && { turn }),
      });
      return;
    }
    const { userId, ...address } = to;
    this.#deliveries.put(address, text, { ...this.#signature(userId, nodeId), ...(turn && { turn }) });
  }

  /** Who said it matters to a message that quotes it, where there is somebody else to send that to. */
  #signature(userId: string, nodeId: string): { readonly nodeId?: string } {
    return this.#registry.nodesFor(userId).length > 1 ? { nodeId } : {};
  }

  #showProgress(nodeId: string, frame: Progress): void {
    const forward = this.#rpc.find(nodeId, frame.id);
    // The parts of a broadcast would write over each other.
    if (forward === undefined || forward.broadcastId !== undefined) return;
    const { id, channel, chatId, messageId: replyTo, startedAt } = forward;
    const { text, step } = frame;
    const language = this.#languages.of(peerOf(forward));
    this.#channels
      .get(channel)
      ?.showTurn({ id, chatId, replyTo, startedAt, text, language, ...(step !== undefined && { step }) });
  }
}

/** Its user took the message back before the node began with it: nobody waits for a word about it. */
function isDropped({ isRecalled }: Forward, { reply, error, actions = [] }: ForwardResponse): boolean {
  return isRecalled && reply === '' && error === '' && actions.length === 0;
}

/** A question may be over without a word. */
function isSilent(frame: TaskComplete | NodeMessage): boolean {
  if (frame.type !== 'message' || frame.replaces === undefined) return false;
  return frame.text.trim() === '' && (frame.actions ?? []).length === 0;
}

function signedBy(nodeId: string, said: Said): Said {
  return bilingual((language) => `${inLanguage(said, language).trim() || texts.noAnswer[language]}\n\n· ${nodeId}`);
}

function pushText(frame: TaskComplete | NodeMessage): string {
  return frame.type === 'task_complete' ? frame.result : frame.text;
}
