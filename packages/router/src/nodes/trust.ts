import type { Logger } from '@phonework/shared/log';
import type { Register } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { Bearer } from './bearers.ts';
import { Bearers } from './bearers.ts';
import type { NodeConnection } from './connection.ts';
import type { NodeRegistry } from './registry.ts';
import { NodeTokens } from './tokens.ts';

/** How often it is looked whether another process has changed the nodes' tokens. */
const TICK_MS = 250;

type Guest = { readonly bearer: Bearer; readonly showOut: (why: string) => void };

/** Which nodes may be connected and whom they may serve, also after somebody has changed that from outside. */
export class NodeTrust {
  readonly #tokens: NodeTokens;
  readonly #bearers: Bearers;
  readonly #registry: NodeRegistry;
  readonly #logger: Logger;
  readonly #guests = new Map<NodeConnection, Guest>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly store: Store;
    readonly secret: string | undefined;
    readonly registry: NodeRegistry;
    readonly logger: Logger;
  }) {
    this.#tokens = new NodeTokens(options.store, { onChange: () => this.#apply() });
    this.#bearers = new Bearers(this.#tokens, options);
    this.#registry = options.registry;
    this.#logger = options.logger;
  }

  /** Begins to watch. */
  open(): void {
    this.#apply();
    this.#timer = setInterval(() => this.#look(), TICK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Undefined for a missing or wrong bearer. `authorization` is the header. */
  read(authorization: string | undefined): Bearer | undefined {
    return this.#bearers.read(authorization);
  }

  /** Why this bearer does not open the door for that node; undefined when it does. */
  objection(bearer: Bearer | undefined, nodeId: string): string | undefined {
    return this.#bearers.objection(bearer, nodeId);
  }

  /** A node with a token of its own says whom it wants to serve; whom it may serve was said with the token. */
  grant(register: Register): Register {
    const granted = this.#tokens.of(register.node_id)?.users;
    if (granted === undefined) return register;
    const served = register.serves_users.filter((user) => granted.includes(user));
    const refused = register.serves_users.length - served.length;
    if (refused > 0) {
      this.#logger.warn({ node: register.node_id, refused }, 'a node wants to serve users who were not granted to it');
    }
    return { ...register, serves_users: served };
  }

  /** `showOut` is called, once, when that bearer does not let this node be here any longer. */
  arrived(connection: NodeConnection, bearer: Bearer, showOut: (why: string) => void): void {
    this.#guests.set(connection, { bearer, showOut });
    this.#noteUse(bearer);
  }

  left(connection: NodeConnection): void {
    const guest = this.#guests.get(connection);
    if (guest === undefined) return;
    this.#guests.delete(connection);
    this.#noteUse(guest.bearer);
  }

  #noteUse(bearer: Bearer): void {
    if (bearer.kind === 'token') this.#tokens.used(bearer.token);
  }

  #look(): void {
    try {
      this.#tokens.refresh();
    } catch (error) {
      this.#logger.error({ err: error }, "the nodes' tokens could not be read, trying again");
    }
  }

  #apply(): void {
    for (const { nodeId, users } of this.#tokens.list()) this.#registry.restrict(nodeId, users);
    for (const [connection, { bearer, showOut }] of this.#guests) {
      const why = this.#bearers.objection(bearer, connection.nodeId);
      if (why === undefined) continue;
      this.left(connection);
      showOut(why);
    }
  }
}
