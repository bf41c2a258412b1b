import { once } from 'node:events';
import type { RouterFrame } from '@phonework/shared/protocol';
import { decodeRouterFrame } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import type { ClientOptions } from 'ws';
import { WebSocket } from 'ws';

type Frame<Type extends RouterFrame['type']> = Extract<RouterFrame, { type: Type }>;

/** What a well-behaved node of today says about itself. */
export const homePc = {
  type: 'register',
  node_id: 'home-pc',
  display_name: 'Home PC',
  serves_users: ['ou_alice'],
  working_dir: '/home/alice',
  capabilities: ['shell'],
  protocol: 1,
  version: '0.1.0',
  instance_id: 'instance-1',
};

/** A node that says what the test makes it say, and nothing else: no ack, no pong. */
export class RawNode {
  readonly socket: WebSocket;
  readonly frames: RouterFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  #read = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const frame = decodeRouterFrame(data.toString());
      if (frame !== null) this.frames.push(frame);
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  /** A socket that has not registered yet. */
  static async connect(url: string, secret: string, options: ClientOptions = {}): Promise<RawNode> {
    const node = new RawNode(
      new WebSocket(url, { ...options, headers: { authorization: `Bearer ${secret}`, ...options.headers } }),
    );
    await once(node.socket, 'open');
    return node;
  }

  /** An object becomes a JSON text frame, a text is sent as it is, and a buffer as a binary frame. */
  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The next frame of this type that was not read yet; those before it are passed over. */
  async next<Type extends RouterFrame['type']>(type: Type): Promise<Frame<Type>> {
    return await waitFor(
      () => {
        while (this.#read < this.frames.length) {
          const frame = this.frames[this.#read];
          this.#read += 1;
          // Narrowed by the comparison, which TypeScript does not carry over to the type parameter.
          if (frame?.type === type) return frame as Frame<Type>;
        }
        if (this.closed !== undefined) throw new Error(`closed with ${this.closed.code} ${this.closed.reason}`);
        return undefined;
      },
      { what: `a ${type} frame` },
    );
  }

  /** The next forward, acknowledged. */
  async take(): Promise<Frame<'forward'>> {
    const forward = await this.next('forward');
    this.send({ type: 'ack', id: forward.id });
    return forward;
  }

  /** Takes the next forward and answers it. */
  async answer(reply: string): Promise<Frame<'forward'>> {
    const forward = await this.take();
    this.send({ type: 'forward_response', id: forward.id, reply });
    return forward;
  }

  /** From now on it does what is due of itself, as a healthy node: answers pings, acknowledges what it gets. */
  behave(): this {
    this.socket.on('message', (data) => {
      const frame = decodeRouterFrame(data.toString());
      if (frame?.type === 'ping') this.send({ type: 'pong' });
      if (frame?.type === 'forward' || frame?.type === 'action') this.send({ type: 'ack', id: frame.id });
    });
    return this;
  }

  /** The frames of this type so far. */
  all<Type extends RouterFrame['type']>(type: Type): Frame<Type>[] {
    return this.frames.filter((frame): frame is Frame<Type> => frame.type === type);
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    return await waitFor(() => this.closed, { what: 'the close of the socket' });
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
