import { createReadStream } from 'node:fs';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { FastifyPluginAsync } from 'fastify';
import type { WebSocket } from 'ws';
import type { PassingFiles } from '../../nodes/passing-files.ts';
import type {
  ActionOutcome,
  ChannelHandlers,
  ChannelHealth,
  ChatChannel,
  IncomingAttachment,
  IncomingMessage,
  MessageEdit,
  OutgoingFile,
  OutgoingMessage,
  TurnView,
} from '../chat-channel.ts';
import { ChatError } from '../chat-channel.ts';
import { ConsoleAccess, consoleToken } from './access.ts';
import type {
  ConsoleFile,
  ConsoleFrame,
  ConsoleMessage,
  NodeState,
  PressFrame,
  ReadFrame,
  SayFrame,
} from './frames.ts';
import { ConsoleHistory } from './history.ts';
import { OpenPages } from './open-pages.ts';
import { consolePlugin } from './plugin.ts';

/** The one user of the console, and the one chat. */
export const CONSOLE_USER_ID = 'console';
export const CONSOLE_CHAT_ID = 'console';

const defaultHeartbeatMs = 30_000;
const startingOrStopping = 'PhoneWork is starting or stopping. Try again in a moment.';

export type ConsoleOptions = {
  readonly store: Store;
  readonly files: PassingFiles;
  readonly logger: Logger;
  /** All nodes that are known, asked for whenever a page is told. */
  readonly nodes: () => readonly NodeState[];
  readonly journey?: Journey;
  readonly heartbeatMs?: number;
};

/** A chat with the bot in a browser on the router's machine. */
export interface ConsoleChannel extends ChatChannel {
  /** Serves the page; needs @fastify/websocket on the instance that it is registered on. */
  readonly plugin: FastifyPluginAsync;
  /** The page's address with its token: to be shown to the owner only, and not logged. */
  url(baseUrl: string): string;
  /** Tells the open pages that `nodes` has something new. */
  nodesChanged(): void;
}

/** The store needs the router's tables. */
export function createConsole(options: ConsoleOptions): ConsoleChannel {
  return new WebConsole(options);
}

