import { once } from 'node:events';
import { WebSocket } from 'ws';

type Forward = { readonly id: string; readonly user_id: string; readonly chat_id: string; readonly text: string };

/** A node that acknowledges what it takes, and sends what it is told to. */
export class WireNode {
  /** How many forwards it acknowledged. */
  acknowledged = 0;
  /** What it answers to a forward; undefined: nothing, ever. */
  answer: (forward: Forward) => string | undefined = () => undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#read(JSON.parse(data.toString())));
    socket.on('error', () => socket.terminate());
  }

  /** Resolves when its registration is on the wire: it may be sent things before it knows that it is registered. */
  static async connect(
    house: { readonly url: string; readonly secret: string },
    { nodeId, users }: { readonly nodeId: string; readonly users: readonly string[] },
  ): Promise<WireNode> {
    const headers = { authorization: `Bearer ${house.secret}` };
    const socket = new WebSocket(`${house.url.replace('http', 'ws')}/ws/node`, { headers, perMessageDeflate: false });
    await once(socket, 'open');
    const node = new WireNode(socket);
    node.send({ type: 'register', node_id: nodeId, serves_users: users, protocol: 1, instance_id: nodeId });
    return node;
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #read(frame: { readonly type: string } & Forward): void {
    if (frame.type === 'ping') this.send({ type: 'pong' });
    if (frame.type !== 'forward') return;
    this.send({ type: 'ack', id: frame.id });
    this.acknowledged += 1;
    const reply = this.answer(frame);
    if (reply !== undefined) this.send({ type: 'forward_response', id: frame.id, reply });
  }
}
