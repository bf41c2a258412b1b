import { HOUR_MS } from '@phonework/shared/duration';
import type { Store } from '@phonework/shared/store';
import type { ChannelName, IncomingMessage, KnownChat } from './chat-channel.ts';

/** Of each channel; those in which nobody has talked for longest are forgotten. */
const MAX_CHATS = 500;

/** How exactly it is known when somebody last talked in a chat: not each message is worth a write. */
const EXACT_TO_MS = HOUR_MS;

/** The chats in which people who may talk to the bot have done so, or which they have opened; over restarts too. */
export class KnownChats {
  readonly #store: Store;
  /** When each was last noted, ms since the epoch. */
  readonly #notedAt = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
    for (const row of store.prepare('SELECT channel, chat_id, talked_at FROM known_chats').all()) {
      this.#notedAt.set(keyOf(String(row.channel), String(row.chat_id)), Number(row.talked_at));
    }
  }

  /** For use inside `store.write`. */
  talkedIn({ channel, chatId, chatType }: Pick<IncomingMessage, 'channel' | 'chatId' | 'chatType'>): void {
    const key = keyOf(channel, chatId);
    const now = Date.now();
    if (Math.abs(now - (this.#notedAt.get(key) ?? Number.NEGATIVE_INFINITY)) < EXACT_TO_MS) return;
    this.#store
      .prepare(
        `INSERT INTO known_chats (channel, chat_id, chat_type, talked_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET talked_at = excluded.talked_at`,
      )
      .run(channel, chatId, chatType, now);
    this.#forgetOldest(channel);
    this.#store.afterCommit(() => this.#notedAt.set(key, now));
  }

  /** Those in which somebody talked last come first. */
  newest(channel: ChannelName): readonly KnownChat[] {
    const rows = this.#store
      .prepare(
        'SELECT chat_id AS chatId, chat_type AS chatType FROM known_chats WHERE channel = ? ORDER BY talked_at DESC',
      )
      .all(channel);
    // Columns are as the schema says.
    return rows as KnownChat[];
  }

  #forgetOldest(channel: ChannelName): void {
    const rows = this.#store
      .prepare('SELECT chat_id FROM known_chats WHERE channel = ? ORDER BY talked_at DESC LIMIT -1 OFFSET ?')
      .all(channel, MAX_CHATS);
    for (const { chat_id: chatId } of rows) {
      this.#store.prepare('DELETE FROM known_chats WHERE channel = ? AND chat_id = ?').run(channel, String(chatId));
      this.#notedAt.delete(keyOf(channel, String(chatId)));
    }
  }
}

function keyOf(channel: string, chatId: string): string {
  return `${channel}:${chatId}`;
}
