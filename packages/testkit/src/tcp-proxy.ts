import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { ProxyWeather } from './proxied-pipe.ts';
import { ProxiedPipe } from './proxied-pipe.ts';

export type { ProxyWeather } from './proxied-pipe.ts';

/** A TCP proxy on a port of 127.0.0.1 that passes everything on, half-closed connections too, until it is told otherwise. */
export class TcpProxy {
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  #targetPort: number | undefined;
  #weather: ProxyWeather = {};
  #flapping: NodeJS.Timeout | undefined;

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** `targetPort` is of 127.0.0.1; without it connections are reset until `passTo`. */
  static async start(targetPort?: number): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    proxy.#targetPort = targetPort;
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    // It listens on TCP, so this is no pipe's name.
    return (this.#server.address() as AddressInfo).port;
  }

  get weather(): ProxyWeather {
    return this.#weather;
  }

  /** How many connections are open. */
  get live(): number {
    return this.#connections.size;
  }

  passTo(targetPort: number): void {
    this.#targetPort = targetPort;
  }

  /** Everything goes through again, and what a black hole held goes on. */
  pass(): void {
    this.#stopFlapping();
    this.#change({});
  }

  /** Ends the connections of now, to both sides; new ones are let in. */
  cut(how: 'rst' | 'fin'): void {
    for (const connection of this.#connections) connection.cut(how);
  }

  /** Ends the connections of now, and resets new ones, until `pass`. */
  refuse(how: 'rst' | 'fin' = 'rst'): void {
    this.#change({ refuses: true });
    this.cut(how);
  }

  /** Holds everything, new connections too, until `pass`: nothing is lost, and nobody is told. */
  blackHole(): void {
    this.#change({ isBlackHole: true });
  }

  /** A slow link, until `pass`. */
  slow(link: { readonly bytesPerS?: number; readonly latencyMs?: () => number }): void {
    this.#change(link);
  }

  /** Cuts and passes in turn, until `pass`. `nextMs`: how long the next of these times is. */
  flap(nextMs: () => number): void {
    this.#stopFlapping();
    const turn = () => {
      if (this.#weather.refuses) this.#change({});
      else this.refuse();
      this.#flapping = setTimeout(turn, nextMs());
    };
    turn();
  }

  async close(): Promise<void> {
    this.#stopFlapping();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut('rst');
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #stopFlapping(): void {
    clearTimeout(this.#flapping);
    this.#flapping = undefined;
  }

  #change(weather: ProxyWeather): void {
    this.#weather = weather;
    for (const connection of this.#connections) connection.weatherChanged();
  }

  #accept(client: Socket): void {
    // A peer that is gone is seen by the close.
    client.on('error', () => {});
    if (this.#weather.refuses || this.#targetPort === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const connection = new ProxiedConnection(client, server, () => this.#weather);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

/** A connection to the proxy, with its own to the target. */
class ProxiedConnection {
  readonly closed: Promise<unknown>;
  readonly #sockets: readonly Socket[];
  readonly #pipes: readonly ProxiedPipe[];

  constructor(client: Socket, server: Socket, weather: () => ProxyWeather) {
    this.#sockets = [client, server];
    this.#pipes = [new ProxiedPipe(client, server, weather), new ProxiedPipe(server, client, weather)];
    server.setNoDelay();
    client.setNoDelay();
    const gone = new Promise<void>((resolve) => {
      for (const socket of this.#sockets) {
        socket.on('error', () => {});
        socket.on('close', (hadError) => {
          if (hadError) this.#passOnReset();
          if (this.#sockets.every(({ destroyed }) => destroyed)) resolve();
        });
      }
    });
    this.closed = gone;
  }

  cut(how: 'rst' | 'fin'): void {
    for (const pipe of this.#pipes) pipe.close();
    for (const socket of this.#sockets) {
      if (how === 'rst') reset(socket);
      else socket.end(() => socket.destroy());
    }
  }

  weatherChanged(): void {
    for (const pipe of this.#pipes) pipe.weatherChanged();
    this.#passOnReset();
  }

  /** One side was reset: so is the other, once the news can travel. */
  #passOnReset(): void {
    if (this.#pipes.some((pipe) => pipe.isHeld) || !this.#sockets.some(({ errored }) => errored !== null)) return;
    for (const pipe of this.#pipes) pipe.close();
    for (const socket of this.#sockets) reset(socket);
  }
}

/**
 * A socket that connects, or whose end is on its way, can't be reset: the handle would stay open for ever, and the process
 * would spin at its exit.
 */
function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
