import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** An HTTP server on a port of 127.0.0.1. */
export class LocalServer {
  readonly #server: Server;

  constructor(serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
    this.#server = createServer((request, response) => {
      // A client that hangs up, or close(), ends the answer half-way; there is nobody left to tell.
      serve(request, response).catch(() => response.destroy());
    });
  }

  /** Any free port without one. */
  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** `http://127.0.0.1:PORT`. Throws once the server is closed. */
  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Ends what is being answered too. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
