import type { Journey } from '@phonework/shared/journey';
import type { Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { PassingFiles } from '../../nodes/passing-files.ts';
import type { ActionOutcome, ChannelHandlers, IncomingAttachment, IncomingMessage } from '../chat-channel.ts';
import { consoleTexts as texts } from './console-texts.ts';
import type { ConsoleFile, ConsoleFrame, PressFrame, ReadFrame, SayFrame, StopFrame } from './frames.ts';
import type { ConsoleHistory } from './history.ts';
import { CONSOLE_CHAT_ID, CONSOLE_USER_ID } from './user.ts';

const user = { channel: 'console', chatId: CONSOLE_CHAT_ID, userId: CONSOLE_USER_ID } as const;

export type UserActsOptions = {
  readonly history: ConsoleHistory;
  readonly files: PassingFiles;
  /** Tells all open pages. */
  readonly show: (frame: ConsoleFrame) => void;
  /** What the user reads of a text. */
  readonly inUserLanguage: (text: Text) => string;
  readonly journey?: Journey;
  readonly logger: Logger;
};

/** What the user does on a page: handed on, and answered to that page. */
export class UserActs {
  readonly #options: UserActsOptions;
  #handlers: ChannelHandlers | undefined;
  #lastEventAt: number | undefined;

  constructor(options: UserActsOptions) {
    this.#options = options;
  }

  /** Whether there is anybody to hand them on to. */
  get isOpen(): boolean {
    return this.#handlers !== undefined;
  }

  /** ms since the epoch. */
  get lastEventAt(): number | undefined {
    return this.#lastEventAt;
  }

  open(handlers: ChannelHandlers): void {
    this.#handlers = handlers;
  }

  /** Whatever the user does after this is refused. */
  close(): void {
    this.#handlers = undefined;
  }

  answer(frame: ReadFrame): Promise<ConsoleFrame> {
    switch (frame.type) {
      case 'say':
        return this.#say(frame);
      case 'press':
        return this.#press(frame);
      case 'stop':
        return this.#stop(frame);
      default:
        return frame satisfies never;
    }
  }

  /**
   * The handler stores the message before the history does, so that nothing is shown that will not be answered. After
   * a crash between the two the page says it again: the handler knows the id, and the history then gets it. An answer
   * can't overtake it in the history, since answers go through a store of their own first.
   */
  async #say({ id: pageId, text, files: said }: SayFrame): Promise<ConsoleFrame> {
    const files = said.flatMap(({ id, name }) => this.#broughtFile(id, name));
    const message: IncomingMessage = {
      id: `console:${pageId}`,
      ...user,
      chatType: 'p2p',
      text,
      ...(files.length > 0 && { attachments: files.map(toAttachment) }),
      addressed: true,
      sentAt: Date.now(),
    };
    const { history, inUserLanguage, journey } = this.#options;
    const reason = history.has(message.id)
      ? undefined
      : await this.#take(message, { files, missing: said.length - files.length });
    if (reason !== undefined) return { type: 'refused', id: pageId, reason: inUserLanguage(reason) };
    journey?.('event.acked', message.id);
    return { type: 'stored', id: pageId };
  }

  /** Resolves with undefined once the message will be answered, else with the reason for its user. */
  async #take(
    message: IncomingMessage,
    { files, missing }: { readonly files: readonly ConsoleFile[]; readonly missing: number },
  ): Promise<Text | undefined> {
    const { history, show, journey, logger } = this.#options;
    const handlers = this.#handlers;
    if (handlers === undefined) return texts.startingOrStopping;
    if (missing > 0) return texts.attachAgain;
    this.#lastEventAt = message.sentAt;
    journey?.('event.received', message.id);
    const { id, text, sentAt: at } = message;
    // Begun in one turn of the event loop, so in one commit: no question without its answer, and none after it.
    const [kept, handled] = await Promise.allSettled([
      history.add({ id, author: 'user', text, at, ...(files.length > 0 && { files }) }),
      handlers.onMessage(message),
    ]);
    if (kept.status === 'fulfilled' && handled.status === 'fulfilled') {
      if (kept.value !== undefined) show({ type: 'message', message: kept.value });
      return undefined;
    }
    const err: unknown = handled.status === 'rejected' ? handled.reason : kept.status === 'rejected' && kept.reason;
    logger.warn({ err, message: id }, 'a console message was refused');
    await this.#forget(id);
    return texts.notTaken;
  }

  #broughtFile(fileId: string, name: string): readonly ConsoleFile[] {
    const file = this.#options.files.find(fileId);
    if (file?.origin.kind !== 'chat') return [];
    return [{ fileId, name, size: file.size, isImage: file.imageType !== undefined }];
  }

  async #forget(id: string): Promise<void> {
    const { history, logger } = this.#options;
    try {
      await history.remove(id);
    } catch (error) {
      // The store fails, which is why the message was refused in most cases: then nothing of it was kept either.
      logger.warn({ err: error, message: id }, 'a refused message could not be taken out of the history');
    }
  }

  async #press({ messageId, actionId }: PressFrame): Promise<ConsoleFrame> {
    const outcome = await this.#outcomeOfPress({ messageId, actionId });
    if (outcome.text !== undefined) await this.#replaceText(messageId, outcome.text);
    return { type: 'pressed', messageId, outcome };
  }

  async #outcomeOfPress(press: Pick<PressFrame, 'actionId' | 'messageId'>): Promise<ActionOutcome> {
    const { history, inUserLanguage } = this.#options;
    if (this.isOpen && !history.hasAction(press.messageId, press.actionId)) {
      // Pressed on another page a moment ago, in most cases.
      return { kind: 'warning', toast: inUserLanguage(texts.buttonGone) };
    }
    return await this.#outcome((handlers) => handlers.onAction({ ...user, ...press }));
  }

  async #stop({ turnId }: StopFrame): Promise<ConsoleFrame> {
    const outcome = await this.#outcome((handlers) => handlers.onStop({ ...user, turnId }));
    return { type: 'stopped', turnId, outcome };
  }

  async #outcome(act: (handlers: ChannelHandlers) => Promise<ActionOutcome>): Promise<ActionOutcome> {
    const { inUserLanguage, logger } = this.#options;
    if (this.#handlers === undefined) return { kind: 'error', toast: inUserLanguage(texts.startingOrStopping) };
    this.#lastEventAt = Date.now();
    try {
      return await act(this.#handlers);
    } catch (error) {
      logger.warn({ err: error }, 'a press in the console failed');
      return { kind: 'error', toast: inUserLanguage(texts.failed) };
    }
  }

  async #replaceText(messageId: string, text: string): Promise<void> {
    const { history, show, logger } = this.#options;
    try {
      const message = await history.replaceText(messageId, text);
      if (message !== undefined) show({ type: 'update', message });
    } catch (error) {
      // The press has worked all the same. Its buttons stay, and the same press leads to the same outcome again.
      logger.warn({ err: error, message: messageId }, 'what a press led to could not be stored');
    }
  }
}

function toAttachment({ fileId, name, size, isImage }: ConsoleFile): IncomingAttachment {
  return { key: fileId, kind: isImage ? 'image' : 'file', name, size };
}
