import { fastifyCookie } from '@fastify/cookie';
import type {} from '@fastify/websocket';
import { languages } from '@phonework/shared/language';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import * as z from 'zod';
import type { ConsoleAccess } from './access.ts';
import { assetPaths, readAsset } from './assets.ts';
import { browserLanguage } from './browser-language.ts';
import { consoleTexts as texts } from './console-texts.ts';
import type { ConsoleFilesOptions } from './files.ts';
import { serveFiles } from './files.ts';
import type { Notice } from './notice.ts';
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

const PageQuery = z.object({ token: z.unknown().optional(), lang: z.enum(languages).optional().catch(undefined) });

const SocketQuery = z.object({ after: z.coerce.number().int().nonnegative().default(0) });

/**
 * All routes of the console, as a Fastify plugin that keeps its guards to itself: not to be wrapped in fastify-plugin.
 * `openPage` gets each WebSocket that was let in, and the seq of the last message that its page has.
 */
export function consolePlugin(options: {
  readonly access: ConsoleAccess;
  readonly languageSetting: LanguageSetting;
  readonly openPage: (socket: WebSocket, after: number) => void;
  readonly files: Omit<ConsoleFilesOptions, 'access' | 'languageSetting'>;
}): FastifyPluginAsync {
  const { access, languageSetting, openPage, files } = options;
  return async (app: FastifyInstance) => {
    await app.register(fastifyCookie);
    app.addHook('onRequest', (request, reply) => guard({ access, languageSetting }, request, reply));
    for (const path of assetPaths) {
      // At `warn`, since the request log of `/` would show the token.
      app.get(path, { logLevel: 'warn' }, async (request, reply) => await sendAsset(path, request, reply));
    }
    serveFiles(app, { access, languageSetting, ...files });
    app.get('/console/ws', { websocket: true, logLevel: 'warn' }, (socket, request) => {
      const query = SocketQuery.safeParse(request.query);
      if (query.success) openPage(socket, query.data.after);
      else socket.close(1008, 'after: expected the seq of a message');
    });
  };
}

type Guard = { readonly access: ConsoleAccess; readonly languageSetting: LanguageSetting };

/** Answers, and so ends, every request that may not go on. */
async function guard({ access, languageSetting }: Guard, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.headers(headers);
  const refuse = (code: 401 | 403, notice: Notice) =>
    sendNotice(reply, code, toPage(notice, browserLanguage(request, languageSetting)));
  if (!access.isLocal(request)) return refuse(403, texts.thisMachineOnly);
  const { token, lang } = pageQuery(request);
  if (token !== undefined && access.isToken(token)) {
    access.giveCookie(request, reply);
    void reply.header('cache-control', 'no-store');
    return reply.redirect(lang === undefined ? '/' : `/?lang=${lang}`, 303);
  }
  if (token !== undefined || !access.hasCookie(request)) return refuse(401, texts.keyNeeded);
  if (request.ws && !access.isSameOrigin(request)) return refuse(403, texts.ownPageOnly);
}

/** What stands in the address of the page; no other path takes a token. */
function pageQuery(request: FastifyRequest): z.output<typeof PageQuery> {
  return request.routeOptions.url === '/' ? PageQuery.parse(request.query) : {};
}

async function sendNotice(reply: FastifyReply, code: 401 | 403, page: string): Promise<void> {
  await reply
    .code(code)
    // What is still to come of a body is not waited for.
    .header('connection', 'close')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page);
}

async function sendAsset(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { body, type, etag } = await readAsset(path);
  void reply.header('etag', etag);
  if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
  return await reply.type(type).send(body);
}
