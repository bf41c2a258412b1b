import type { Writable } from 'node:stream';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type { NodeFrame, Register } from '@phonework/shared/protocol';
import { CloseCode, decodeNodeFrame, encode, PROTOCOL_VERSION, ProtocolError } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { Bearer } from './bearers.ts';
import type { ConnectionTimings, FrameObserver, NodeParcel } from './connection.ts';
import { NodeConnection } from './connection.ts';
import type { Doorman } from './doorman.ts';
import type { NodeRegistry } from './registry.ts';
import type { NodeTrust } from './trust.ts';

/** RFC 6455: what failed is ours, and the peer may come back. */
const INTERNAL_ERROR = 1011;

/** For a node's part in closing a socket that it may not use any longer. */
const CLOSE_MS = 500;

/** With so many writes waiting for the disk no more is read from a node, so that what is there gets done. */
const MAX_BACKLOG = 100;

export type NodeSocketOptions = {
  readonly store: Pick<Store, 'backlog' | 'whenCaughtUp'>;
  readonly doorman: Doorman;
  readonly registry: NodeRegistry;
  readonly outbox: Outbox<NodeParcel>;
  readonly timings: ConnectionTimings & { readonly registerTimeoutMs: number };
  readonly logger: Logger;
  readonly onSent: (parcel: NodeParcel) => void;
  /** A frame of a registered node, but for `register`, `ack` and `pong`. */
  readonly onFrame: (connection: NodeConnection, frame: NodeFrame) => void;
  readonly observeFrame?: FrameObserver;
};

/** A WebSocket, and what it writes to. */
type Line = { readonly socket: WebSocket; readonly stream: Writable };

/** `GET /ws/node`: the door for nodes. docs/protocol.md describes what is spoken behind it. */
export async function nodeSocket(app: FastifyInstance, options: NodeSocketOptions): Promise<void> {
  const { doorman } = options;
  const door = new NodeDoor(options);
  app.get(
    '/ws/node',
    { websocket: true, onRequest: (request, reply) => doorman.check(request, reply) },
    (socket, request) => door.welcome(socket, request),
  );
  app.addHook('onReady', async () => doorman.trust.open());
  app.addHook('onClose', async () => doorman.trust.close());
}

class NodeDoor {
  readonly #options: NodeSocketOptions;
  readonly #trust: NodeTrust;

  constructor(options: NodeSocketOptions) {
    this.#options = options;
    this.#trust = options.doorman.trust;
  }

  welcome(socket: WebSocket, { ip, headers, socket: stream }: FastifyRequest): void {
    const { logger, timings } = this.#options;
    // The listeners live as long as the socket: they must not keep all that the request brought.
    const { authorization } = headers;
    // Without a listener, an error on the socket would end the process.
    socket.on('error', (error) => logger.debug({ err: error, ip }, 'a node socket failed'));
    const timer = setTimeout(
      () => socket.close(CloseCode.badFrame, `no register frame within ${timings.registerTimeoutMs / 1000} s`),
      timings.registerTimeoutMs,
    );
    socket.once('close', () => clearTimeout(timer));
    socket.once('message', (data, isBinary) => {
      clearTimeout(timer);
      const register = this.#readRegister(socket, data.toString(), isBinary);
      // Read again: it may have been revoked since the handshake.
      if (register !== undefined) this.#judge({ socket, stream }, register, this.#trust.read(authorization));
    });
  }

