import { WebSocket } from 'ws';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type {
  ForwardRequest,
  ForwardResponse,
  NodeFrame,
  NodeMessage,
  Register,
  Registered,
  RouterFrame,
  TaskComplete,
} from '@phonework/shared/protocol';
import { CloseCode, decodeRouterFrame, encode, MAX_FRAME_BYTES, ProtocolError } from '@phonework/shared/protocol';
import type { BackoffTimings } from './backoff.ts';
import { backoffMs } from './backoff.ts';

/** What a node must get to the router. */
export type RouterParcel = ForwardResponse | TaskComplete | NodeMessage;

/** The one peer of a node's outbox. */
export const ROUTER = 'router';

const WINDOW = 64;

export type LinkTimings = BackoffTimings & {
  /** After a refusal that only a person can mend. */
  readonly refusedMs: number;
  /** For the handshake, and then for the answer to `register`. */
  readonly handshakeMs: number;
  /** On top of two heartbeats, before a silent router is taken for gone. */
  readonly silenceMs: number;
};

const defaultTimings: LinkTimings = {
  minMs: 500,
  maxMs: 30_000,
  refusedMs: 30_000,
  handshakeMs: 10_000,
  silenceMs: 10_000,
};

export type NodeClientOptions = {
  readonly url: string;
  readonly secret: string;
  readonly register: Register;
  readonly outbox: Outbox<RouterParcel>;
  /** Resolves when the message is stored: then it is acknowledged. */
  readonly onForward: (forward: ForwardRequest) => Promise<void>;
  readonly onCancel: (forwardId: string) => void;
  readonly onRegistered: () => void;
  readonly journey: Journey;
  readonly logger: Logger;
  readonly timings?: Partial<LinkTimings>;
};

/** The node's end of the link: connects, registers, sends what waits, and comes back for ever. */
export class NodeClient {
  readonly #options: NodeClientOptions;
  readonly #timings: LinkTimings;
  readonly #logger: Logger;
  #socket: WebSocket | undefined;
  #isRegistered = false;
  #detach: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  /** The refusal that was said last: it is said once, however often it comes. */
  #saidRefusal: string | undefined;
  #stopped = false;

  constructor(options: NodeClientOptions) {
    this.#options = options;
    this.#timings = { ...defaultTimings, ...options.timings };
    this.#logger = options.logger;
  }

  /** Begins to connect. */
  start(): void {
    this.#connect();
  }

  /** Sends what may be lost; does nothing while there is no link. */
  sendLossy(frame: NodeFrame): void {
    if (this.#isRegistered) this.#send(frame);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#drop();
    const socket = this.#socket;
    socket?.close(CloseCode.shuttingDown, 'the node shuts down');
    setTimeout(() => socket?.terminate(), 1000).unref();
  }

  #connect(): void {
    if (this.#stopped) return;
    const socket = new WebSocket(this.#options.url, {
      headers: { authorization: `Bearer ${this.#options.secret}` },
      handshakeTimeout: this.#timings.handshakeMs,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    let retryMs: number | undefined;
    socket.on('unexpected-response', (_request, response) => {
      retryMs = this.#refused(response.statusCode ?? 0);
      response.resume();
      socket.terminate();
    });
    socket.on('open', () => {
      this.#send(this.#options.register);
      this.#expectWithin(this.#timings.handshakeMs);
    });
    socket.on('message', (data, isBinary) => {
      try {
        this.#read(data.toString(), isBinary);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#logger.warn({ why: error.message }, 'the router broke the protocol');
        socket.close(CloseCode.badFrame, error.message.slice(0, 120));
      }
    });
    socket.on('error', (error) => this.#logger.debug({ err: error }, 'the link failed'));
    socket.on('close', (code, reason) => {
      if (code === CloseCode.nodeIdTaken) retryMs = this.#timings.refusedMs;
      this.#closed(code, reason.toString(), retryMs);
    });
  }

  /** How long to wait after an answer that was no upgrade. */
  #refused(status: number): number | undefined {
    if (status === 401) {
      this.#sayRefusal('The router refuses this node (401): its ROUTER_SECRET is another one. Mend it on either side.');
    } else if (status === 403 || status === 404) {
      this.#sayRefusal(`There is no door for nodes at ROUTER_URL (${status}): it ends in /ws/node.`);
    } else return undefined;
    return this.#timings.refusedMs;
  }

  #sayRefusal(text: string): void {
    if (this.#saidRefusal === text) return;
    this.#saidRefusal = text;
    this.#logger.error(`${text} Trying again every ${this.#timings.refusedMs / 1000} s.`);
  }

  #closed(code: number, reason: string, retryMs: number | undefined): void {
    const wasRegistered = this.#isRegistered;
    this.#drop();
    if (this.#stopped) return;
    this.#failures += 1;
    const waitMs = retryMs ?? backoffMs(this.#failures, this.#timings);
    if (wasRegistered) this.#logger.warn({ code, reason }, 'the link to the router is lost, connecting again');
    else if (this.#failures === 1 && retryMs === undefined) {
      this.#logger.warn({ url: this.#options.url }, 'the router can not be reached, trying again for ever');
    }
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#isRegistered = false;
    this.#detach?.();
    this.#detach = undefined;
  }

  #expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket?.terminate(), ms);
  }

  #read(text: string, isBinary: boolean): void {
    if (isBinary) throw new ProtocolError('frames are text');
    const frame = decodeRouterFrame(text);
    if (frame?.type === 'registered') this.#registered(frame);
    // Any frame is a sign of life: the time for the next one begins again.
    else if (this.#isRegistered) this.#timer?.refresh();
    if (frame !== null) this.#take(frame);
  }

  #take(frame: RouterFrame): void {
    switch (frame.type) {
      case 'registered':
        return;
      case 'forward':
        void this.#takeForward(frame);
        return;
      case 'action':
        // This version puts no buttons under its messages, so nobody can have pressed one.
        this.#send({ type: 'ack', id: frame.id });
        return;
      case 'cancel':
        this.#options.onCancel(frame.id);
        return;
      case 'ack':
        this.#options.outbox.acknowledge(ROUTER, frame.id);
        return;
      case 'ping':
        this.#send({ type: 'pong' });
        return;
      default:
        frame satisfies never;
    }
  }

  #registered({ error, heartbeat_interval_s: heartbeatS = 30 }: Registered): void {
    if (error !== undefined) {
      this.#sayRefusal(error);
      return;
    }
    this.#expectWithin(heartbeatS * 2000 + this.#timings.silenceMs);
    this.#isRegistered = true;
    this.#failures = 0;
    this.#saidRefusal = undefined;
    this.#logger.info({ node: this.#options.register.node_id, url: this.#options.url }, 'registered');
    this.#options.onRegistered();
    this.#detach = this.#options.outbox.attach(ROUTER, ({ body }) => this.#sendParcel(body), { window: WINDOW });
  }

  async #takeForward(forward: ForwardRequest): Promise<void> {
    try {
      await this.#options.onForward(forward);
    } catch (error) {
      // Not acknowledged: the router keeps it, takes this node for dead, and sends it again.
      this.#logger.error({ err: error }, 'a message could not be stored');
      return;
    }
    this.#send({ type: 'ack', id: forward.id });
    this.#options.journey('forward.acked', forward.id);
  }

  #sendParcel(parcel: RouterParcel): void {
    this.#send(parcel);
    this.#options.journey('response.sent', parcel.id);
  }

  #send(frame: NodeFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(frame));
  }
}
