import { newId } from '@phonework/shared/id';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { findTyped, findYesOrNo } from '@phonework/shared/typed-answer';
import type { ActiveNodes } from '../nodes/active-nodes.ts';
import type { NodeParcel } from '../nodes/connection.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { ActionOutcome, IncomingAction, IncomingMessage, MessageAction } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';
import type { Dispatch } from './dispatch.ts';
import type { Origin, Question, Questions } from './questions.ts';

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
    this.#logger = options.logger;
  }

  /** Resolves with what the user is told, whatever happens. */
  async press(action: IncomingAction): Promise<ActionOutcome> {
    try {
      return await this.#store.write(() => this.#decide(action));
    } catch (error) {
      this.#logger.error({ err: error }, 'a press could not be stored');
      return { kind: 'error', toast: texts.pressFailed };
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

  #decide({ channel, userId, messageId, actionId }: IncomingAction): ActionOutcome {
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
    if (question.answered !== undefined) return { kind: 'warning', toast: texts.pressTwice(question.answered) };
    if (question.isEnded) return { kind: 'warning', toast: texts.pressEnded };
    return this.#apply(question, option);
  }

  #apply(question: Question, option: MessageAction): ActionOutcome {
    const { subject } = question;
    if (subject.kind === 'waiting') return this.#redirect(question, subject, option);
    this.#questions.close(question.id, option.label);
    switch (subject.kind) {
      case 'route':
        this.#activeNodes.set(question.userId, option.id);
        this.#dispatch.toNode(option.id, subject.origin, subject);
        return done(texts.sentTo(option.id));
      case 'node':
        this.#passOn(question, subject, option);
        return answered(question, this.#chosen(option, subject.nodeId));
      default:
        return subject satisfies never;
    }
  }

  #redirect(
    { id }: Question,
    { forwardId, origin }: { readonly forwardId: string; readonly origin: Origin },
    option: MessageAction,
  ): ActionOutcome {
    const withdrawn = this.#rpc.withdraw(forwardId);
    if (withdrawn === undefined) {
      // Not closed with an answer: nobody must read that it was cancelled.
      this.#questions.forget(id);
      return { kind: 'warning', toast: texts.tooLateToChange };
    }
    this.#questions.close(id, option.label);
    if (option.id === 'cancel') return done(texts.cancelled(withdrawn.summary));
    const nodeId = option.id.slice('send:'.length);
    this.#dispatch.toNode(nodeId, origin, withdrawn);
    return done(texts.sentTo(nodeId));
  }

  #chosen({ label }: MessageAction, nodeId: string): string {
    const isOnline = this.#registry.find(nodeId)?.connection !== undefined;
    return isOnline ? texts.chosen(label) : texts.chosenOffline(label, nodeId);
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
}

/** What was asked about stays readable. */
function answered({ shown }: Question, told: string): ActionOutcome {
  return { kind: 'success', toast: told, text: shown === undefined ? told : `${shown}\n\n**${told}**` };
}

function done(text: string): ActionOutcome {
  return { kind: 'success', toast: text, text };
}

/** Buttons fail on some clients: a number, or what stands on the button, does the same; for a node's questions yes and no. */
function findOption({ options, subject }: Question, text: string): MessageAction | undefined {
  return findTyped(options, text) ?? (subject.kind === 'node' ? findYesOrNo(options, text) : undefined);
}