  #readRegister(socket: WebSocket, text: string, isBinary: boolean): Register | undefined {
    try {
      if (isBinary) throw new ProtocolError('frames are text');
      const frame = decodeNodeFrame(text);
      this.#options.observeFrame?.('in', frame?.type ?? 'unknown');
      if (frame?.type === 'register') return frame;
      throw new ProtocolError('the first frame must be register');
    } catch (error) {
      this.#refuse(error, { nodeId: 'unknown', close: (code, reason) => socket.close(code, reason) });
      return undefined;
    }
  }

  #judge(line: Line, register: Register, bearer: Bearer | undefined): void {
    const { socket } = line;
    const { registry, logger, observeFrame } = this.#options;
    const refuse = (error: string, code: number, reason: string) => {
      logger.warn({ node: register.node_id, why: error }, 'node refused');
      socket.send(encode({ type: 'registered', protocol: PROTOCOL_VERSION, error }));
      observeFrame?.('out', 'registered');
      socket.close(code, reason);
    };
    const objection = this.#trust.objection(bearer, register.node_id);
    if (bearer === undefined || objection !== undefined) {
      refuse(objection ?? '', CloseCode.notTrusted, 'not with this secret or token');
      return;
    }
    const admission = registry.admit(register);
    if (admission.admitted) this.#admit(line, this.#trust.grant(register), bearer);
    else refuse(admission.reason, CloseCode.nodeIdTaken, 'this node_id is taken');
  }

  #admit({ socket, stream }: Line, register: Register, bearer: Bearer): void {
    const { registry, outbox, timings, logger, onSent, observeFrame } = this.#options;
    const wire = { stream, outbox, timings, logger, onSent, observeFrame };
    const connection = new NodeConnection(socket, register, wire);
    const onMessage = (data: RawData, isBinary: boolean) => {
      // A socket that was replaced says nothing more for its node: what has to get here is sent again on the newer one.
      // A peer that knows no acks sends nothing again.
      const isReplaced = registry.find(connection.nodeId)?.connection !== connection;
      if (isReplaced && connection.knowsAcks) return;
      // What a peer still sends after it broke the protocol counts for nothing.
      if (!this.#read(connection, data.toString(), isBinary)) socket.off('message', onMessage);
      this.#holdBack(socket);
    };
    socket.on('message', onMessage);
    this.#trust.arrived(connection, bearer, (why) => {
      logger.warn({ node: connection.nodeId, why }, 'a connected node lost its right to be here');
      socket.off('message', onMessage);
      const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
      socket.once('close', () => clearTimeout(timer));
      connection.close(CloseCode.notTrusted, 'not with this secret or token any longer');
      // At once: the machine with the new token may be at the door.
      registry.remove(connection);
    });
    socket.on('close', (code) => {
      this.#trust.left(connection);
      connection.dispose();
      registry.remove(connection);
      logger.info({ node: register.node_id, code }, 'node disconnected');
    });
    this.#open(connection).catch((error: unknown) => this.#refuse(error, connection));
  }

  #holdBack(socket: WebSocket): void {
    const { store } = this.#options;
    if (store.backlog < MAX_BACKLOG || socket.isPaused) return;
    socket.pause();
    store.whenCaughtUp(() => socket.resume());
  }

  async #open(connection: NodeConnection): Promise<void> {
    const { registry, timings, logger } = this.#options;
    const { replaced, remembered } = registry.add(connection);
    replaced?.close(CloseCode.replaced, 'a newer connection of this node took over');
    try {
      await remembered;
    } catch (error) {
      // The registry could not be stored: the node works all the same, and is forgotten with the process.
      logger.error({ err: error, node: connection.nodeId }, 'the node could not be remembered');
    }
    // It may have gone, or have been replaced, meanwhile.
    if (!connection.isOpen) return;
    connection.send({
      type: 'registered',
      protocol: PROTOCOL_VERSION,
      heartbeat_interval_s: timings.heartbeatIntervalMs / 1000,
      ...(connection.knowsAcks && { reports_delivery: true }),
    });
    const { node_id: node, version, working_dir: workingDir } = connection.register;
    logger.info({ node, version, workingDir }, 'node registered');
    connection.open();
  }

  /** False when the frame was refused, and the connection with it. */
  #read(connection: NodeConnection, text: string, isBinary: boolean): boolean {
    try {
      if (isBinary) throw new ProtocolError('frames are text');
      this.#take(connection, connection.read(text));
      return true;
    } catch (error) {
      this.#refuse(error, connection);
      return false;
    }
  }

  #take(connection: NodeConnection, frame: NodeFrame | null): void {
    if (frame?.type === 'register') throw new ProtocolError('register comes once');
    if (frame === null || frame.type === 'pong') return;
    if (frame.type === 'ack') connection.acknowledged(frame.id);
    else this.#options.onFrame(connection, frame);
  }

  /** Ends one socket, so that whatever went wrong on it can't end the process. */
  #refuse(error: unknown, from: Pick<NodeConnection, 'nodeId' | 'close'>): void {
    const { logger, observeFrame } = this.#options;
    if (error instanceof ProtocolError) {
      observeFrame?.('in', 'broken');
      logger.warn({ node: from.nodeId, why: error.message }, 'a node broke the protocol');
      from.close(CloseCode.badFrame, error.message.slice(0, 120));
    } else {
      logger.error({ err: error, node: from.nodeId }, "a node's frame could not be worked on");
      from.close(INTERNAL_ERROR, 'the router could not work on a frame');
    }
  }
}
