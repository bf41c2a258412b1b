import { randomUUID } from 'node:crypto';
import { waitFor } from '@phonework/testkit/wait';
import type {
  ChannelHealth,
  ChannelName,
  ChatChannel,
  IncomingMessage,
  OutgoingMessage,
} from '../../src/bot/chat-channel.ts';

type Progress = { readonly chatId: string; readonly replyTo: string; readonly text: string };

/** A chat platform in memory. Like a real one, it shows a message once, however often it is sent under its id. */
export class FakeChat implements ChatChannel {
  readonly name: ChannelName;
  /** What people see, in order. */
  readonly shown: OutgoingMessage[] = [];
  /** Each call of `send`, with the time (ms, monotonic) at which it came. */
  readonly attempts: { readonly message: OutgoingMessage; readonly at: number }[] = [];
  readonly progress: Progress[] = [];
  /** What happens to a send before it is shown; a rejection is the platform's refusal. */
  onSend: (message: OutgoingMessage) => void | Promise<void> = () => {};
  state: ChannelHealth = { state: 'connected' };
  #onMessage: ((message: IncomingMessage) => Promise<void>) | undefined;

  constructor(name: ChannelName = 'feishu') {
    this.name = name;
  }

  async start(onMessage: (message: IncomingMessage) => Promise<void>): Promise<void> {
    this.#onMessage = onMessage;
  }

  async send(message: OutgoingMessage): Promise<void> {
    this.attempts.push({ message, at: performance.now() });
    await this.onSend(message);
    this.show(message);
  }

  /** People see the message, whatever the bot is told about it. */
  show(message: OutgoingMessage): void {
    if (!this.shown.some((earlier) => earlier.id === message.id)) this.shown.push(message);
  }

  showProgress(progress: Progress): void {
    this.progress.push(progress);
  }

  health(): ChannelHealth {
    return this.state;
  }

  async stop(): Promise<void> {
    this.#onMessage = undefined;
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

  /** The platform hands a message over, perhaps not for the first time. */
  async deliver(message: IncomingMessage): Promise<void> {
    if (this.#onMessage === undefined) throw new Error('the channel is not started');
    await this.#onMessage(message);
  }

  /** The texts in a chat, Alice's unless said otherwise. */
  texts(chatId = 'chat-of-ou_alice'): string[] {
    return this.shown.filter((message) => message.chatId === chatId).map((message) => message.text);
  }

  /** The texts in a chat, once there are `count` of them. */
  async untilShown(count: number, chatId?: string): Promise<string[]> {
    return await waitFor(() => this.texts(chatId).length >= count && this.texts(chatId), {
      what: `${count} messages in the chat (there are ${JSON.stringify(this.texts(chatId))})`,
    });
  }
}
