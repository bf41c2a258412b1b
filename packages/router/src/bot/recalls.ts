import type { Inbox } from '@phonework/shared/mail';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import type { NodeConnection } from '../nodes/connection.ts';
import type { Forward } from '../nodes/forward.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { IncomingRecall } from './chat-channel.ts';
import { peerOf } from './deliveries.ts';
import type { Dispatch } from './dispatch.ts';
import type { Preparations } from './preparations.ts';
import type { Questions } from './questions.ts';
import type { SeenMarks } from './seen-marks.ts';

/**
 * What becomes of messages that people take back: one that waits is dropped without a word, wherever it waits; one whose
 * turn runs goes on.
 */
export class Recalls {
  readonly #store: Store;
  readonly #inbox: Inbox<never>;
  readonly #preparations: Preparations;
  readonly #dispatch: Dispatch;
  readonly #questions: Questions;
  readonly #rpc: Rpc;
  readonly #registry: NodeRegistry;
  readonly #broadcasts: Broadcasts;
  readonly #seenMarks: SeenMarks;
  readonly #languages: ReaderLanguages;

  constructor(options: {
    readonly store: Store;
    /** The one that knows which messages came. */
    readonly inbox: Inbox<never>;
    readonly preparations: Preparations;
    readonly dispatch: Dispatch;
    readonly questions: Questions;
    readonly rpc: Rpc;
    readonly registry: NodeRegistry;
    readonly broadcasts: Broadcasts;
    readonly seenMarks: SeenMarks;
    readonly languages: ReaderLanguages;
  }) {
    this.#store = options.store;
    this.#inbox = options.inbox;
    this.#preparations = options.preparations;
    this.#dispatch = options.dispatch;
    this.#questions = options.questions;
    this.#rpc = options.rpc;
    this.#registry = options.registry;
    this.#broadcasts = options.broadcasts;
    this.#seenMarks = options.seenMarks;
    this.#languages = options.languages;
  }

  /** Resolves when that is stored, rejects when it could not be. */
  async recall(recall: IncomingRecall): Promise<void> {
    await this.#store.write(() => this.#drop(recall));
  }

  /** A node may have missed what was taken back while it was away: it is told again until it has answered. */
  remind(connection: NodeConnection): void {
    for (const id of this.#rpc.recalledAt(connection.nodeId)) cancel(connection, id);
  }

  #drop(recall: IncomingRecall): void {
    const { channel, messageId } = recall;
    // The recall was the first to come: when its message does, it counts as one that came before.
    if (this.#inbox.addSettled([`${channel}:${messageId}`])) return;
    this.#preparations.drop(channel, messageId);
    this.#dispatch.drop(channel, messageId);
    this.#closeQuestions(recall);
    for (const forward of this.#rpc.openFor(channel, messageId)) this.#takeBack(forward);
    this.#store.afterCommit(() => this.#seenMarks.answered(channel, messageId));
  }

  /** Those about the message: which machine it is for, and what becomes of it while its machine is away. */
  #closeQuestions({ channel, chatId, messageId }: IncomingRecall): void {
    const rows = this.#store
      .prepare(
        `SELECT id FROM questions WHERE channel = ? AND chat_id = ? AND subject ->> '$.origin.messageId' = ?
           AND answered IS NULL AND ended_at IS NULL`,
      )
      .all(channel, chatId, messageId);
    const outcome = texts.takenBack[this.#languages.of(peerOf({ channel, chatId }))];
    for (const { id } of rows) {
      const question = this.#questions.find(String(id));
      if (question === undefined) continue;
      // With an answer, so that its buttons are taken off also when it is not in the chat yet.
      this.#questions.close(question.id, outcome);
      this.#questions.takeButtonsOff(question, outcome);
    }
  }

  #takeBack({ id, nodeId, broadcastId }: Forward): void {
    if (this.#rpc.withdraw(id) !== undefined) {
      // The other machines have begun: their answer says what became of this one's.
      if (broadcastId !== undefined) this.#broadcasts.add(broadcastId, { nodeId, text: texts.takenBack });
      return;
    }
    this.#rpc.markRecalled(id);
    this.#store.afterCommit(() => {
      const connection = this.#registry.find(nodeId)?.connection;
      if (connection !== undefined) cancel(connection, id);
    });
  }
}

function cancel(connection: NodeConnection, id: string): void {
  connection.send({ type: 'cancel', id, only_waiting: true });
}
