import { newId } from '@phonework/shared/id';
import type { Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { findTyped, findYesOrNo } from '@phonework/shared/typed-answer';
import type { ActiveNodes } from '../nodes/active-nodes.ts';
import type { NodeParcel } from '../nodes/connection.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { ActionOutcome, IncomingAction, IncomingMessage, MessageAction } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';
import type { Dispatch } from './dispatch.ts';
import type { Origin, Question, Questions } from './questions.ts';
import { withOutcome } from './questions.ts';

/** An ActionOutcome in every language. */
type Outcome = {
  readonly kind: ActionOutcome['kind'];
  readonly toast: Text;
  /** Whose buttons give way to what became of it. */
  readonly over?: { readonly question: Question; readonly told: Text };
};

/** What a press of a button leads to: once, and only for the one who was asked. */
export class Presses {
  readonly #store: Store;
  readonly #questions: Questions;
  readonly #dispatch: Dispatch;
  readonly #registry: NodeRegistry;
  readonly #activeNodes: ActiveNodes;
  readonly #rpc: Rpc;
  readonly #outbox: Outbox<NodeParcel>;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
  readonly #onCancelled: (origin: Origin) => void;
  readonly #languages: ReaderLanguages;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    readonly questions: Questions;
    readonly dispatch: Dispatch;
    readonly registry: NodeRegistry;
    readonly activeNodes: ActiveNodes;
    readonly rpc: Rpc;
    readonly outbox: Outbox<NodeParcel>;
    readonly deliveries: Deliveries;
    readonly mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
    /** A message was taken back, and there will be no answer to it. Used inside `store.write`. */
    readonly onCancelled: (origin: Origin) => void;
    readonly languages: ReaderLanguages;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#questions = options.questions;
    this.#dispatch = options.dispatch;
    this.#registry = options.registry;
    this.#activeNodes = options.activeNodes;
    this.#rpc = options.rpc;
    this.#outbox = options.outbox;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    this.#onCancelled = options.onCancelled;
    this.#languages = options.languages;
    this.#logger = options.logger;
  }

  /** Resolves with what the user is told, whatever happens. */
  async press(action: IncomingAction): Promise<ActionOutcome> {
    const language = this.#languages.of(peerOf(action));
    try {
      const { kind, toast, over } = await this.#store.write(() => this.#decide(action));
      const text = over && withOutcome(over.question, over.told[language]);
      return { kind, toast: toast[language], ...(text !== undefined && { text }) };
    } catch (error) {
      this.#logger.error({ err: error }, 'a press could not be stored');
      return { kind: 'error', toast: texts.pressFailed[language] };
    }
  }

  /** True when the message was the typed answer to the only open question there. For use inside `store.write`. */
  takeTyped(message: IncomingMessage): boolean {
    const question = this.#questions.onlyOpen(
      message,
      (subject) => subject.kind === 'waiting' && !this.#rpc.isWaiting(subject.forwardId),
    );
    const option = question && findOption(question, message.text);
    if (question === undefined || option === undefined) return false;
    const outcome = this.#apply(question, option);
    const { channel, chatId, id: replyTo } = message;
    this.#deliveries.put({ channel, chatId, replyTo }, outcome.toast);
    return true;
  }

  #decide({ channel, userId, messageId, actionId }: IncomingAction): Outcome {
    const question = this.#questions.find(messageId);
    const option = question?.options.find(({ id }) => id === actionId);
    if (question === undefined || option === undefined) return { kind: 'warning', toast: texts.pressLate };
    if (
      question.userId !== userId ||
      question.channel !== channel ||
      !this.#mayTalk({ channel: question.channel, userId })
    ) {
      return { kind: 'error', toast: texts.pressNotYours };
    }
    // Whose buttons are still there gets them taken off now.
    if (question.answered !== undefined) {
      const over = { question, told: texts.chosen(question.answered) };
      return { kind: 'warning', toast: texts.pressTwice(question.answered), over };
    }
    if (question.isEnded) {
      return { kind: 'warning', toast: texts.pressEnded, over: { question, told: texts.questionOver } };
    }
    return this.#apply(question, option);
  }

  #apply(question: Question, option: MessageAction): Outcome {
    const { subject } = question;
    if (subject.kind === 'waiting') return this.#redirect(question, subject, option);
    this.#questions.close(question.id, option.label);
    switch (subject.kind) {
      case 'route':
        this.#activeNodes.set(question.userId, option.id);
        this.#dispatch.toNode(option.id, subject.origin, subject);
        return this.#done(question, texts.sentTo(option.id));
      case 'node':
        this.#passOn(question, subject, option);
        return this.#done(question, this.#chosen(option, subject.nodeId));
      default:
        return subject satisfies never;
    }
  }

  #redirect(
    question: Question,
    { forwardId, origin }: { readonly forwardId: string; readonly origin: Origin },
    option: MessageAction,
  ): Outcome {
    const withdrawn = this.#rpc.withdraw(forwardId);
    if (withdrawn === undefined) {
      // Not closed with an answer: nobody must read that it was cancelled.
      this.#questions.forget(question.id);
      this.#questions.takeButtonsOff(question, texts.tooLateToChange);
      return { kind: 'warning', toast: texts.tooLateToChange, over: { question, told: texts.tooLateToChange } };
    }
    this.#questions.close(question.id, option.label);
    if (option.id === 'cancel') {
      this.#onCancelled(origin);
      return this.#done(question, texts.cancelled(withdrawn.summary));
    }
    const nodeId = option.id.slice('send:'.length);
    this.#dispatch.toNode(nodeId, origin, withdrawn);
    return this.#done(question, texts.sentTo(nodeId));
  }

  #chosen({ label }: MessageAction, nodeId: string): Text {
    return this.#isOnline(nodeId) ? texts.chosen(label) : texts.chosenOffline(label, nodeId);
  }

  #isOnline(nodeId: string): boolean {
    return this.#registry.find(nodeId)?.connection !== undefined;
  }

  #passOn(question: Question, { nodeId, frameId }: { nodeId: string; frameId: string }, option: MessageAction): void {
    const id = newId();
    const { userId, chatId } = question;
    this.#outbox.put({
      id,
      peer: nodeId,
      body: { type: 'action', id, user_id: userId, chat_id: chatId, message_id: frameId, action_id: option.id },
    });
  }

  /** Said to who pressed, and in the place of the buttons: the answer to a press alone does not change every client's. */
  #done(question: Question, told: Text): Outcome {
    this.#questions.takeButtonsOff(question, told);
    return { kind: 'success', toast: told, over: { question, told } };
  }
}

/** Buttons fail on some clients: a number, or what stands on the button, does the same; for a node's questions yes and no. */
function findOption({ options, subject }: Question, text: string): MessageAction | undefined {
  return findTyped(options, text) ?? (subject.kind === 'node' ? findYesOrNo(options, text) : undefined);
}
