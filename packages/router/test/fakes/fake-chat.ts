import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { waitFor } from '@phonework/testkit/wait';
import type {
  ActionOutcome,
  ChannelHandlers,
  ChannelHealth,
  ChannelName,
  ChatChannel,
  IncomingAttachment,
  IncomingMessage,
  MessageEdit,
  OutgoingFile,
  OutgoingMessage,
  TurnView,
} from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';

const presenceNotice = /^(⚠️|✅) Node "[^"]+" (dis|re)connected\.$/;

/** A chat platform in memory. Like a real one, it shows a message once, however often it is sent under its id. */
export class FakeChat implements ChatChannel {
  readonly name: ChannelName;
  /** What people see, in order. */
  readonly shown: OutgoingMessage[] = [];
  /** Each call of `send`, with the time (ms, monotonic) at which it came. */
  readonly attempts: { readonly message: OutgoingMessage; readonly at: number }[] = [];
  readonly views: TurnView[] = [];
  /** Changes of what was shown, in order. */
  readonly edits: MessageEdit[] = [];
  /** Messages with a sign on them that they have arrived. */
  readonly marked = new Set<string>();
  /** Each sign that was ever set. */
  readonly everMarked: string[] = [];
  /** What an edit meets. */
  onEdit: (edit: MessageEdit) => void | Promise<void> = () => {};
  /** What people see of files, in order, with the bytes that were there when each was shown. */
  readonly shownFiles: { readonly file: OutgoingFile; readonly bytes: Buffer }[] = [];
  /** Bytes that came with messages, by their keys. */
  readonly uploads = new Map<string, Buffer>();
  /** Keys that were asked for. */
  readonly fetched: string[] = [];
  /** What happens to a file before it is shown. */
  onSendFile: (file: OutgoingFile) => void | Promise<void> = () => {};
  /** What happens before an attachment is handed out. */
  onFetch: (attachment: IncomingAttachment) => void | Promise<void> = () => {};
  /** What happens to a send before it is shown; a rejection is the platform's refusal. */
  onSend: (message: OutgoingMessage) => void | Promise<void> = () => {};
  state: ChannelHealth = { state: 'connected' };
  #handlers: ChannelHandlers | undefined;

  constructor(name: ChannelName = 'feishu') {
    this.name = name;
  }

  async start(handlers: ChannelHandlers): Promise<void> {
    this.#handlers = handlers;
  }

  async send(message: OutgoingMessage): Promise<readonly string[]> {
    this.attempts.push({ message, at: performance.now() });
    await this.onSend(message);
    this.show(message);
    return [message.id];
  }

  async sendFile(file: OutgoingFile): Promise<readonly string[]> {
    await this.onSendFile(file);
    const bytes = readFileSync(file.path);
    if (!this.shownFiles.some((earlier) => earlier.file.id === file.id)) this.shownFiles.push({ file, bytes });
    return [file.id];
  }

  async fetchFile(_messageId: string, attachment: IncomingAttachment): Promise<AsyncIterable<Uint8Array>> {
    this.fetched.push(attachment.key);
    await this.onFetch(attachment);
    const bytes = this.uploads.get(attachment.key);
    if (bytes === undefined) throw new ChatError('refused', 'There is no such file.');
    return Readable.from([bytes]);
  }

  /** People see the message, whatever the bot is told about it. */
  show(message: OutgoingMessage): void {
    if (!this.shown.some((earlier) => earlier.id === message.id)) this.shown.push(message);
  }

  showTurn(view: TurnView): void {
    this.views.push(view);
  }

  async edit(edit: MessageEdit): Promise<void> {
    await this.onEdit(edit);
    this.edits.push(edit);
  }

  async mark(messageId: string): Promise<string> {
    this.marked.add(messageId);
    this.everMarked.push(messageId);
    return `mark-${messageId}`;
  }

  async unmark(messageId: string): Promise<void> {
    this.marked.delete(messageId);
  }

  async textOf(messageId: string): Promise<string | undefined> {
    return this.shown.find(({ id }) => id === messageId)?.text;
  }

  health(): ChannelHealth {
    return this.state;
  }

  async stop(): Promise<void> {
    this.#handlers = undefined;
  }

  /** Someone writes to the bot: Alice, in her own chat, unless said otherwise. Resolves when the message is taken. */
  async say(text: string, more: Partial<IncomingMessage> = {}): Promise<IncomingMessage> {
    const userId = more.userId ?? 'ou_alice';
    const message: IncomingMessage = {
      id: `om_${randomUUID()}`,
      channel: this.name,
      chatId: `chat-of-${userId}`,
      chatType: 'p2p',
      userId,
      text,
      addressed: true,
      sentAt: Date.now(),
      ...more,
    };
    await this.deliver(message);
    return message;
  }

  /** What the router does with what people do. */
  get handlers(): ChannelHandlers {
    if (this.#handlers === undefined) throw new Error('the channel is not started');
    return this.#handlers;
  }

  /** The platform hands a message over, perhaps not for the first time. */
  async deliver(message: IncomingMessage): Promise<void> {
    await this.handlers.onMessage(message);
  }

  /** Someone presses a button: Alice, unless said otherwise. */
  async press(message: OutgoingMessage, actionId: string, userId = 'ou_alice'): Promise<ActionOutcome> {
    const { id: messageId, chatId } = message;
    return await this.handlers.onAction({ channel: this.name, chatId, userId, messageId, actionId });
  }

  /** The texts in a chat, Alice's unless said otherwise; but for the notices of nodes that come and go. */
  texts(chatId = 'chat-of-ou_alice'): string[] {
    return this.#textsIn(chatId).filter((text) => !presenceNotice.test(text));
  }

  /** The notices of nodes that come and go. */
  presence(chatId = 'chat-of-ou_alice'): string[] {
    return this.#textsIn(chatId).filter((text) => presenceNotice.test(text));
  }

  #textsIn(chatId: string): string[] {
    return this.shown.filter((message) => message.chatId === chatId).map((message) => message.text);
  }

  /** The texts in a chat, once there are `count` of them. */
  async untilShown(count: number, chatId?: string): Promise<string[]> {
    return await waitFor(() => this.texts(chatId).length >= count && this.texts(chatId), {
      what: `${count} messages in the chat (there are ${JSON.stringify(this.texts(chatId))})`,
    });
  }
}
