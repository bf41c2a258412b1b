import type {} from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';

/**
 * Answers an upgrade with 404 where no route waits for one. The plugin would complete the handshake first, for anybody,
 * and then hold a socket with up to a whole frame of a stranger's until its close times out. To be called between the
 * plugin's registration and the routes.
 */
export function refuseStraySockets(app: FastifyInstance): void {
  const paths = new Set<string>();
  app.addHook('onRoute', ({ url, websocket }) => {
    if (websocket === true) paths.add(url);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!request.ws || paths.has(request.routeOptions.url ?? '')) return;
    await reply.code(404).send({ error: 'There is no socket here.' });
  });
  // Where the path can't be read no hook is asked, and the plugin, whose listener comes first, leaves the socket open.
  app.server.on('upgrade', ({ url = '' }, socket) => {
    if (!isReadable(url)) socket.end(() => socket.destroy());
  });
}

function isReadable(url: string): boolean {
  try {
    decodeURIComponent(url.replace(/[?#].*$/s, ''));
    return true;
  } catch {
    return false;
  }
}
