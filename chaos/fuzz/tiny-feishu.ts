import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** Enough for every call: those who ask look at the part that they need. */
const answer = JSON.stringify({
  code: 0,
  msg: 'ok',
  tenant_access_token: 't-1',
  expire: 7200,
  bot: { open_id: 'ou_bot' },
  data: { message_id: 'om_sent', card_id: 'card_1', online_instance_cnt: 1, items: [] },
});

/** A platform that takes everything and keeps nothing, and says over its long connection whatever it is given. */
export class TinyFeishu implements AsyncDisposable {
  readonly #http: Server = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http });

  static async start(): Promise<TinyFeishu> {
    const feishu = new TinyFeishu();
    feishu.#http.listen(0, '127.0.0.1');
    await once(feishu.#http, 'listening');
    return feishu;
  }

  get url(): string {
    return `http://${this.#host}`;
  }

  /** The app's end of the long connection that is open now. */
  get client(): WebSocket | undefined {
    return [...this.#sockets.clients].findLast(({ readyState }) => readyState === WebSocket.OPEN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close');
  }

  get #host(): string {
    // It listens on TCP, so this is no pipe's name.
    const { port } = this.#http.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (request.url?.startsWith('/callback/ws/endpoint') !== true) {
      response.end(answer);
      return;
    }
    const config = { ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 0, PingInterval: 120 };
    const url = `ws://${this.#host}/ws?device_id=1&service_id=1&access_key=1&ticket=1`;
    response.end(JSON.stringify({ code: 0, msg: 'ok', data: { URL: url, ClientConfig: config } }));
  }
}
