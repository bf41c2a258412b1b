import { formatDuration } from '@phonework/shared/duration';
import type { Store } from '@phonework/shared/store';
import type { FastifyInstance } from 'fastify';
import type { ChatChannel } from './bot/chat-channel.ts';
import type { Deliveries } from './bot/deliveries.ts';
import type { NodeRegistry } from './nodes/registry.ts';
import type { Rpc } from './nodes/rpc.ts';

export type HealthOptions = {
  readonly store: Store;
  readonly registry: NodeRegistry;
  readonly rpc: Rpc;
  readonly deliveries: Deliveries;
  /** Absent when Feishu is switched off. */
  readonly feishu: ChatChannel | undefined;
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
      queue: { inbox: options.rpc.size, outbox: options.deliveries.size },
    });
  });
}

function feishuState(feishu: ChatChannel | undefined): { state: string; last_event_age_s?: number } {
  if (feishu === undefined) return { state: 'off' };
  const { state, lastEventAt } = feishu.health();
  if (lastEventAt === undefined) return { state };
  return { state, last_event_age_s: Math.floor((Date.now() - lastEventAt) / 1000) };
}
