import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { ChannelHandlers, ChatChannel, OutgoingMessage } from '../../packages/router/src/bot/chat-channel.ts';

/**
 * A chat of any speed: Feishu takes 50 messages a second, and the router keeps to that. Events come in over a WebSocket,
 * answers go out over it.
 */
export class SocketChat implements ChatChannel {
  readonly name = 'feishu';
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  #socket: WebSocket | undefined;

  async start({ onMessage }: ChannelHandlers): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (data) => {
        const { id, chat_id: chatId, text } = JSON.parse(data.toString());
        const who = { channel: this.name, chatId, chatType: 'p2p', userId: `ou_${chatId}` } as const;
        void onMessage({ ...who, id, text, addressed: true, sentAt: Date.now() });
      });
    });
  }

  async url(): Promise<string> {
    if (this.#server.address() === null) await once(this.#server, 'listening');
    // It listens on TCP, so this is no pipe's name.
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async send({ id, replyTo, text }: OutgoingMessage): Promise<readonly string[]> {
    this.#socket?.send(JSON.stringify({ reply_to: replyTo, text }));
    return [id];
  }

  async sendFile(): Promise<readonly string[]> {
    return [];
  }

  async edit(): Promise<void> {}

  showTurn(): void {}

  async textOf(): Promise<undefined> {
    return undefined;
  }

  async fetchFile(): Promise<never> {
    throw new Error('no files here');
  }

  health() {
    return { state: 'connected' } as const;
  }

  async stop(): Promise<void> {
    this.#server.close();
  }
}
