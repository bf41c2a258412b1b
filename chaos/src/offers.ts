import type { FeishuServer } from '@phonework/testkit/feishu-server';
import type { Offer } from './verdict.ts';

/** The copies of each message's event that went out, as they are at the moment. */
export class Offers {
  readonly #feishu: Pick<FeishuServer, 'eventOf'>;
  readonly #byEvent: ReadonlyMap<string, readonly Offer[]>;

  constructor(feishu: Pick<FeishuServer, 'deliveries' | 'eventOf'>) {
    this.#feishu = feishu;
    const byEvent = Map.groupBy(feishu.deliveries, ({ eventId }) => eventId);
    this.#byEvent = new Map(
      [...byEvent].map(([eventId, copies]) => [
        eventId,
        copies.map(({ socket, sentAt, ackCode, ackedAt }) => ({
          socket,
          offeredAt: sentAt,
          ...(ackCode === 200 && ackedAt !== undefined && { acceptedAt: ackedAt }),
        })),
      ]),
    );
  }

  /** Of the message with this id; none while there is no connection for it. */
  of(messageId: string): readonly Offer[] {
    return this.#byEvent.get(this.#feishu.eventOf(messageId).header.event_id) ?? [];
  }
}
