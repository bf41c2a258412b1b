import type { Writable } from 'node:stream';
import type { Logger } from '@phonework/shared/log';
import type { Courier, Outbox } from '@phonework/shared/mail';
import type {
  ActionRequest,
  Delivered,
  ForwardRequest,
  NodeFrame,
  Register,
  RouterFrame,
} from '@phonework/shared/protocol';
import { decodeNodeFrame, encode } from '@phonework/shared/protocol';
import type { WebSocket } from 'ws';

/** What the router must get to a node. */
export type NodeParcel = ForwardRequest | ActionRequest | Delivered;

/** With its frame as it goes over the wire. */
type HeldParcel = { readonly parcel: NodeParcel; readonly json: string };

/** Told of each frame, for statistics. "broken": it broke the protocol; "unknown": of a type this version does not know. */
export type FrameObserver = (
  direction: 'in' | 'out',
  type: NodeFrame['type'] | RouterFrame['type'] | 'broken' | 'unknown',
) => void;

/** More than this unread by a node means that it does not read at all. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** How many frames may be on their way to a node without an ack. */
const WINDOW = 64;

/** With this much unread the next parcel waits: a node that is back gets a long queue as fast as it reads, not at once. */
const ENOUGH_BUFFERED_BYTES = 256 * 1024;

/** How long a node whose mail could not be stored waits before it has to send it again. */
const DEAF_MS = 2000;

export type ConnectionTimings = {
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** A node that has not acked a frame by then is taken for dead. */
  readonly ackTimeoutMs: number;
};

/** One registered node's socket: its heartbeat, and the node's outbox while the socket is open. */
export class NodeConnection {
  readonly register: Register;
  readonly connectedAt = Date.now();
  readonly #socket: WebSocket;
  readonly #stream: Writable;
  readonly #outbox: Outbox<NodeParcel>;
  readonly #timings: ConnectionTimings;
  readonly #logger: Logger;
  readonly #onSent: (parcel: NodeParcel) => void;
  readonly #observeFrame: FrameObserver | undefined;
  readonly #sentAt = new Map<string, number>();
  /** When each `delivered` was sent that has no ack: older nodes do not know them, and must not be taken for dead. */
  readonly #receiptsSentAt = new Map<string, number>();
  #held: HeldParcel[] = [];
  readonly #timer: NodeJS.Timeout;
  #detach: (() => void) | undefined;
  #lastHeardAt = performance.now();
  #pingedAt: number | undefined;
  #deafSince: number | undefined;
  #isCorked = false;

  constructor(
    socket: WebSocket,
    register: Register,
    options: {
      /** What the socket writes to. */
      readonly stream: Writable;
      readonly outbox: Outbox<NodeParcel>;
      readonly timings: ConnectionTimings;
      readonly logger: Logger;
      readonly onSent: (parcel: NodeParcel) => void;
      readonly observeFrame: FrameObserver | undefined;
    },
  ) {
    this.register = register;
    this.#socket = socket;
    this.#stream = options.stream;
    this.#outbox = options.outbox;
    this.#timings = options.timings;
    this.#logger = options.logger;
    this.#onSent = options.onSent;
    this.#observeFrame = options.observeFrame;
    const { heartbeatIntervalMs, heartbeatTimeoutMs, ackTimeoutMs } = options.timings;
    const tickMs = Math.max(10, Math.min(1000, heartbeatIntervalMs, heartbeatTimeoutMs, ackTimeoutMs) / 2);
    this.#timer = setInterval(() => this.#watch(), tickMs);
  }

