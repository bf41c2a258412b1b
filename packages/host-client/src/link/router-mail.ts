import { newId } from '@phonework/shared/id';
import type { Language, Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { Outbox } from '@phonework/shared/mail';
import type { TaskComplete } from '@phonework/shared/protocol';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { NewQuestion, Reply } from '../approvals/question.ts';
import { fitFrame } from './fit-frame.ts';
import type { RouterParcel } from './node-client.ts';
import { ROUTER } from './node-client.ts';

/** Who gets something, and where. */
type Recipient = Pick<NewQuestion, 'userId' | 'chatId'>;

/** What this node has to say to people, on its way to the router. All methods are for use inside `store.write`. */
export class RouterMail {
  readonly #outbox: Outbox<RouterParcel>;
  readonly #questions: OpenQuestions;
  readonly #languageOf: (userId: string) => Language;

  constructor(
    outbox: Outbox<RouterParcel>,
    options: { readonly questions: OpenQuestions; readonly languageOf: (userId: string) => Language },
  ) {
    this.#outbox = outbox;
    this.#questions = options.questions;
    this.#languageOf = options.languageOf;
  }

  /** The answer to a message. */
  respond(
    { forwardId, ...to }: Recipient & { readonly forwardId: string },
    {
      reply,
      error = '',
      question,
    }: { readonly reply: Said; readonly error?: Said; readonly question?: Reply['question'] },
  ): void {
    const language = this.#languageOf(to.userId);
    const frame = {
      type: 'forward_response',
      id: forwardId,
      reply: inLanguage(reply, language),
      error: inLanguage(error, language),
    } as const;
    if (question === undefined) {
      put(this.#outbox, frame);
      return;
    }
    const { text, ...buttons } = this.#questions.askWith({ ...to, ...question, text: reply }, forwardId);
    put(this.#outbox, { ...frame, reply: text, ...buttons });
  }

  /** A message that nobody waits for. */
  say(to: Recipient, said: Said, question?: Reply['question']): void {
    if (question !== undefined) {
      this.#questions.ask({ ...to, ...question, text: said });
      return;
    }
    const text = inLanguage(said, this.#languageOf(to.userId));
    put(this.#outbox, { type: 'message', id: newId(), user_id: to.userId, chat_id: to.chatId, text });
  }

  report(frame: TaskComplete): void {
    put(this.#outbox, frame);
  }
}

/** Stores a frame for the router. For use inside `store.write`. */
export function put(outbox: Outbox<RouterParcel>, frame: RouterParcel): void {
  outbox.put({ id: frame.id, peer: ROUTER, body: fitFrame(frame) });
}
