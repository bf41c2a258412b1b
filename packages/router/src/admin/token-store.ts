import { join } from 'node:path';
import type { Logger } from '@phonework/shared/log';
import { openStoreBeside } from '@phonework/shared/store';
import { NodeTokens } from '../nodes/tokens.ts';
import { migrations } from '../schema.ts';

/**
 * Runs `work` on the nodes' tokens in one transaction, beside a router that may be running on the same data: it finds
 * the change by itself. Rejects with StoreError, or with what `work` throws.
 */
export async function withTokens<T>(
  { dataDir, logger }: { readonly dataDir: string; readonly logger: Logger },
  work: (tokens: NodeTokens) => T,
): Promise<T> {
  using store = openStoreBeside({ path: join(dataDir, 'router.db'), migrations, logger });
  const tokens = new NodeTokens(store);
  return await store.write(() => work(tokens));
}