class WebConsole implements ConsoleChannel {
  readonly name = 'console';
  readonly plugin: FastifyPluginAsync;
  readonly #options: ConsoleOptions;
  readonly #access: ConsoleAccess;
  readonly #history: ConsoleHistory;
  readonly #pages: OpenPages;
  #handlers: ChannelHandlers | undefined;
  #lastEventAt: number | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#access = new ConsoleAccess(consoleToken(options.store));
    this.#history = new ConsoleHistory(options.store);
    this.#pages = new OpenPages({ logger: options.logger, onFrame: (frame) => this.#answer(frame) });
    this.plugin = consolePlugin({
      access: this.#access,
      openPage: (socket, after) => this.#openPage(socket, after),
      files: {
        files: options.files,
        fileOf: (messageId, index) => this.#history.file(messageId, index),
        logger: options.logger,
      },
    });
  }

  async start(handlers: ChannelHandlers): Promise<void> {
    this.#handlers = handlers;
    this.#pages.startHeartbeat(this.#options.heartbeatMs ?? defaultHeartbeatMs);
  }

  async send({ text, actions = [], ...to }: OutgoingMessage): Promise<readonly string[]> {
    return await this.#add(to, { text, ...(actions.length > 0 && { actions }) });
  }

  async sendFile({ fileId, name, size, imageType, ...to }: OutgoingFile): Promise<readonly string[]> {
    return await this.#add(to, { text: '', files: [{ fileId, name, size, isImage: imageType !== undefined }] });
  }

  async fetchFile(_messageId: string, { key }: IncomingAttachment): Promise<AsyncIterable<Uint8Array>> {
    const file = this.#options.files.find(key);
    if (file?.origin.kind !== 'chat') throw new ChatError('refused', 'it is not here any longer.');
    return createReadStream(file.path);
  }

  async #add(
    { id, chatId, replyTo }: Pick<OutgoingMessage, 'chatId' | 'id' | 'replyTo'>,
    content: Pick<ConsoleMessage, 'actions' | 'files' | 'text'>,
  ): Promise<readonly string[]> {
    if (chatId !== CONSOLE_CHAT_ID) throw new ChatError('refused', `The console has no chat "${chatId}".`);
    try {
      const reply = replyTo === undefined ? {} : { replyTo };
      this.#show(await this.#history.add({ id, author: 'bot', at: Date.now(), ...reply, ...content }));
      return [id];
    } catch (cause) {
      throw new ChatError('unavailable', 'The message could not be stored.', { cause });
    }
  }

  showTurn({ replyTo, text, step }: TurnView): void {
    const shown = step === undefined ? text : `${text}\n\n_${step}_`.trim();
    this.#pages.showIfQuick({ type: 'progress', replyTo, text: shown });
  }

  async edit({ shownId, text }: MessageEdit): Promise<void> {
    await this.#replaceText(shownId, text);
  }

  async textOf(messageId: string): Promise<string | undefined> {
    return this.#history.text(messageId);
  }

  health(): ChannelHealth {
    const state = this.#handlers === undefined ? 'off' : 'connected';
    return this.#lastEventAt === undefined ? { state } : { state, lastEventAt: this.#lastEventAt };
  }

  async stop(): Promise<void> {
    this.#handlers = undefined;
    this.#pages.close();
  }

  url(baseUrl: string): string {
    const url = new URL('/', baseUrl);
    url.searchParams.set('token', this.#access.token);
    return url.href;
  }

  nodesChanged(): void {
    this.#pages.show({ type: 'nodes', nodes: this.#options.nodes() });
  }

  #openPage(socket: WebSocket, after: number): void {
    const nodes = this.#options.nodes();
    this.#pages.add(socket, { type: 'history', ...this.#history.after(after), nodes });
  }

  #answer(frame: ReadFrame): Promise<ConsoleFrame> {
    return frame.type === 'say' ? this.#say(frame) : this.#press(frame);
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
      channel: this.name,
      chatId: CONSOLE_CHAT_ID,
      chatType: 'p2p',
      userId: CONSOLE_USER_ID,
      text,
      ...(files.length > 0 && { attachments: files.map(toAttachment) }),
      addressed: true,
      sentAt: Date.now(),
    };
    const reason = this.#history.has(message.id)
      ? undefined
      : await this.#take(message, { files, missing: said.length - files.length });
    if (reason !== undefined) return { type: 'refused', id: pageId, reason };
    this.#options.journey?.('event.acked', message.id);
    return { type: 'stored', id: pageId };
  }

  /** Resolves with undefined once the message will be answered, else with the reason for its user. */
  async #take(
    message: IncomingMessage,
    { files, missing }: { readonly files: readonly ConsoleFile[]; readonly missing: number },
  ): Promise<string | undefined> {
    const handlers = this.#handlers;
    if (handlers === undefined) return startingOrStopping;
    if (missing > 0) return 'A file of this message is not here any longer: attach it again.';
    this.#lastEventAt = message.sentAt;
    this.#options.journey?.('event.received', message.id);
    const { id, text, sentAt: at } = message;
    // Begun in one turn of the event loop, so in one commit: no question without its answer, and none after it.
    const [kept, handled] = await Promise.allSettled([
      this.#history.add({ id, author: 'user', text, at, ...(files.length > 0 && { files }) }),
      handlers.onMessage(message),
    ]);
    if (kept.status === 'fulfilled' && handled.status === 'fulfilled') {
      this.#show(kept.value);
      return undefined;
    }
    const err: unknown = handled.status === 'rejected' ? handled.reason : kept.status === 'rejected' && kept.reason;
    this.#options.logger.warn({ err, message: id }, 'a console message was refused');
    await this.#forget(id);
    return 'PhoneWork could not take this message. Try again in a moment.';
  }

  #broughtFile(fileId: string, name: string): readonly ConsoleFile[] {
    const file = this.#options.files.find(fileId);
    if (file?.origin.kind !== 'chat') return [];
    return [{ fileId, name, size: file.size, isImage: file.imageType !== undefined }];
  }

  async #forget(id: string): Promise<void> {
    try {
      await this.#history.remove(id);
    } catch (error) {
      // The store fails, which is why the message was refused in most cases: then nothing of it was kept either.
      this.#options.logger.warn({ err: error, message: id }, 'a refused message could not be taken out of the history');
    }
  }

  async #press({ messageId, actionId }: PressFrame): Promise<ConsoleFrame> {
    const outcome = await this.#outcome(messageId, actionId);
    if (outcome.text !== undefined) await this.#replaceText(messageId, outcome.text);
    return { type: 'pressed', messageId, outcome };
  }

  async #outcome(messageId: string, actionId: string): Promise<ActionOutcome> {
    if (this.#handlers === undefined) return { kind: 'error', toast: startingOrStopping };
    if (!this.#history.hasAction(messageId, actionId)) {
      // Pressed on another page a moment ago, in most cases.
      return { kind: 'warning', toast: 'This button is no longer there: look at the message again.' };
    }
    this.#lastEventAt = Date.now();
    try {
      const chatId = CONSOLE_CHAT_ID;
      return await this.#handlers.onAction({
        channel: this.name,
        chatId,
        userId: CONSOLE_USER_ID,
        messageId,
        actionId,
      });
    } catch (error) {
      this.#options.logger.warn({ err: error, message: messageId, action: actionId }, 'a press in the console failed');
      return { kind: 'error', toast: 'That did not work. Try again.' };
    }
  }

  async #replaceText(messageId: string, text: string): Promise<void> {
    try {
      const message = await this.#history.replaceText(messageId, text);
      if (message !== undefined) this.#pages.show({ type: 'update', message });
    } catch (error) {
      // The press has worked all the same. Its buttons stay, and the same press leads to the same outcome again.
      this.#options.logger.warn({ err: error, message: messageId }, 'what a press led to could not be stored');
    }
  }

  #show(added: ConsoleMessage | undefined): void {
    if (added !== undefined) this.#pages.show({ type: 'message', message: added });
  }
}

function toAttachment({ fileId, name, size, isImage }: ConsoleFile): IncomingAttachment {
  return { key: fileId, kind: isImage ? 'image' : 'file', name, size };
}
