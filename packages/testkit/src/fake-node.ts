import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

type Forward = { readonly id: string; readonly user_id: string; readonly text: string };

/**
 * A node that answers every message with "NODE: TEXT", and keeps the rules of the wire: it remembers what it took,
 * and sends an answer again until it is acknowledged. A hundred of them cost as much as one real one.
 */
export class FakeNode {
  readonly nodeId: string;
  /** How many messages it answered, each once. */
  answered = 0;
  readonly #options: { readonly url: string; readonly secret: string; readonly users: readonly string[] };
  readonly #taken = new Set<string>();
  readonly #unacknowledged = new Map<string, string>();
  #socket: WebSocket | undefined;

  constructor(
    nodeId: string,
    options: { readonly url: string; readonly secret: string; readonly users: readonly string[] },
  ) {
    this.nodeId = nodeId;
    this.#options = options;
  }

  /** Resolves when it is registered. */
  async connect(): Promise<void> {
    const { url, secret, users } = this.#options;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${secret}` }, perMessageDeflate: false });
    this.#socket = socket;
    socket.on('error', () => socket.terminate());
    await once(socket, 'open');
    const registered = new Promise<void>((resolve) => {
      socket.on('message', (data) => this.#read(JSON.parse(data.toString()), resolve));
    });
    socket.send(
      JSON.stringify({
        type: 'register',
        node_id: this.nodeId,
        serves_users: users,
        protocol: 1,
        instance_id: this.nodeId,
      }),
    );
    await registered;
    for (const frame of this.#unacknowledged.values()) socket.send(frame);
  }

  /** As when a cable is pulled. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** Tells a user that a task is done; at once, or after the next connect. */
  report(to: { readonly userId: string; readonly chatId: string; readonly result: string }): void {
    const id = randomUUID();
    const frame = JSON.stringify({
      type: 'task_complete',
      id,
      task_id: 'abc123',
      user_id: to.userId,
      chat_id: to.chatId,
      result: to.result,
    });
    this.#unacknowledged.set(id, frame);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  #read(frame: { readonly type: string } & Forward, onRegistered: () => void): void {
    if (frame.type === 'registered') onRegistered();
    if (frame.type === 'ping') this.#socket?.send(JSON.stringify({ type: 'pong' }));
    if (frame.type === 'ack') this.#unacknowledged.delete(frame.id);
    if (frame.type !== 'forward') return;
    this.#socket?.send(JSON.stringify({ type: 'ack', id: frame.id }));
    if (this.#taken.has(frame.id)) return;
    this.#taken.add(frame.id);
    this.answered += 1;
    const reply = JSON.stringify({
      type: 'forward_response',
      id: frame.id,
      reply: `${this.nodeId}: ${frame.text}`,
      error: '',
    });
    this.#unacknowledged.set(frame.id, reply);
    this.#socket?.send(reply);
  }
}