  get nodeId(): string {
    return this.register.node_id;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** A peer of the first days does not: it declares no protocol either. */
  get knowsAcks(): boolean {
    return this.register.protocol !== undefined;
  }

  /** Whether no mail of the node is taken any more. */
  get isDeaf(): boolean {
    return this.#deafSince !== undefined;
  }

  /**
   * Something of the node's mail could not be stored, and what follows must not overtake it: soon the node has to
   * connect again, and sends all of it again, in order.
   */
  goDeaf(): void {
    this.#deafSince ??= performance.now();
  }

  /** Starts sending what waits for this node. */
  open(): void {
    const served = new Set(this.register.serves_users);
    const courier: Courier<NodeParcel> = ({ body, json }) => {
      if (!this.#mayGet(body, served)) {
        // It was stored when this node still served its user, or knew more.
        this.#outbox.expire(this.nodeId, body.id);
        return;
      }
      this.#held.push({ parcel: body, json });
      this.#sendHeld();
    };
    this.#detach = this.#outbox.attach(this.nodeId, courier, { window: WINDOW });
  }

  send(frame: RouterFrame): void {
    this.#write(encode(frame), frame.type);
  }

  #write(text: string, type: RouterFrame['type'], onWritten?: () => void): void {
    if (!this.isOpen) return;
    this.#cork();
    this.#socket.send(text, onWritten);
    this.#observeFrame?.('out', type);
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.#kill('it does not read what it is sent');
  }

  /** The node has parcel `id`. */
  acknowledged(id: string): void {
    this.#sentAt.delete(id);
    this.#receiptsSentAt.delete(id);
    this.#outbox.acknowledge(this.nodeId, id);
  }

  /** Any frame is a sign of life. Throws ProtocolError; `null` for a frame of an unknown type. */
  read(text: string): NodeFrame | null {
    this.#lastHeardAt = performance.now();
    this.#pingedAt = undefined;
    const frame = decodeNodeFrame(text);
    this.#observeFrame?.('in', frame?.type ?? 'unknown');
    // An answer is an ack as well.
    if (frame?.type === 'forward_response') this.#sentAt.delete(frame.id);
    return frame;
  }

  /** For a peer that broke the protocol, or that has to go. */
  close(code: number, reason: string): void {
    this.dispose();
    this.#socket.close(code, reason);
  }

  /** Ends timers and sending; the socket is somebody else's to close. */
  dispose(): void {
    clearInterval(this.#timer);
    this.#detach?.();
    this.#detach = undefined;
    this.#held = [];
  }

  /**
   * What is sent in one turn of the event loop goes out in one piece: a commit lets dozens of frames go, and each would
   * be a system call. The turn ends after its microtasks, which is where acks are sent.
   */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isCorked = false;
        this.#stream.uncork();
      }),
    );
  }

  #mayGet(parcel: NodeParcel, served: ReadonlySet<string>): boolean {
    return parcel.type === 'delivered' ? this.knowsAcks : served.has(parcel.user_id);
  }

  #sendHeld(): void {
    while (this.isOpen && this.#socket.bufferedAmount < ENOUGH_BUFFERED_BYTES) {
      const held = this.#held.shift();
      if (held === undefined) return;
      const { parcel, json } = held;
      const sentAt = parcel.type === 'delivered' ? this.#receiptsSentAt : this.#sentAt;
      sentAt.set(parcel.id, performance.now());
      this.#write(json, parcel.type, () => this.#sendHeld());
      this.#onSent(parcel);
    }
  }

  #watch(): void {
    const now = performance.now();
    const { heartbeatIntervalMs, heartbeatTimeoutMs, ackTimeoutMs } = this.#timings;
    if (this.#deafSince !== undefined && now - this.#deafSince > DEAF_MS) {
      this.#kill('what it sent could not be stored');
      return;
    }
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt > heartbeatTimeoutMs) this.#kill('it does not answer pings');
      return;
    }
    this.#giveUpReceipts(now - ackTimeoutMs);
    const [oldest] = this.knowsAcks ? this.#sentAt.values() : [];
    if (oldest !== undefined && now - oldest > ackTimeoutMs) {
      this.#kill('it does not acknowledge what it is sent');
      return;
    }
    if (now - this.#lastHeardAt < heartbeatIntervalMs) return;
    this.#pingedAt = now;
    this.send({ type: 'ping' });
  }

  /** They must not fill the window of a node that does not know them. */
  #giveUpReceipts(sentBefore: number): void {
    for (const [id, sentAt] of this.#receiptsSentAt) {
      if (sentAt > sentBefore) return;
      this.#receiptsSentAt.delete(id);
      this.#outbox.acknowledge(this.nodeId, id);
    }
  }

  #kill(why: string): void {
    this.#logger.warn({ node: this.nodeId, why }, 'node taken for dead');
    this.dispose();
    this.#socket.terminate();
  }
}
