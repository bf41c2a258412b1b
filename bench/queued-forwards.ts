import { join } from 'node:path';
import type { NodeParcel } from '../packages/router/src/nodes/connection.ts';
import { NODE_BOX, Rpc } from '../packages/router/src/nodes/rpc.ts';
import { migrations } from '../packages/router/src/schema.ts';
import { createLogger } from '../packages/shared/src/log.ts';
import { Outbox } from '../packages/shared/src/mail/mail.ts';
import { openStore } from '../packages/shared/src/store.ts';

const AT_ONCE = 5000;

/** Whose messages wait, in turn. */
export const queuedUsers: readonly string[] = Array.from({ length: 20 }, (_, index) => `ou_user${index}`);

/** Makes a router's database in `folder` in which `count` messages wait for the node `home-pc`. */
export async function queueForwards(folder: string, count: number): Promise<void> {
  const logger = await createLogger({ name: 'bench', level: 'warn', secrets: [], terminal: false });
  using store = openStore({ path: join(folder, 'router.db'), migrations, logger });
  const outbox = new Outbox<NodeParcel>(store, { box: NODE_BOX });
  const rpc = new Rpc(store, { outbox, queueTtlMs: 86_400_000 });
  for (let from = 0; from < count; from += AT_ONCE) {
    await store.write(() => {
      for (let index = from; index < Math.min(count, from + AT_ONCE); index += 1) {
        const userId = queuedUsers[index % queuedUsers.length] ?? '';
        const to = { nodeId: 'home-pc', userId, channel: 'feishu', chatId: `oc_of_${userId}` };
        rpc.forward({ ...to, messageId: `om_${index}`, text: `message ${index} ${'x'.repeat(200)}` });
      }
    });
  }
}
