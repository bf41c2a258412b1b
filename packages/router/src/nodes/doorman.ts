import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NodeRegistry } from './registry.ts';
import { NodeTrust } from './trust.ts';
import { WrongBearers } from './wrong-bearers.ts';

/**
 * Who brings or fetches a file: a node; or somebody with the secret that nodes share who did not say which node, and so
 * may be any of those that have no token of their own.
 */
export type Caller = { readonly nodeId: string | undefined };

/** Opens the nodes' doors, and keeps everybody else out. */
export class Doorman {
  readonly trust: NodeTrust;
  readonly #logger: Logger;
  readonly #wrongBearers = new WrongBearers();
  /** Addresses whose refusal was logged: a node with a wrong secret tries for ever. */
  readonly #refused = new Set<string>();

  constructor(options: {
    readonly store: Store;
    /** What nodes share; undefined where each needs a token of its own. */
    readonly secret: string | undefined;
    readonly registry: NodeRegistry;
    readonly logger: Logger;
  }) {
    this.trust = new NodeTrust(options);
    this.#logger = options.logger;
  }

  /** Answers, and so ends, every request that may not go on. */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // Browsers send an Origin and nodes do not: a page must not be able to reach this door.
    if (request.headers.origin !== undefined) {
      await closing(reply).code(403).send({ error: 'This door is for nodes, not for browsers.' });
      return;
    }
    if (this.trust.read(request.headers.authorization) !== undefined) {
      this.#refused.delete(request.ip);
      return;
    }
    this.#logRefusal(request.ip);
    const waitMs = this.#wrongBearers.note(request.ip);
    if (waitMs > 0) {
      await closing(reply)
        .code(429)
        .header('retry-after', Math.ceil(waitMs / 1000))
        .send({ error: 'Too many wrong secrets have come from this address: wait a minute.' });
      return;
    }
    await closing(reply)
      .code(401)
      .send({ error: "The secret is wrong: ROUTER_SECRET must be the router's, or this node's own token." });
  }

  /** Who a checked request is from; undefined when its bearer is not good for the node that it names. */
  callerOf({ headers }: FastifyRequest): Caller | undefined {
    const bearer = this.trust.read(headers.authorization);
    const named = headers['x-node-id'];
    const nodeId = typeof named === 'string' ? named : bearer?.kind === 'token' ? bearer.token.nodeId : undefined;
    if (bearer === undefined) return undefined;
    return nodeId !== undefined && this.trust.objection(bearer, nodeId) !== undefined ? undefined : { nodeId };
  }

  /** Whether that caller may have been this node. */
  mayBe(caller: Caller, nodeId: string): boolean {
    if (caller.nodeId !== undefined) return caller.nodeId === nodeId;
    return this.trust.objection({ kind: 'secret' }, nodeId) === undefined;
  }

  #logRefusal(ip: string): void {
    if (this.#refused.has(ip)) return;
    if (this.#refused.size >= 10_000) this.#refused.clear();
    this.#refused.add(ip);
    this.#logger.warn(
      { ip },
      'a node was refused (401): its ROUTER_SECRET is not this one. It is said once, until it is right',
    );
  }
}

/** What a stranger still has to send is not waited for: it could come a byte at a time, for half an hour. */
function closing(reply: FastifyReply): FastifyReply {
  return reply.header('connection', 'close');
}
