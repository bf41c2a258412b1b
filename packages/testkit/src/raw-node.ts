import { WebSocket } from 'ws';
import { waitFor } from './wait.ts';

/** A frame as it came from the router, without any check. */
export type RawFrame = {
  readonly type: string;
  readonly id?: string;
  readonly attachments?: readonly { readonly id: string; readonly kind: string; readonly name: string }[];
};

/** A node, `raw-node`, that does nothing by itself but register: no ack, no pong. */
export class RawNode {
  readonly #socket: WebSocket;
  readonly #frames: RawFrame[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#frames.push(JSON.parse(data.toString())));
    socket.on('error', () => socket.terminate());
  }

  /** Resolves when it is registered. */
  static async connect(house: { readonly url: string; readonly secret: string }): Promise<RawNode> {
    const headers = { authorization: `Bearer ${house.secret}` };
    const node = new RawNode(new WebSocket(`${house.url.replace('http', 'ws')}/ws/node`, { headers }));
    const who = { node_id: 'raw-node', serves_users: ['ou_alice'], protocol: 1, instance_id: '1' };
    node.#socket.once('open', () => node.send({ type: 'register', ...who }));
    await node.got('registered');
    return node;
  }

  send(...frames: readonly object[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  /** The first frame of this type. */
  async got(type: string): Promise<RawFrame> {
    return await waitFor(() => this.#frames.find((frame) => frame.type === type), { what: `a ${type} frame` });
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
