import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { isRecord } from './content.ts';
import { decodeFrame, encodeFrame } from './frame.ts';

/** What the platform tells its clients; all in seconds, and fractions are fine. */
export type ClientConfig = {
  readonly ReconnectCount: number;
  readonly ReconnectInterval: number;
  readonly ReconnectNonce: number;
  readonly PingInterval: number;
};

/** One copy of an event on its way through one socket. Times are ms since the epoch. */
export type Delivery = {
  readonly eventId: string;
  readonly eventType: string;
  /** Counts the sockets from 1, in the order in which they opened. */
  readonly socket: number;
  readonly sentAt: number;
  ackedAt?: number;
  /** 200, or 500 when the client's handler failed. */
  ackCode?: number;
  /** What the client's handler returned. */
  answer?: unknown;
};

/** An event in the platform's words (schema 2.0). */
export type PlatformEvent = {
  readonly schema: '2.0';
  readonly header: { readonly event_id: string; readonly event_type: string } & Readonly<Record<string, string>>;
  readonly event: Readonly<Record<string, unknown>>;
};

type Client = { readonly socket: WebSocket; readonly number: number; ready: boolean; silent: boolean };
type Pending = { readonly event: PlatformEvent; attempt: number };

const serviceId = 33554678;

/** The long connections: each event goes to one of them, and again when it is not acknowledged in time. */
export class EventSockets {
  /** `refuse` answers a handshake with 503, `hang` never answers it. */
  admission: 'open' | 'refuse' | 'hang' = 'open';
  /** What becomes of an event that comes when no client is there: it waits for the next one, or is never brought. */
  whenAlone: 'keep' | 'lose' = 'keep';
  readonly deliveries: Delivery[] = [];
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #clientConfig: ClientConfig;
  readonly #ackTimeoutMs: number;
  readonly #redeliverAfterMs: readonly number[];
  readonly #clients = new Set<Client>();
  readonly #hanging = new Set<Duplex>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Frame id → what its acknowledgement does. */
  readonly #acks = new Map<string, (code: number, answer: unknown) => void>();
  /** Events that no socket was there for. */
  readonly #parked: Pending[] = [];
  #opened = 0;
  #refused = 0;
  #turn = 0;

  constructor(options: {
    readonly clientConfig: ClientConfig;
    readonly ackTimeoutMs: number;
    readonly redeliverAfterMs: readonly number[];
  }) {
    this.#clientConfig = options.clientConfig;
    this.#ackTimeoutMs = options.ackTimeoutMs;
    this.#redeliverAfterMs = options.redeliverAfterMs;
  }

  /** How many sockets have ever been opened. */
  get opened(): number {
    return this.#opened;
  }

  /** How many handshakes were answered with 503. */
  get refused(): number {
    return this.#refused;
  }

  /** How many are open and in use by a client, the half-open ones too. */
  get live(): number {
    return this.#clients.size;
  }

  /** How many handshakes wait for an answer that does not come. */
  get hanging(): number {
    return this.#hanging.size;
  }

  endpoint(host: string): { readonly URL: string; readonly ClientConfig: ClientConfig } {
    const ticket = randomBytes(16).toString('hex');
    const query = `fpid=493&aid=552564&device_id=1&access_key=${ticket}&service_id=${serviceId}&ticket=${ticket}`;
    return { URL: `ws://${host}/ws/v2?${query}`, ClientConfig: this.#clientConfig };
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (this.admission === 'hang') {
      this.#hanging.add(stream);
      stream.once('close', () => this.#hanging.delete(stream));
      stream.on('error', () => stream.destroy());
      stream.on('end', () => stream.destroy());
      stream.resume();
      return;
    }
    if (this.admission === 'refuse') {
      this.#refused += 1;
      stream.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#admit(socket));
  }

  dropHanging(): void {
    for (const stream of this.#hanging) stream.destroy();
  }

  deliver(event: PlatformEvent): void {
    this.#attempt({ event, attempt: 0 });
  }

  drop(how: 'close' | 'terminate'): void {
    for (const client of this.#clients) {
      client.ready = false;
      if (how === 'close') client.socket.close(1001);
      else client.socket.terminate();
    }
  }

  /** The sockets of now stay open, and nothing comes through them any more. */
  goHalfOpen(): void {
    for (const client of this.#clients) client.silent = true;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.dropHanging();
    this.drop('terminate');
    this.#server.close();
  }

  #admit(socket: WebSocket): void {
    this.#opened += 1;
    const client: Client = { socket, number: this.#opened, ready: false, silent: false };
    this.#clients.add(client);
    socket.on('message', (data) => this.#receive(client, data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#clients.delete(client));
  }

  #receive(client: Client, data: RawData): void {
    if (client.silent || !Buffer.isBuffer(data)) return;
    const frame = decodeFrame(data);
    if (frame.kind === 'data') {
      const payload: unknown = JSON.parse(frame.payload.toString());
      const code = isRecord(payload) && typeof payload.code === 'number' ? payload.code : 0;
      const data = isRecord(payload) && typeof payload.data === 'string' ? payload.data : undefined;
      const answer: unknown = data === undefined ? undefined : JSON.parse(Buffer.from(data, 'base64').toString());
      this.#acks.get(frame.headers.message_id ?? '')?.(code, answer);
      return;
    }
    if (frame.headers.type !== 'ping') return;
    const payload = Buffer.from(JSON.stringify(this.#clientConfig));
    client.socket.send(encodeFrame({ ...frame, headers: { type: 'pong' }, payload }));
    // The SDK listens only a moment after the handshake, and an event in between would be lost on it.
    client.ready = true;
    for (const pending of this.#parked.splice(0)) this.#attempt(pending);
  }

  #attempt(pending: Pending): void {
    const usable = [...this.#clients].filter((client) => client.ready);
    const client = usable[this.#turn++ % Math.max(usable.length, 1)];
    if (client === undefined) {
      if (this.whenAlone === 'keep') this.#parked.push(pending);
      return;
    }
    const { event } = pending;
    const delivery: Delivery = {
      eventId: event.header.event_id,
      eventType: event.header.event_type,
      socket: client.number,
      sentAt: Date.now(),
    };
    this.deliveries.push(delivery);
    const frameId = randomBytes(8).toString('hex');
    const overdue = this.#after(this.#ackTimeoutMs, () => this.#retryLater(pending));
    this.#acks.set(frameId, (code, answer) => {
      this.#acks.delete(frameId);
      delivery.ackedAt = Date.now();
      delivery.ackCode = code;
      delivery.answer = answer;
      // One that comes too late changes nothing: the event is on its way again.
      if (!this.#cancel(overdue)) return;
      if (code !== 200) this.#retryLater(pending);
    });
    if (client.silent) return;
    const headers = { type: 'event', message_id: frameId, sum: '1', seq: '0', trace_id: frameId };
    const payload = Buffer.from(JSON.stringify(event));
    client.socket.send(encodeFrame({ kind: 'data', service: serviceId, headers, payload }));
  }

  #retryLater(pending: Pending): void {
    // A callback is waited for by a person: Feishu never brings it again.
    if (pending.event.header.event_type === 'card.action.trigger') return;
    const wait = this.#redeliverAfterMs[pending.attempt];
    pending.attempt += 1;
    if (wait !== undefined) this.#after(wait, () => this.#attempt(pending));
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  /** False when it has run already. */
  #cancel(timer: NodeJS.Timeout): boolean {
    clearTimeout(timer);
    return this.#timers.delete(timer);
  }
}
