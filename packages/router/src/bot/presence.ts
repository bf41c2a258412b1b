import type { Store } from '@phonework/shared/store';
import type { KnownNode, NodeRegistry } from '../nodes/registry.ts';
import { texts } from '../texts.ts';
import type { ChannelName, IncomingMessage } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';

type Sighting = Pick<IncomingMessage, 'channel' | 'chatId' | 'chatType' | 'userId'>;

/** Tells users that a node of theirs went away or came back: each change once, over restarts too. */
export class Presence {
  readonly #store: Store;
  readonly #registry: NodeRegistry;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
  /** Where each user was seen last, as far as this process knows: it is hardly ever somewhere else. */
  readonly #lastSeen = new Map<string, string>();
  /** Nodes that users were told are away. */
  readonly #toldAway: Set<string>;

  constructor(options: {
    readonly store: Store;
    readonly registry: NodeRegistry;
    readonly deliveries: Deliveries;
    readonly mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
  }) {
    this.#store = options.store;
    this.#registry = options.registry;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    const rows = this.#store.prepare('SELECT node_id FROM told_away').all();
    this.#toldAway = new Set(rows.map((row) => String(row.node_id)));
  }

  /** Remembers where the user is told things that answer nothing: the chat with the bot alone. For use inside `store.write`. */
  seen({ userId, channel, chatId, chatType }: Sighting): void {
    if (chatType !== 'p2p') return;
    const address = `${channel}:${chatId}`;
    if (this.#lastSeen.get(userId) === address) return;
    this.#store
      .prepare(
        `INSERT INTO user_chats (user_id, channel, chat_id) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET channel = excluded.channel, chat_id = excluded.chat_id
         WHERE channel <> excluded.channel OR chat_id <> excluded.chat_id`,
      )
      .run(userId, channel, chatId);
    this.#store.afterCommit(() => this.#lastSeen.set(userId, address));
  }

  /** The chat of this user with the bot alone, if they were seen there. */
  chatOf({ channel, userId }: Pick<IncomingMessage, 'channel' | 'userId'>): string | undefined {
    const row = this.#store
      .prepare('SELECT chat_id FROM user_chats WHERE user_id = ? AND channel = ?')
      .get(userId, channel);
    return row === undefined ? undefined : String(row.chat_id);
  }

  /** The nodes whose users have to be told something. `isAway` knows the grace. */
  changed(isAway: (node: KnownNode) => boolean): readonly KnownNode[] {
    return this.#registry
      .list()
      .filter((node) => (this.#toldAway.has(node.nodeId) ? node.connection !== undefined : isAway(node)));
  }

  /** Tells the users of a node that it changed. For use inside `store.write`. */
  announce(node: KnownNode): void {
    const { nodeId } = node;
    const isBack = node.connection !== undefined;
    const text = isBack ? texts.reconnected(nodeId) : texts.disconnected(nodeId);
    for (const userId of node.servesUsers) {
      const row = this.#store.prepare('SELECT channel, chat_id FROM user_chats WHERE user_id = ?').get(userId);
      if (row === undefined) continue;
      // Written by `seen`.
      const channel = row.channel as ChannelName;
      // Who was allowed once may be a stranger by now.
      if (this.#mayTalk({ channel, userId })) this.#deliveries.put({ channel, chatId: String(row.chat_id) }, text);
    }
    const change = isBack
      ? 'DELETE FROM told_away WHERE node_id = ?'
      : 'INSERT OR IGNORE INTO told_away (node_id) VALUES (?)';
    this.#store.prepare(change).run(nodeId);
    this.#store.afterCommit(() => {
      if (isBack) this.#toldAway.delete(nodeId);
      else this.#toldAway.add(nodeId);
    });
  }
}
