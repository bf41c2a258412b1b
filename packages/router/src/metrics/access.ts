import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

const loopbackAddress = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** What proxies add. Who comes through one is not on this machine, wherever the proxy itself may be. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Who may scrape: programs on this machine, and whoever has the token, if there is one. */
export class MetricsAccess {
  readonly #token: Buffer | undefined;

  constructor(token: string | undefined) {
    this.#token = token === undefined ? undefined : digest(token);
  }

  mayScrape(request: FastifyRequest): boolean {
    return isLocal(request) || this.#hasToken(request);
  }

  #hasToken({ headers }: FastifyRequest): boolean {
    const shown = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    return this.#token !== undefined && shown !== undefined && timingSafeEqual(digest(shown), this.#token);
  }
}

/** The peer is the socket's, whatever headers claim. */
function isLocal({ raw, headers }: FastifyRequest): boolean {
  const isProxied = proxyHeaders.some((name) => headers[name] !== undefined);
  return !isProxied && loopbackAddress.test(raw.socket.remoteAddress ?? '');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
