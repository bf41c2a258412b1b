import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body may take its time: the route itself watches that it comes. */
    readonly isSlow?: boolean;
  }
}

/**
 * Cuts off who sends a body slower than within `ms`, but for routes that say otherwise. The server's own limit is one for
 * all of them. To be called before the routes are registered.
 */
export function cutSlowBodies(app: FastifyInstance, ms: number): void {
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
    if (!hasBody || routeOptions.config.isSlow === true) return;
    const timer = setTimeout(() => raw.socket.destroy(), ms);
    raw.once('close', () => clearTimeout(timer));
  });
}
