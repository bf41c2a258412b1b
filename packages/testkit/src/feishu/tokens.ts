import { randomBytes } from 'node:crypto';
import { RestError } from './rest-error.ts';

/** The platform renews a token only when less than this is left of it. */
const renewBelowMs = 30 * 60_000;

/** Tenant access tokens: issued, checked, and made invalid on demand. */
export class Tokens {
  /** Every token there ever was; none of them belongs into a log. */
  readonly issued: string[] = [];
  readonly #lifetimeMs: number;
  /** Token → when it expires, ms since the epoch. */
  readonly #expiries = new Map<string, number>();

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
  }

  /** The same token again while it is good for long enough. */
  issue(): { readonly token: string; readonly expiresInS: number } {
    const now = Date.now();
    for (const [token, expiry] of this.#expiries) {
      if (expiry - now >= renewBelowMs) return { token, expiresInS: Math.floor((expiry - now) / 1000) };
    }
    const token = `t-${randomBytes(16).toString('hex')}`;
    this.issued.push(token);
    this.#expiries.set(token, now + this.#lifetimeMs);
    return { token, expiresInS: Math.floor(this.#lifetimeMs / 1000) };
  }

  check(authorization: string | undefined): void {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new RestError(99991661, 'Missing access token for authorization.');
    const expiry = this.#expiries.get(token);
    if (expiry === undefined) throw new RestError(99991663, 'Invalid access token for authorization.');
    if (expiry <= Date.now()) throw new RestError(99991677, 'Authentication token expired.');
  }

  invalidateAll(): void {
    this.#expiries.clear();
  }
}
