import { formatDuration } from '@phonework/shared/duration';
import type { Store } from '@phonework/shared/store';
import type { FastifyInstance } from 'fastify';
import type { NodeRegistry } from './nodes/registry.ts';
import type { Rpc } from './nodes/rpc.ts';

export type HealthOptions = {
  readonly store: Store;
  readonly registry: NodeRegistry;
  readonly rpc: Rpc;
  /** How many messages have not arrived in their chats. */
  readonly undelivered: () => number;
  /** Absent when Feishu is switched off; `lastEventAt` in ms since the epoch. */
  readonly feishu: (() => { readonly state: string; readonly lastEventAt?: number }) | undefined;
};

/** `GET /health`: 200 while the router can do its work, 503 with the same body when its store can't be written. */
export async function health(app: FastifyInstance, options: HealthOptions): Promise<void> {
  const startedAt = performance.now();
  app.get('/health', (_request, reply) => {
    const writable = options.store.isWritable();
    reply.code(writable ? 200 : 503).send({
      status: writable ? 'ok' : 'store unwritable',
      uptime_s: Math.floor((performance.now() - startedAt) / 1000),
      feishu: feishuState(options.feishu),
      nodes: options.registry.list().map((node) =>
        node.connection === undefined
          ? {
              node_id: node.nodeId,
              status: 'offline',
              last_seen: `${formatDuration(Date.now() - node.lastSeenAt)} ago`,
            }
          : {
              node_id: node.nodeId,
              status: 'online',
              users: node.servesUsers.size,
              sessions: node.sessions.length,
            },
      ),
      queue: { inbox: options.rpc.size, outbox: options.undelivered() },
    });
  });
}

function feishuState(feishu: HealthOptions['feishu']): { state: string; last_event_age_s?: number } {
  if (feishu === undefined) return { state: 'off' };
  const { state, lastEventAt } = feishu();
  if (lastEventAt === undefined) return { state };
  return { state, last_event_age_s: Math.floor((Date.now() - lastEventAt) / 1000) };
}
