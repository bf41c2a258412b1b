import { once } from 'node:events';
import type { ClientOptions } from 'ws';
import { WebSocket } from 'ws';

/** What an answer may take before it is given up. */
const LISTEN_MS = 9000;

/** How a socket was closed from the other end. */
export type Closing = { readonly code: number; readonly reason: string };

/** One end of a WebSocket, that says anything. */
export class Peer implements Disposable {
  readonly socket: WebSocket;
  /** The last texts that came. */
  readonly heard: string[] = [];
  closing: Closing | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.heard.push(data.toString());
      if (this.heard.length > 100) this.heard.shift();
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.closing = { code, reason: reason.toString() };
    });
  }

  static async connect(url: string, options: ClientOptions): Promise<Peer> {
    const peer = new Peer(new WebSocket(url, options));
    await once(peer.socket, 'open');
    return peer;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when the other end has read all that was said so far: to undefined, or to how it closed the socket. */
  async settled(): Promise<Closing | undefined> {
    const done = new AbortController();
    const { signal } = done;
    try {
      if (this.isOpen) {
        this.socket.ping();
        await Promise.race([once(this.socket, 'pong', { signal }), once(this.socket, 'close', { signal })]);
      }
      if (this.isOpen) return undefined;
      if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close', { signal });
      return this.closing;
    } finally {
      done.abort();
    }
  }

  /** A text that came and has `piece` in it, once it is there; throws when it does not come. */
  async hears(piece: string): Promise<string> {
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(LISTEN_MS)]);
    const closed = once(this.socket, 'close', { signal });
    try {
      for (;;) {
        const found = this.heard.find((text) => text.includes(piece));
        if (found !== undefined) return found;
        if (!this.isOpen) throw new Error(`no ${piece}: ${JSON.stringify(this.closing)}`);
        await Promise.race([once(this.socket, 'message', { signal }), closed]);
      }
    } finally {
      closed.catch(() => {});
      done.abort();
    }
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
