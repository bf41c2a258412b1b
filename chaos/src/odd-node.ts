import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message that a router has sent, as far as odd nodes look at it. */
export type Forward = {
  readonly id: string;
  readonly user_id: string;
  readonly chat_id: string;
  readonly text: string;
};

export type OddNodeOptions = {
  /** ws://…/ws/node */
  readonly url: string;
  readonly secret: string;
  readonly nodeId: string;
  readonly users: readonly string[];
  readonly instanceId: string;
  /** What it does with each message, repeats too. */
  readonly onForward: (forward: Forward, node: OddNode) => void;
};

/** A node that does with messages what it is told, and nothing else but to answer pings. */
export class OddNode {
  readonly #socket: WebSocket;
  /** Answers that the router has not acknowledged, by their ids. */
  readonly #unacknowledged = new Set<string>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => socket.terminate());
  }

  /** Resolves when it is registered, rejects when it is refused. */
  static async connect({ url, secret, nodeId, users, instanceId, onForward }: OddNodeOptions): Promise<OddNode> {
    const headers = { authorization: `Bearer ${secret}` };
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    const node = new OddNode(socket);
    const registered = new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => {
        const frame = JSON.parse(data.toString());
        if (frame.type === 'registered' && frame.error === undefined) resolve();
        if (frame.type === 'ping') node.send({ type: 'pong' });
        if (frame.type === 'ack') node.#unacknowledged.delete(frame.id);
        if (frame.type === 'forward') onForward(frame, node);
      });
      socket.once('close', (code, reason) => reject(new Error(`${nodeId} was closed: ${code} ${reason}`)));
    });
    // It may be refused before it is waited for.
    registered.catch(() => {});
    await once(socket, 'open');
    node.send({
      type: 'register',
      node_id: nodeId,
      serves_users: users,
      protocol: 1,
      instance_id: instanceId,
    });
    await registered;
    return node;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Whether the router has acknowledged every answer. */
  get isDone(): boolean {
    return this.#unacknowledged.size === 0;
  }

  ack({ id }: Forward): void {
    this.send({ type: 'ack', id });
  }

  answer({ id }: Pick<Forward, 'id'>, reply: string): void {
    this.#unacknowledged.add(id);
    this.send({ type: 'forward_response', id, reply, error: '' });
  }

  /** A frame of any kind; lost when the socket is no longer open. */
  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame), () => {});
  }

  /** As when a cable is pulled. */
  drop(): void {
    this.#socket.terminate();
  }

  [Symbol.dispose](): void {
    this.drop();
  }
}
