import { newId } from '@phonework/shared/id';
import type { Said } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { MailFullError } from '@phonework/shared/mail';
import { ProtocolError } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeRequest } from '../nodes/forward.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { IncomingMessage } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';

type Part = { readonly nodeId: string; readonly text: Said };
type Row = { channel: string; chat_id: string; message_id: string; node_ids: string; parts: string };

/** Messages for all of a user's nodes (`@all`): one question to each, and one answer with a part from each. */
export class Broadcasts {
  readonly #store: Store;
  readonly #registry: NodeRegistry;
  readonly #rpc: Rpc;
  readonly #deliveries: Deliveries;

  constructor(options: {
    readonly store: Store;
    readonly registry: NodeRegistry;
    readonly rpc: Rpc;
    readonly deliveries: Deliveries;
  }) {
    this.#store = options.store;
    this.#registry = options.registry;
    this.#rpc = options.rpc;
    this.#deliveries = options.deliveries;
  }

  /** Asks every node that is online; an offline one is named in the answer. For use inside `store.write`. */
  begin(message: IncomingMessage, request: NodeRequest): void {
    const { userId, channel, chatId, id: messageId } = message;
    const id = newId();
    const nodes = this.#registry.nodesFor(userId);
    const parts = nodes.flatMap(({ nodeId, connection }): Part[] => {
      if (connection === undefined) return [{ nodeId, text: texts.offlineNow }];
      try {
        this.#rpc.forward({ ...request, nodeId, userId, channel, chatId, messageId, broadcastId: id });
        return [];
      } catch (error) {
        if (error instanceof MailFullError) return [{ nodeId, text: texts.queueFull(nodeId) }];
        if (error instanceof ProtocolError) return [{ nodeId, text: texts.tooLong }];
        throw error;
      }
    });
    const nodeIds = nodes.map(({ nodeId }) => nodeId);
    this.#store
      .prepare('INSERT INTO broadcasts (id, channel, chat_id, message_id, node_ids, parts) VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, channel, chatId, messageId, JSON.stringify(nodeIds), JSON.stringify(parts));
    this.#finish(id);
  }

  /**
   * Takes one node's part, in the place of an earlier one of that node; with the last one the answer goes out. False when
   * it has gone out already: then the part has to be told on its own. For use inside `store.write`.
   */
  add(id: string, part: Part): boolean {
    const row = this.#find(id);
    if (row === undefined) return false;
    // Written by `begin` and here.
    const others = (JSON.parse(row.parts) as Part[]).filter(({ nodeId }) => nodeId !== part.nodeId);
    this.#store.prepare('UPDATE broadcasts SET parts = ? WHERE id = ?').run(JSON.stringify([...others, part]), id);
    this.#finish(id);
    return true;
  }

  #finish(id: string): void {
    const row = this.#find(id);
    if (row === undefined) return;
    // Written by `begin` and `add`.
    const nodeIds = JSON.parse(row.node_ids) as string[];
    const parts = JSON.parse(row.parts) as Part[];
    if (parts.length < nodeIds.length) return;
    const text = bilingual((language) =>
      nodeIds
        .map((nodeId) => {
          const said = parts.find((part) => part.nodeId === nodeId)?.text ?? '';
          return `**${nodeId}**\n${inLanguage(said, language).trim() || texts.noAnswer[language]}`;
        })
        .join('\n\n'),
    );
    this.#deliveries.put({ channel: row.channel, chatId: row.chat_id, replyTo: row.message_id }, text);
    this.#store.prepare('DELETE FROM broadcasts WHERE id = ?').run(id);
  }

  #find(id: string): Row | undefined {
    const row = this.#store.prepare('SELECT * FROM broadcasts WHERE id = ?').get(id);
    // A row of our own table: columns are as the schema says.
    return row === undefined ? undefined : (row as Row);
  }
}
