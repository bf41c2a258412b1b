import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import { MailFullError } from '@phonework/shared/mail';
import type { NodeParcel } from './connection.ts';

/** Ids of receipts lie between these two: so they are told from what is a place in a node's queue. */
export const receiptIds = { from: 'delivered:', to: 'delivered;' } as const;

/** A node's frame that asked something. */
export type Receipt = { readonly nodeId: string; readonly frameId: string };

/** Tells a node that what its frame asks is in the chat, as the message `messageId`. For use inside `store.write`. */
export function putReceipt(
  outbox: Outbox<NodeParcel>,
  { nodeId, frameId }: Receipt,
  { messageId, logger }: { readonly messageId: string; readonly logger: Logger },
): void {
  const id = `${receiptIds.from}${messageId}`;
  try {
    outbox.put({ id, peer: nodeId, body: { type: 'delivered', id, message_id: frameId } });
  } catch (error) {
    if (!(error instanceof MailFullError)) throw error;
    // Nothing worse than a question that does not expire.
    logger.warn({ node: nodeId }, 'a node is not told that its question is in the chat: too much waits for it');
  }
}
