import { newId } from '@phonework/shared/id';
import type { Outbox } from '@phonework/shared/mail';
import type { TaskComplete } from '@phonework/shared/protocol';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { NewQuestion, Reply } from '../approvals/question.ts';
import { toActions } from '../approvals/to-actions.ts';
import { fitFrame } from './fit-frame.ts';
import type { RouterParcel } from './node-client.ts';
import { ROUTER } from './node-client.ts';

/** Who gets something, and where. */
type Recipient = Pick<NewQuestion, 'userId' | 'chatId'>;

/** What this node has to say to people, on its way to the router. All methods are for use inside `store.write`. */
export class RouterMail {
  readonly #outbox: Outbox<RouterParcel>;
  readonly #questions: OpenQuestions;

  constructor(outbox: Outbox<RouterParcel>, questions: OpenQuestions) {
    this.#outbox = outbox;
    this.#questions = questions;
  }

  /** The answer to a message. */
  respond(
    { forwardId, ...to }: Recipient & { readonly forwardId: string },
    {
      reply,
      error = '',
      question,
    }: { readonly reply: string; readonly error?: string; readonly question?: Reply['question'] },
  ): void {
    if (question !== undefined) this.#questions.askWith({ ...to, ...question, text: reply }, forwardId);
    const actions = question && { actions: toActions(question.options) };
    put(this.#outbox, { type: 'forward_response', id: forwardId, reply, error, ...actions });
  }

  /** A message that nobody waits for. */
  say(to: Recipient, text: string, question?: Reply['question']): void {
    if (question !== undefined) this.#questions.ask({ ...to, ...question, text });
    else put(this.#outbox, { type: 'message', id: newId(), user_id: to.userId, chat_id: to.chatId, text });
  }

  report(frame: TaskComplete): void {
    put(this.#outbox, frame);
  }
}

/** Stores a frame for the router. For use inside `store.write`. */
export function put(outbox: Outbox<RouterParcel>, frame: RouterParcel): void {
  outbox.put({ id: frame.id, peer: ROUTER, body: fitFrame(frame) });
}
