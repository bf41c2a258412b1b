import { newId } from '@phonework/shared/id';
import type { Language, Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { Outbox } from '@phonework/shared/mail';
import type { NodeMessage, TaskComplete } from '@phonework/shared/protocol';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import type { NewQuestion, Reply } from '../approvals/question.ts';
import { isRetryId } from '../retry-id.ts';
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

  /** The answer to a message; a message of its own where it is one that runs again. */
  respond(
    { forwardId, ...to }: Recipient & { readonly forwardId: string },
    {
      reply,
      error = '',
      question,
    }: { readonly reply: Said; readonly error?: Said; readonly question?: Reply['question'] },
  ): void {
    const language = this.#languageOf(to.userId);
    const said = inLanguage(error, language);
    const { text, ...buttons } =
      question === undefined
        ? { text: inLanguage(reply, language) }
        : this.#questions.askWith({ ...to, ...question, text: reply }, forwardId);
    if (isRetryId(forwardId)) this.#tell({ ...to, id: forwardId }, withError(text, said), buttons);
    else put(this.#outbox, { type: 'forward_response', id: forwardId, reply: text, error: said, ...buttons });
  }

  /** A message that nobody waits for. */
  say(to: Recipient, said: Said, question?: Reply['question']): void {
    if (question !== undefined) {
      this.#questions.ask({ ...to, ...question, text: said });
      return;
    }
    this.#tell({ ...to, id: newId() }, inLanguage(said, this.#languageOf(to.userId)));
  }

  report(frame: TaskComplete): void {
    put(this.#outbox, frame);
  }

  #tell(
    { id, userId, chatId }: Recipient & { readonly id: string },
    text: string,
    buttons: Pick<NodeMessage, 'actions' | 'is_offer'> = {},
  ): void {
    put(this.#outbox, { type: 'message', id, user_id: userId, chat_id: chatId, text, ...buttons });
  }
}

/** As the router puts the two together. */
function withError(reply: string, error: string): string {
  return [reply, error && `⚠️ ${error}`].filter(Boolean).join('\n\n');
}

/** Stores a frame for the router. For use inside `store.write`. */
export function put(outbox: Outbox<RouterParcel>, frame: RouterParcel): void {
  outbox.put({ id: frame.id, peer: ROUTER, body: fitFrame(frame) });
}
