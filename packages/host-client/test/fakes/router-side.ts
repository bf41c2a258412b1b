import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Registered, RouterFrame } from '@phonework/shared/protocol';
import { encode } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

/** A frame as it came from a node, without any check. */
export type RawFrame = Readonly<Record<string, unknown>> & { readonly type: string };

/** One socket of a node, seen from the router. */
export class RouterLink {
  readonly headers: IncomingHttpHeaders;
  readonly socket: WebSocket;
  readonly frames: RawFrame[] = [];
  /** How many bytes of frames came in. */
  receivedBytes = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(socket: WebSocket, headers: IncomingHttpHeaders) {
    this.socket = socket;
    this.headers = headers;
    socket.on('message', (data) => {
      const text = data.toString();
      this.receivedBytes += Buffer.byteLength(text);
      // What nodes write is an object with a type; tests look at the rest by hand.
      this.frames.push(JSON.parse(text) as RawFrame);
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  send(...frames: readonly RouterFrame[]): void {
    for (const frame of frames) this.socket.send(encode(frame));
  }

  of(type: string): RawFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  ids(type: string): unknown[] {
    return this.of(type).map((frame) => frame.id);
  }

  /** Resolves when `count` frames of this type have come. */
  async got(type: string, count = 1): Promise<RawFrame[]> {
    return await waitFor(() => this.of(type).length >= count && this.of(type), { what: `${count} frames of ${type}` });
  }

  async gone(): Promise<{ readonly code: number; readonly reason: string }> {
    return await waitFor(() => this.closed, { what: 'the link to be closed' });
  }
}

/** The router's end of the link, as a real server; what it says is up to the test. */
export class RouterSide {
  readonly links: RouterLink[] = [];
  /** When set, the answer to an upgrade instead of one. */
  refuseWith: number | undefined;
  /** When set, an upgrade with another secret gets 401. */
  secret: string | undefined;
  /** How many asked for an upgrade. */
  attempts = 0;
  /** What is said to a node that registers. */
  onRegister: (link: RouterLink) => void = (link) => link.send(registered);
  readonly #server: WebSocketServer;

  private constructor(port: number, autoPong: boolean) {
    this.#server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      autoPong,
      verifyClient: ({ req }, answer) => {
        this.attempts += 1;
        const isRight = this.secret === undefined || req.headers.authorization === `Bearer ${this.secret}`;
        const status = this.refuseWith ?? (isRight ? 101 : 401);
        answer(status === 101, status);
      },
    });
    this.#server.on('connection', (socket, request) => {
      const link = new RouterLink(socket, request.headers);
      this.links.push(link);
      socket.once('message', () => this.onRegister(link));
    });
  }

  static async start({ port = 0, autoPong = true } = {}): Promise<RouterSide> {
    const router = new RouterSide(port, autoPong);
    await once(router.#server, 'listening');
    return router;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the router is closed');
    return address.port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws/node`;
  }

  /** The `nth` link, counted from 1, once the node has registered on it. */
  async link(nth = 1): Promise<RouterLink> {
    const link = await waitFor(() => this.links[nth - 1], { what: `link ${nth}` });
    await link.got('register');
    return link;
  }

  /** Ends like a process that is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

export const registered: Registered = { type: 'registered', protocol: 1, heartbeat_interval_s: 30 };
