import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type {
  ActionRequest,
  ForwardRequest,
  ForwardResponse,
  NodeFile,
  NodeFrame,
  NodeMessage,
  Register,
  Registered,
  RouterFrame,
  TaskComplete,
} from '@phonework/shared/protocol';
import { CloseCode, decodeRouterFrame, encode, MAX_FRAME_BYTES, ProtocolError } from '@phonework/shared/protocol';
import { WebSocket } from 'ws';
import { backoffMs } from './backoff.ts';
import { Departures } from './departures.ts';
import { fitFrame } from './fit-frame.ts';
import { Intake } from './intake.ts';
import type { LinkTimings } from './link-timings.ts';
import { defaultTimings } from './link-timings.ts';
import { refusalByClose, refusalByStatus } from './refusal.ts';
import { Refusals } from './refusals.ts';

/** What a node must get to the router. */
export type RouterParcel = ForwardResponse | TaskComplete | NodeMessage | NodeFile;

/** The one peer of a node's outbox. */
export const ROUTER = 'router';

const WINDOW = 64;

/** With more than this unsent, what may be lost is: it would come late, and hold up what may not. */
const MAX_BACKLOG_BYTES = 64 * 1024;

/** A router may say anything; a timer that is to take longer than 24 days goes off at once. */
const MAX_HEARTBEAT_S = 24 * 3600;

/** For the router's part in closing a link. */
const CLOSE_MS = 1000;

export type NodeClientOptions = {
  readonly url: string;
  readonly secret: string;
  readonly register: Register;
  readonly outbox: Outbox<RouterParcel>;
  /** Resolves when the message is stored: then it is acknowledged. */
  readonly onForward: (forward: ForwardRequest) => Promise<void>;
  /** It could not be stored, and comes again. May be told so several times. */
  readonly onNotStored?: (forward: ForwardRequest) => void;
  /** A press of a button of this node's. Resolves when it is stored: then it is acknowledged. */
  readonly onAction: (action: ActionRequest) => Promise<void>;
  /**
   * The frame with this id is where its user can see it, as far as the router tells: with one that tells nothing of the
   * chat, when it has the frame. Resolves when that is stored; may come twice, and for frames that nobody waits for.
   */
  readonly onDelivered: (frameId: string) => Promise<void>;
  /** The user wants that message's turn to end, or, with `onlyWaiting`, not to begin. May come again. */
  readonly onCancel: (forwardId: string, options: { readonly onlyWaiting: boolean }) => void;
  readonly onRegistered: () => void;
  /** Takes this machine's secrets out of a text, before it goes to a chat. */
  readonly redact?: (text: string) => string;
  readonly journey: Journey;
  readonly logger: Logger;
  readonly timings?: Partial<LinkTimings>;
};

/** The node's end of the link: connects, registers, sends what waits, and comes back for ever. */
export class NodeClient {
  readonly #options: NodeClientOptions;
  readonly #timings: LinkTimings;
  readonly #logger: Logger;
  readonly #refusals: Refusals;
  #socket: WebSocket | undefined;
  #intake: Intake | undefined;
  #isRegistered = false;
  readonly #departures = new Departures<RouterParcel>((parcel) => this.#sendParcel(parcel));
  #detach: (() => void) | undefined;
  /** Until the next attempt, the next sign of life, or the end of a link that is being closed. */
  #timer: NodeJS.Timeout | undefined;
  #heartbeatMs = 0;
  #failures = 0;
  /** Why this link came to its end, as far as that was seen here. */
  #why: string | undefined;
  /** The router says by itself what has arrived in the chats. */
  #reportsDelivery = false;
  #stopped = false;

  constructor(options: NodeClientOptions) {
    this.#options = options;
    this.#timings = { ...defaultTimings, ...options.timings };
    this.#logger = options.logger;
    this.#refusals = new Refusals({ logger: options.logger, retryMs: this.#timings.refusedMs });
  }

  /** Begins to connect. */
  start(): void {
    this.#connect();
  }

