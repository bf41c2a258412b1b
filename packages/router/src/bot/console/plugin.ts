import { fastifyCookie } from '@fastify/cookie';
import type {} from '@fastify/websocket';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import * as z from 'zod';
import type { ConsoleAccess } from './access.ts';
import { assetPaths, readAsset } from './assets.ts';
import type { ConsoleFilesOptions } from './files.ts';
import { serveFiles } from './files.ts';
import { toPage } from './notice.ts';

const headers = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types dompurify',
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Asked for again each time, so that a new version shows at once; a 304 when nothing changed.
  'cache-control': 'private, no-cache',
};

const SocketQuery = z.object({ after: z.coerce.number().int().nonnegative().default(0) });

/**
 * All routes of the console, as a Fastify plugin that keeps its guards to itself: not to be wrapped in fastify-plugin.
 * `openPage` gets each WebSocket that was let in, and the seq of the last message that its page has.
 */
export function consolePlugin(options: {
  readonly access: ConsoleAccess;
  readonly openPage: (socket: WebSocket, after: number) => void;
  readonly files: Omit<ConsoleFilesOptions, 'access'>;
}): FastifyPluginAsync {
  const { access, openPage, files } = options;
  return async (app: FastifyInstance) => {
    await app.register(fastifyCookie);
    app.addHook('onRequest', (request, reply) => guard(access, request, reply));
    for (const path of assetPaths) {
      // At `warn`, since the request log of `/` would show the token.
      app.get(path, { logLevel: 'warn' }, async (request, reply) => await sendAsset(path, request, reply));
    }
    serveFiles(app, { access, ...files });
    app.get('/console/ws', { websocket: true, logLevel: 'warn' }, (socket, request) => {
      const query = SocketQuery.safeParse(request.query);
      if (query.success) openPage(socket, query.data.after);
      else socket.close(1008, 'after: expected the seq of a message');
    });
  };
}

/** Answers, and so ends, every request that may not go on. */
async function guard(access: ConsoleAccess, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.headers(headers);
  if (!access.isLocal(request)) {
    return refuse(reply, 403, 'The console is open to this machine only', [
      'Open it as http://localhost or http://127.0.0.1, in a browser on the machine that runs the router.',
    ]);
  }
  const token = tokenOf(request);
  if (token !== undefined && access.isToken(token)) {
    access.giveCookie(request, reply);
    void reply.header('cache-control', 'no-store');
    return reply.redirect('/', 303);
  }
  if (token !== undefined || !access.hasCookie(request)) {
    return refuse(reply, 401, 'This console needs its key', [
      'Open the address that PhoneWork printed when it started. It ends in ?token=…, and this browser then remembers it.',
      'If you just did that from a link on another page, <a href="/">go on to the console</a>.',
    ]);
  }
  if (request.ws && !access.isSameOrigin(request)) {
    return refuse(reply, 403, 'The console is open to its own page only', ['Open it at the address of the router.']);
  }
}

/** The token in the address of the page; no other path takes one. */
function tokenOf(request: FastifyRequest): unknown {
  if (request.routeOptions.url !== '/') return undefined;
  const { token } = z.object({ token: z.unknown().optional() }).parse(request.query);
  return token;
}

async function refuse(
  reply: FastifyReply,
  code: 401 | 403,
  title: string,
  sentences: readonly string[],
): Promise<void> {
  await reply
    .code(code)
    // What is still to come of a body is not waited for.
    .header('connection', 'close')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(toPage(title, sentences));
}

async function sendAsset(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { body, type, etag } = await readAsset(path);
  void reply.header('etag', etag);
  if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
  return await reply.type(type).send(body);
}
