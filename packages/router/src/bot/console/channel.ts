import { createReadStream } from 'node:fs';
import type { Journey } from '@phonework/shared/journey';
import type { Language } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import type { FastifyPluginAsync } from 'fastify';
import type { WebSocket } from 'ws';
import type { PassingFiles } from '../../nodes/passing-files.ts';
import type {
  ChannelHandlers,
  ChannelHealth,
  ChatChannel,
  EndedTurn,
  IncomingAttachment,
  MessageEdit,
  OutgoingFile,
  OutgoingMessage,
  TurnView,
} from '../chat-channel.ts';
import { ChatError } from '../chat-channel.ts';
import { ConsoleAccess, consoleToken } from './access.ts';
import { consoleTexts as texts } from './console-texts.ts';
import type { ConsoleFrame, ConsoleMessage, NodeState } from './frames.ts';
import { ConsoleHistory } from './history.ts';
import { LiveTurns } from './live-turns.ts';
import { OpenPages } from './open-pages.ts';
import { consolePlugin } from './plugin.ts';
import { CONSOLE_CHAT_ID } from './user.ts';
import { UserActs } from './user-acts.ts';

export { CONSOLE_CHAT_ID, CONSOLE_USER_ID } from './user.ts';

const defaultHeartbeatMs = 30_000;

export type ConsoleOptions = {
  readonly store: Store;
  readonly files: PassingFiles;
  readonly logger: Logger;
  /** All nodes that the user may talk to, asked for whenever a page is told. */
  readonly nodes: () => readonly NodeState[];
  /** LANGUAGE: what pages are written in. */
  readonly languageSetting: LanguageSetting;
  /** What somebody is answered in. */
  readonly language: (chatId: string) => Language;
  readonly journey?: Journey;
  readonly heartbeatMs?: number;
  /** How long a turn without news is shown as running. */
  readonly turnForgetMs?: number;
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
  readonly #live: LiveTurns;
  readonly #acts: UserActs;
  readonly #pages: OpenPages;

  constructor(options: ConsoleOptions) {
    const { store, files, logger, journey, turnForgetMs } = options;
    this.#options = options;
    this.#access = new ConsoleAccess(consoleToken(store));
    this.#history = new ConsoleHistory(store);
    this.#live = new LiveTurns({
      onForgotten: (turnId) => this.#pages.show({ type: 'turn-over', turnId }),
      ...(turnForgetMs !== undefined && { forgetMs: turnForgetMs }),
    });
    this.#acts = new UserActs({
      history: this.#history,
      files,
      show: (frame) => this.#pages.show(frame),
      inUserLanguage: (text) => text[options.language(CONSOLE_CHAT_ID)],
      logger,
      ...(journey && { journey }),
    });
    this.#pages = new OpenPages({ logger, onFrame: (frame) => this.#acts.answer(frame) });
    this.plugin = consolePlugin({
      access: this.#access,
      languageSetting: options.languageSetting,
      openPage: (socket, after) => this.#openPage(socket, after),
      files: { files, fileOf: (messageId, index) => this.#history.file(messageId, index), logger },
    });
  }

  async start(handlers: ChannelHandlers): Promise<void> {
    this.#acts.open(handlers);
    this.#pages.startHeartbeat(this.#options.heartbeatMs ?? defaultHeartbeatMs);
  }

  async send({ text, actions = [], turn, ...to }: OutgoingMessage): Promise<readonly string[]> {
    const content = { text, ...(actions.length > 0 && { actions }), ...(turn && { tookMs: turn.tookMs }) };
    return await this.#add(to, content, turn);
  }

  async sendFile({ fileId, name, size, imageType, ...to }: OutgoingFile): Promise<readonly string[]> {
    return await this.#add(to, { text: '', files: [{ fileId, name, size, isImage: imageType !== undefined }] });
  }

  async fetchFile(_messageId: string, { key }: IncomingAttachment): Promise<AsyncIterable<Uint8Array>> {
    const file = this.#options.files.find(key);
    if (file?.origin.kind !== 'chat') throw new ChatError('refused', texts.fileNotHere);
    return createReadStream(file.path);
  }

  async #add(
    { id, chatId, replyTo }: Pick<OutgoingMessage, 'chatId' | 'id' | 'replyTo'>,
    content: Pick<ConsoleMessage, 'actions' | 'files' | 'text' | 'tookMs'>,
    turn?: EndedTurn,
  ): Promise<readonly string[]> {
    requireOurs(chatId);
    const reply = replyTo === undefined ? {} : { replyTo };
    const message = await stored(this.#history.add({ id, author: 'bot', at: Date.now(), ...reply, ...content }));
    if (turn !== undefined) this.#live.end(turn.id);
    // A repeat of what is shown already.
    if (message === undefined) return [id];
    this.#pages.show({ type: 'message', message, ...(turn && { endsTurn: turn.id }) });
    return [id];
  }

  showTurn(view: TurnView): void {
    if (view.chatId !== CONSOLE_CHAT_ID || !this.#acts.isOpen) return;
    this.#pages.showIfQuick({ type: 'progress', ...this.#live.show(view) });
  }

  async edit({ chatId, shownId, text }: MessageEdit): Promise<void> {
    requireOurs(chatId);
    const message = await stored(this.#history.replaceText(shownId, text));
    if (message !== undefined) this.#pages.show({ type: 'update', message });
  }

  async textOf(messageId: string): Promise<string | undefined> {
    return this.#history.text(messageId);
  }

  health(): ChannelHealth {
    const { isOpen, lastEventAt } = this.#acts;
    return { state: isOpen ? 'connected' : 'off', ...(lastEventAt !== undefined && { lastEventAt }) };
  }

  async stop(): Promise<void> {
    this.#acts.close();
    this.#live.close();
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
    const first: ConsoleFrame = {
      type: 'history',
      ...this.#history.after(after),
      live: this.#live.list(),
      nodes: this.#options.nodes(),
      language: this.#options.languageSetting,
      now: Date.now(),
    };
    this.#pages.add(socket, first);
  }
}

function requireOurs(chatId: string): void {
  if (chatId !== CONSOLE_CHAT_ID) throw new ChatError('refused', texts.noChat(chatId));
}

/** What was to be stored; rejects with ChatError. */
async function stored<T>(storing: Promise<T>): Promise<T> {
  try {
    return await storing;
  } catch (cause) {
    throw new ChatError('unavailable', texts.notStored, { cause });
  }
}
