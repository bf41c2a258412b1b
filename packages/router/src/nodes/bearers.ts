import { timingSafeEqual } from 'node:crypto';
import type { NodeToken, NodeTokens } from './tokens.ts';
import { hashToken } from './tokens.ts';

const REVOKED = 'The token of this node was revoked or replaced: put its new one into ROUTER_SECRET.';

/** What somebody at the nodes' door has shown: the secret that nodes share, or the own token of one. */
export type Bearer = { readonly kind: 'secret' } | { readonly kind: 'token'; readonly token: NodeToken };

/** Reads bearers, and says which node each is good for. */
export class Bearers {
  readonly #tokens: NodeTokens;
  readonly #secretHash: Buffer | undefined;

  /** Without a `secret` each node needs a token of its own. */
  constructor(tokens: NodeTokens, { secret }: { readonly secret: string | undefined }) {
    this.#tokens = tokens;
    this.#secretHash = secret === undefined ? undefined : hashToken(secret);
  }

  /** Undefined for a missing or wrong one. `authorization` is the header. */
  read(authorization = ''): Bearer | undefined {
    this.#tokens.refresh();
    const hash = hashToken(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    const token = this.#tokens.find(hash);
    if (token !== undefined) return { kind: 'token', token };
    return this.#secretHash !== undefined && timingSafeEqual(hash, this.#secretHash) ? { kind: 'secret' } : undefined;
  }

  /** Why this bearer does not, or no longer, open the door for that node; undefined when it does. */
  objection(bearer: Bearer | undefined, nodeId: string): string | undefined {
    if (bearer === undefined) return REVOKED;
    if (bearer.kind === 'secret') {
      // Otherwise whoever has the shared secret could still take this node over.
      return this.#tokens.of(nodeId) === undefined
        ? undefined
        : `"${nodeId}" has a token of its own: put that into ROUTER_SECRET, or give this machine another NODE_ID.`;
    }
    const { token } = bearer;
    const current = this.#tokens.of(token.nodeId);
    if (current?.revokedAt !== undefined || current?.hash.equals(token.hash) !== true) return REVOKED;
    return token.nodeId === nodeId
      ? undefined
      : `This token is for "${token.nodeId}": make that the NODE_ID, or put the token of "${nodeId}" into ROUTER_SECRET.`;
  }
}