  /** Sends what may be lost; does nothing while there is no link, or a slow one has not caught up. */
  sendLossy(frame: NodeFrame): void {
    if ((this.#socket?.bufferedAmount ?? 0) <= MAX_BACKLOG_BYTES) this.#send(frame);
  }

  /** Ends the link for good. Stopping twice is fine. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#drop();
    this.#close(CloseCode.shuttingDown, 'the node shuts down');
  }

  #connect(): void {
    if (this.#stopped) return;
    this.#why = undefined;
    this.#refusals.begin();
    this.#intake = new Intake({ acknowledge: (id) => this.#send({ type: 'ack', id }), logger: this.#logger });
    const socket = new WebSocket(this.#options.url, {
      headers: { authorization: `Bearer ${this.#options.secret}` },
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#expectWithin(this.#timings.handshakeMs);
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
      this.#why = `it answered ${statusCode}`;
      this.#refusals.refuse(refusalByStatus(statusCode));
      socket.terminate();
    });
    socket.on('open', () => {
      socket.send(encode(this.#options.register));
      this.#expectWithin(this.#timings.handshakeMs);
    });
    socket.on('message', (data, isBinary) => {
      // A link that is being closed still brings what was on its way: it will come again.
      if (socket.readyState === WebSocket.OPEN) this.#receive(data.toString(), isBinary);
    });
    socket.on('pong', () => this.#heard());
    socket.on('error', (error) => {
      this.#why ??= error.message || error.name;
      this.#logger.debug({ err: error }, 'the link failed');
    });
    socket.on('close', (code, reason) => this.#closed(code, reason.toString()));
  }

  #closed(code: number, reason: string): void {
    const wasRegistered = this.#isRegistered;
    this.#drop();
    if (this.#stopped) return;
    this.#refusals.refuse(refusalByClose(code));
    this.#failures += 1;
    const why = reason || this.#why;
    if (wasRegistered) this.#logger.warn({ code, why }, 'the link to the router is lost, connecting again');
    else if (this.#failures === 1 && !this.#refusals.isRefused) {
      this.#logger.warn({ url: this.#options.url, why }, 'the router can not be reached, trying again for ever');
    }
    const waitMs = this.#refusals.isRefused ? this.#timings.refusedMs : backoffMs(this.#failures, this.#timings);
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#isRegistered = false;
    this.#detach?.();
    this.#detach = undefined;
    // They go out again over the next link, which begins with the oldest.
    this.#departures.clear();
  }

  #close(code: number, reason: string): void {
    // One that is closed already brings no event that would clear the timer.
    if (this.#socket === undefined || this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close(code, reason);
    this.#expectWithin(CLOSE_MS);
  }

  /** Ends the link unless something is heard, or it is closed, within `ms`. */
  #expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#why ??= 'the router is silent';
      this.#socket?.terminate();
    }, ms);
  }

  /** The router is there. A router pings nodes that it does not hear: while this one talks, it has to ask itself. */
  #heard(): void {
    if (!this.#isRegistered || this.#socket?.readyState !== WebSocket.OPEN) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#socket?.ping();
      this.#expectWithin(this.#timings.silenceMs);
    }, this.#heartbeatMs);
  }

  #receive(text: string, isBinary: boolean): void {
    try {
      if (isBinary) throw new ProtocolError('frames are text');
      const frame = decodeRouterFrame(text);
      this.#heard();
      if (frame !== null) this.#take(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#logger.warn({ why: error.message }, 'the router broke the protocol');
      this.#close(CloseCode.badFrame, error.message.slice(0, 120));
    }
  }

  #take(frame: RouterFrame): void {
    switch (frame.type) {
      case 'registered':
        this.#registered(frame);
        return;
      case 'forward':
        void this.#takeForward(frame);
        return;
      case 'action':
        void this.#intake?.take(frame.id, () => this.#options.onAction(frame));
        return;
      case 'delivered':
        void this.#intake?.take(frame.id, () => this.#options.onDelivered(frame.message_id));
        return;
      case 'cancel':
        this.#options.onCancel(frame.id, { onlyWaiting: frame.only_waiting === true });
        return;
      case 'ack':
        this.#acknowledged(frame.id);
        return;
      case 'ping':
        this.#send({ type: 'pong' });
        return;
      default:
        frame satisfies never;
    }
  }

  #registered({ error, heartbeat_interval_s: heartbeatS = 30, reports_delivery = false }: Registered): void {
    if (error !== undefined) {
      this.#refusals.refuse(error);
      return;
    }
    this.#heartbeatMs = Math.min(heartbeatS, MAX_HEARTBEAT_S) * 1000;
    this.#reportsDelivery = reports_delivery;
    this.#isRegistered = true;
    this.#heard();
    this.#failures = 0;
    this.#refusals.forget();
    this.#logger.info({ node: this.#options.register.node_id, url: this.#options.url }, 'registered');
    this.#options.onRegistered();
    this.#detach = this.#options.outbox.attach(ROUTER, ({ body }) => this.#departures.add(body), { window: WINDOW });
  }

  async #takeForward(forward: ForwardRequest): Promise<void> {
    const isTaken = await this.#intake?.take(forward.id, () => this.#options.onForward(forward));
    if (isTaken) this.#options.journey('forward.acked', forward.id);
    else this.#options.onNotStored?.(forward);
  }

  #acknowledged(id: string): void {
    // Before the frame is taken out, so that one commit does both.
    if (!this.#reportsDelivery) {
      this.#options.onDelivered(id).catch((error: unknown) => {
        this.#logger.error({ err: error }, 'that a message has arrived could not be stored');
      });
    }
    this.#options.outbox.acknowledge(ROUTER, id);
  }

  #sendParcel(parcel: RouterParcel): void {
    this.#send(parcel);
    this.#options.journey('response.sent', parcel.id);
  }

  /** Everything but `register`: what is said before the router has registered this node would not be understood. */
  #send(frame: NodeFrame): void {
    if (!this.#isRegistered || this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(encode(fitFrame(frame, this.#options.redact)));
  }
}
