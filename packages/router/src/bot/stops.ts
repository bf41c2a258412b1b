import type { Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import type { Forward } from '../nodes/forward.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import { texts } from '../texts.ts';
import type { ActionOutcome, IncomingMessage, IncomingStop } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';
import { peerOf } from './deliveries.ts';

type Outcome = { readonly kind: ActionOutcome['kind']; readonly toast: Text };

/** What *Stop* under a running turn leads to. */
export class Stops {
  readonly #store: Store;
  readonly #rpc: Rpc;
  readonly #registry: NodeRegistry;
  readonly #deliveries: Deliveries;
  readonly #mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
  readonly #languages: ReaderLanguages;
  readonly #logger: Logger;

  constructor(options: {
    readonly store: Store;
    readonly rpc: Rpc;
    readonly registry: NodeRegistry;
    readonly deliveries: Deliveries;
    readonly mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
    readonly languages: ReaderLanguages;
    readonly logger: Logger;
  }) {
    this.#store = options.store;
    this.#rpc = options.rpc;
    this.#registry = options.registry;
    this.#deliveries = options.deliveries;
    this.#mayTalk = options.mayTalk;
    this.#languages = options.languages;
    this.#logger = options.logger;
  }

  /** Resolves with what the user is told, whatever happens. */
  async stop(stop: IncomingStop): Promise<ActionOutcome> {
    const language = this.#languages.of(peerOf(stop));
    try {
      const { kind, toast } = await this.#store.write(() => this.#decide(stop));
      return { kind, toast: toast[language] };
    } catch (error) {
      this.#logger.error({ err: error }, 'a stop could not be carried out');
      return { kind: 'error', toast: texts.pressFailed[language] };
    }
  }

  #decide({ channel, userId, turnId }: IncomingStop): Outcome {
    const forward = this.#rpc.findOpen(turnId);
    if (forward === undefined) return { kind: 'warning', toast: texts.stopTooLate };
    if (
      forward.userId !== userId ||
      forward.channel !== channel ||
      !this.#mayTalk({ channel: forward.channel, userId })
    ) {
      return { kind: 'error', toast: texts.stopNotYours };
    }
    const withdrawn = this.#rpc.withdraw(turnId);
    if (withdrawn !== undefined) return this.#cancelled(withdrawn);
    const connection = this.#registry.find(forward.nodeId)?.connection;
    if (connection === undefined) return { kind: 'warning', toast: texts.stopOffline(forward.nodeId) };
    this.#store.afterCommit(() => connection.send({ type: 'cancel', id: turnId }));
    return { kind: 'success', toast: texts.stopping };
  }

  /** The node has not had it: nobody else will answer it. */
  #cancelled({ id, channel, chatId, messageId: replyTo, summary, startedAt }: Forward): Outcome {
    const turn = { id, tookMs: Math.max(0, Date.now() - startedAt), isInPlace: true };
    this.#deliveries.put({ channel, chatId, replyTo }, texts.cancelled(summary), { turn });
    return { kind: 'success', toast: texts.cancelled(summary) };
  }
}
