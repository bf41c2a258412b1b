import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host } from '@phonework/host-client';
import { createHost } from '@phonework/host-client';
import { createLogger } from '@phonework/shared/log';
import { waitFor } from '@phonework/testkit/wait';
import { WebSocketServer } from 'ws';
import { Peer } from './peer.ts';
import { TempFolder } from './temp-folder.ts';

/** The real node, and in the place of its router a socket that says anything. Files are not there, whatever is asked for. */
export class SiegeNode implements AsyncDisposable {
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #folder: TempFolder;
  readonly #host: Host;
  #peer: Peer | undefined;

  private constructor(parts: { http: Server; sockets: WebSocketServer; folder: TempFolder; host: Host }) {
    this.#http = parts.http;
    this.#sockets = parts.sockets;
    this.#folder = parts.folder;
    this.#host = parts.host;
    this.#sockets.on('connection', (socket) => {
      const peer = new Peer(socket);
      // The first thing that a node says is who it is.
      socket.once('message', () => {
        this.#peer = peer;
      });
    });
  }

  static async start(): Promise<SiegeNode> {
    const folder = new TempFolder();
    const http = createServer((request, response) => {
      request.resume();
      response.writeHead(404).end();
    });
    const sockets = new WebSocketServer({ server: http });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    // It listens on TCP, so this is no pipe's name.
    const { port } = http.address() as AddressInfo;
    const config = {
      nodeId: 'home-pc',
      displayName: 'Home PC',
      routerUrl: `ws://127.0.0.1:${port}/ws/node`,
      routerSecret: 'the-secret-of-the-siege',
      servesUsers: ['ou_alice'],
      workingDir: folder.path,
      dataDir: folder.path,
      model: undefined,
      shellPolicy: 'read-only',
      claude: { command: '/nowhere/claude', permissionMode: 'default', turnTimeoutMs: 1000, idleMs: 1000 },
      questionTtlMs: 60_000,
      language: 'auto',
    } as const;
    const logger = await createLogger({ name: 'siege', level: 'silent', secrets: [], terminal: false });
    const host = createHost(config, {
      logger,
      journey: () => {},
      version: '0',
      environment: { PATH: '/nowhere', HOME: folder.path },
      redact: (text) => text,
      linkTimings: { minMs: 1, maxMs: 5, refusedMs: 5, handshakeMs: 2000, silenceMs: 2000 },
    });
    const node = new SiegeNode({ http, sockets, folder, host });
    await host.start();
    return node;
  }

  /** A link on which the node has said who it is; a new one where the last one was closed. */
  async link(): Promise<Peer> {
    return await waitFor(() => (this.#peer?.isOpen === true ? this.#peer : undefined), { what: 'a link' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop();
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close');
    this.#folder[Symbol.dispose]();
  }
}
