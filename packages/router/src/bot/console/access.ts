import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type {} from '@fastify/cookie';
import type { Store } from '@phonework/shared/store';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Browsers keep a cookie for 400 days at most. */
const cookieAgeS = 400 * 24 * 3600;
const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i;
const loopbackAddress = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** The console's token: made once per database, so that a bookmark and a cookie outlive a restart. */
export function consoleToken(store: Store): string {
  const row = store.prepare("SELECT value FROM console_settings WHERE name = 'token'").get();
  if (row !== undefined) return String(row.value);
  const token = randomBytes(32).toString('base64url');
  store.writeLater(() => {
    store.prepare("INSERT INTO console_settings (name, value) VALUES ('token', ?)").run(token);
  });
  return token;
}

/** Who may see the console: a browser on this machine that has shown the token. Requests come with their cookies parsed. */
export class ConsoleAccess {
  readonly token: string;
  readonly #digest: Buffer;

  constructor(token: string) {
    this.token = token;
    this.#digest = sha256(token);
  }

  /**
   * Whether a browser on this machine asks for this machine by name. A page of another site whose name was made to
   * resolve to 127.0.0.1 (DNS rebinding) sends that name as Host. The peer is the socket's, whatever headers claim.
   */
  isLocal(request: FastifyRequest): boolean {
    return (
      loopbackHost.test(request.headers.host ?? '') && loopbackAddress.test(request.raw.socket.remoteAddress ?? '')
    );
  }

  /** Browsers let any page open a WebSocket to any host; its Origin says which page it was. */
  isSameOrigin(request: FastifyRequest): boolean {
    return request.headers.origin === `http://${request.headers.host}`;
  }

  isToken(candidate: unknown): boolean {
    return typeof candidate === 'string' && timingSafeEqual(sha256(candidate), this.#digest);
  }

  hasCookie(request: FastifyRequest): boolean {
    return this.isToken(request.cookies[cookieName(request)]);
  }

  giveCookie(request: FastifyRequest, reply: FastifyReply): void {
    void reply.setCookie(cookieName(request), this.token, {
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
      maxAge: cookieAgeS,
    });
  }
}

/** Cookies are shared by all ports of a host; the port is the one that the browser sees, which a tunnel may change. */
function cookieName(request: FastifyRequest): string {
  const port = loopbackHost.exec(request.headers.host ?? '')?.[1] ?? '80';
  return `phonework_${port}`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
