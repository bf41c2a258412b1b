import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type { NodeFrame, Register } from '@phonework/shared/protocol';
import { CloseCode, decodeNodeFrame, encode, PROTOCOL_VERSION, ProtocolError } from '@phonework/shared/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { ConnectionTimings, NodeParcel } from './connection.ts';
import { NodeConnection } from './connection.ts';
import type { NodeRegistry } from './registry.ts';

/** RFC 6455: what failed is ours, and the peer may come back. */
const INTERNAL_ERROR = 1011;

export type NodeSocketOptions = {
  readonly secret: string;
  readonly registry: NodeRegistry;
  readonly outbox: Outbox<NodeParcel>;
  readonly timings: ConnectionTimings & { readonly registerTimeoutMs: number };
  readonly logger: Logger;
  readonly onSent: (parcel: NodeParcel) => void;
  /** A frame of a registered node, but for `register`, `ack` and `pong`. */
  readonly onFrame: (connection: NodeConnection, frame: NodeFrame) => void;
};

/** `GET /ws/node`: the door for nodes. docs/protocol.md describes what is spoken behind it. */
export async function nodeSocket(app: FastifyInstance, options: NodeSocketOptions): Promise<void> {
  const door = new NodeDoor(options);
  app.get(
    '/ws/node',
    { websocket: true, onRequest: (request, reply) => door.check(request, reply) },
    (socket, request) => door.welcome(socket, request.ip),
  );
}

class NodeDoor {
  readonly #options: NodeSocketOptions;
  readonly #secret: Buffer;
  /** Addresses whose refusal was logged: a node with a wrong secret tries for ever. */
  readonly #refused = new Set<string>();

  constructor(options: NodeSocketOptions) {
    this.#options = options;
    this.#secret = digest(options.secret);
  }

  async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // Browsers send an Origin and nodes do not: a page must not be able to reach this door.
    if (request.headers.origin !== undefined) {
      await reply.code(403).send({ error: 'This door is for nodes, not for browsers.' });
      return;
    }
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (timingSafeEqual(digest(token), this.#secret)) {
      this.#refused.delete(request.ip);
      return;
    }
    this.#logRefusal(request.ip);
    await reply
      .code(401)
      .send({ error: 'The secret is wrong: ROUTER_SECRET must be the same on the router and the node.' });
  }

  welcome(socket: WebSocket, ip: string): void {
    const { logger, timings } = this.#options;
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
      if (register !== undefined) this.#admit(socket, register);
    });
  }

  #readRegister(socket: WebSocket, text: string, isBinary: boolean): Register | undefined {
    try {
      if (isBinary) throw new ProtocolError('frames are text');
      const frame = decodeNodeFrame(text);
      if (frame?.type === 'register') return frame;
      throw new ProtocolError('the first frame must be register');
    } catch (error) {
      this.#refuse(error, { nodeId: 'unknown', close: (code, reason) => socket.close(code, reason) });
      return undefined;
    }
  }

  #admit(socket: WebSocket, register: Register): void {
    const { registry, outbox, timings, logger, onSent } = this.#options;
    const admission = registry.admit(register);
    if (!admission.admitted) {
      logger.warn({ node: register.node_id, why: admission.reason }, 'node refused');
      socket.send(encode({ type: 'registered', protocol: PROTOCOL_VERSION, error: admission.reason }));
      socket.close(CloseCode.nodeIdTaken, 'this node_id is taken');
      return;
    }
    const connection = new NodeConnection(socket, register, { outbox, timings, logger, onSent });
    const onMessage = (data: RawData, isBinary: boolean) => {
      // What a peer still sends after it broke the protocol counts for nothing.
      if (!this.#read(connection, data.toString(), isBinary)) socket.off('message', onMessage);
    };
    socket.on('message', onMessage);
    socket.on('close', (code) => {
      connection.dispose();
      registry.remove(connection);
      logger.info({ node: register.node_id, code }, 'node disconnected');
    });
    this.#open(connection).catch((error: unknown) => this.#refuse(error, connection));
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
    const { logger } = this.#options;
    if (error instanceof ProtocolError) {
      logger.warn({ node: from.nodeId, why: error.message }, 'a node broke the protocol');
      from.close(CloseCode.badFrame, error.message.slice(0, 120));
    } else {
      logger.error({ err: error, node: from.nodeId }, "a node's frame could not be worked on");
      from.close(INTERNAL_ERROR, 'the router could not work on a frame');
    }
  }

  #logRefusal(ip: string): void {
    if (this.#refused.has(ip)) return;
    if (this.#refused.size >= 10_000) this.#refused.clear();
    this.#refused.add(ip);
    this.#options.logger.warn(
      { ip },
      'a node was refused (401): its ROUTER_SECRET is not this one. It is said once, until it is right',
    );
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
