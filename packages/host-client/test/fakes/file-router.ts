import { once } from 'node:events';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

type Put = { readonly id: string; readonly bytes: Buffer; readonly headers: IncomingHttpHeaders };

/** The router's door for files, as a real server; how it answers is up to the test. */
export class FileRouter {
  /** What was brought whole, in order, also when it was refused then. */
  readonly puts: Put[] = [];
  /** Which ids were asked for, in order. */
  readonly gets: string[] = [];
  /** What can be fetched. */
  readonly files = new Map<string, Buffer>();
  /** The next answers, one a request: a status, or `cut` in the middle; then it does what it is asked. */
  readonly troubles: (number | 'cut')[] = [];
  /** While it is set, nothing is answered. */
  hold: Promise<void> | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const id = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
      void (async () => {
        const trouble = this.troubles.shift();
        if (trouble === 'cut') {
          request.destroy();
          return;
        }
        if (request.method === 'PUT') {
          this.puts.push({ id, bytes: await buffer(request), headers: request.headers });
          await this.hold;
          response.writeHead(trouble ?? 201).end();
          return;
        }
        this.gets.push(id);
        await this.hold;
        const file = this.files.get(id);
        response.writeHead(trouble ?? (file === undefined ? 404 : 200)).end(file);
      })().catch(() => response.destroy());
    });
  }

  static async start(): Promise<FileRouter> {
    const router = new FileRouter();
    router.#server.listen(0, '127.0.0.1');
    await once(router.#server, 'listening');
    return router;
  }

  /** As in ROUTER_URL. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the router is closed');
    return `ws://127.0.0.1:${address.port}/ws/node`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
