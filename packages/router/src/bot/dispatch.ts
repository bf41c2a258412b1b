import type { Logger } from '@phonework/shared/log';
import type { Inbox, Letter } from '@phonework/shared/mail';
import { MailFullError } from '@phonework/shared/mail';
import { ProtocolError } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { ActiveNodes } from '../nodes/active-nodes.ts';
import type { NodeRequest } from '../nodes/forward.ts';
import type { KnownNode, NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import type { RoutingAgent } from '../routing/routing-agent.ts';
import type { RoutableNode, RuleDecision } from '../routing/rules.ts';
import { decideByRules, isCommand } from '../routing/rules.ts';
import { texts } from '../texts.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { IncomingMessage } from './chat-channel.ts';
import type { ChatAddress, Deliveries } from './deliveries.ts';
import { Lanes } from './lanes.ts';
import type { Origin, Questions } from './questions.ts';

/** A message whose node is not decided yet. */
export type Undecided = NodeRequest & { readonly message: IncomingMessage };

/**
 * Gets a message to the node that it is for. What the rules decide is stored with the message; what the model has to
 * decide waits in an inbox, in order within its chat, over restarts too.
 */
export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #lanes: Lanes<Undecided>;

  constructor(options: DispatchOptions) {
    this.#options = options;
    this.#lanes = new Lanes({
      inbox: options.inbox,
      work: (letter, signal) => this.#settle(letter, signal),
      complaint: 'a message could not be sent on, trying again',
      logger: options.logger,
    });
  }

  /** Goes on with what an earlier process left undecided. */
  start(): void {
    this.#lanes.start();
  }

  /** What is undecided waits for the next start. */
  async stop(): Promise<void> {
    await this.#lanes.stop();
  }

  /** Takes a message that is no router's command. For use inside `store.write`. */
  take(message: IncomingMessage, request: NodeRequest): void {
    const { store, inbox } = this.#options;
    const lane = `${message.channel}:${message.chatId}`;
    const decision = this.#decide(message, request.text);
    // A command does not wait behind messages; everything else keeps its place behind what the model still has to decide.
    const command = isCommand('text' in decision ? decision.text : request.text);
    const mustWait = decision.kind === 'ask-model' || (!command && inbox.waiting(lane) > 0);
    if (!mustWait) {
      this.#apply(decision, message, request);
      return;
    }
    inbox.add({ id: `${message.channel}:${message.id}`, lane, body: { ...request, message } });
    store.afterCommit(() => this.#lanes.wake(lane));
  }

  /** Forgets a message that waits here. For use inside `store.write`. */
  drop(channel: string, messageId: string): void {
    this.#options.inbox.settle(`${channel}:${messageId}`);
  }

  /** Sends a message to one node. For use inside `store.write`. */
  toNode(nodeId: string, origin: Origin, request: NodeRequest): void {
    const { store, registry, rpc, deliveries, onQueued } = this.#options;
    const { channel, chatId, messageId: replyTo } = origin;
    const from: ChatAddress = { channel, chatId, replyTo };
    try {
      const { text, attachments, quoted } = request;
      rpc.forward({
        ...origin,
        nodeId,
        text,
        ...(attachments !== undefined && { attachments }),
        ...(quoted !== undefined && { quoted }),
      });
    } catch (error) {
      if (error instanceof MailFullError) deliveries.put(from, texts.queueFull(nodeId));
      else if (error instanceof ProtocolError) deliveries.put(from, texts.tooLong);
      else throw error;
      return;
    }
    if (registry.find(nodeId)?.connection === undefined) store.afterCommit(() => onQueued(nodeId));
  }

  #decide(message: IncomingMessage, text: string): RuleDecision {
    const { registry, activeNodes, answeredBy } = this.#options;
    const nodes = toRoutable(registry.nodesFor(message.userId), activeNodes.get(message.userId));
    const quotedNodeId = message.quotedId === undefined ? undefined : answeredBy(message.quotedId);
    return decideByRules({ text, nodes, ...(quotedNodeId !== undefined && { quotedNodeId }) });
  }

  #apply(decision: Exclude<RuleDecision, { kind: 'ask-model' }>, message: IncomingMessage, request: NodeRequest): void {
    const { deliveries, broadcasts } = this.#options;
    switch (decision.kind) {
      case 'node':
        this.toNode(decision.nodeId, originOf(message), { ...request, text: decision.text });
        return;
      case 'all':
        broadcasts.begin(message, { ...request, text: decision.text });
        return;
      case 'none':
        deliveries.put(addressOf(message), texts.noNode);
        return;
      case 'ask-user':
        this.#ask(message, request);
        return;
      default:
        decision satisfies never;
    }
  }

  #ask(message: IncomingMessage, request: NodeRequest): void {
    const { registry, questions } = this.#options;
    const nodes = registry.nodesFor(message.userId);
    questions.ask(
      { ...addressOf(message), userId: message.userId },
      {
        text: texts.whichNode(nodes.map(({ nodeId }) => nodeId)),
        options: nodes.slice(0, 20).map(({ nodeId }) => ({ id: nodeId, label: nodeId, style: 'default' })),
        subject: { kind: 'route', origin: originOf(message), ...request },
        isNotice: true,
      },
    );
  }

  /** Decides what waits. */
  async #settle({ id, body }: Letter<Undecided>, signal: AbortSignal): Promise<void> {
    const { message, ...request } = body;
    const { store, inbox, registry, activeNodes, agent } = this.#options;
    const { userId } = message;
    const activeId = activeNodes.get(userId);
    const nodes = toRoutable(registry.nodesFor(userId), activeId);
    const first = this.#decide(message, request.text);
    const text = request.text || namesOf(request);
    const decision = first.kind === 'ask-model' ? await agent.route({ text, nodes, signal }) : first;
    signal.throwIfAborted();
    await store.write(() => {
      // Taken back while the model thought about it.
      if (inbox.place(id) === 0) return;
      inbox.settle(id);
      if (first.kind !== 'ask-model') this.#apply(first, message, request);
      else if (decision.kind === 'node') {
        // What the model decided is where the user works now, unless they have chosen another node meanwhile.
        if (activeNodes.get(userId) === activeId) activeNodes.set(userId, decision.nodeId);
        this.toNode(decision.nodeId, originOf(message), request);
      } else this.#ask(message, request);
    });
  }
}

export type DispatchOptions = {
  readonly store: Store;
  readonly inbox: Inbox<Undecided>;
  readonly registry: NodeRegistry;
  readonly activeNodes: ActiveNodes;
  readonly rpc: Rpc;
  readonly agent: RoutingAgent;
  readonly questions: Questions;
  readonly broadcasts: Broadcasts;
  readonly deliveries: Deliveries;
  /** The node that said the message with this platform id, if a node did. */
  readonly answeredBy: (messageId: string) => string | undefined;
  /** Told after a message was stored for a node that is offline. */
  readonly onQueued: (nodeId: string) => void;
  readonly logger: Logger;
};

function namesOf({ attachments = [] }: NodeRequest): string {
  return attachments.map(({ kind, name }) => `(${kind}) ${name}`).join('\n');
}

function addressOf({ channel, chatId, id: replyTo }: IncomingMessage): ChatAddress {
  return { channel, chatId, replyTo };
}

function originOf({ userId, channel, chatId, id: messageId }: IncomingMessage): Origin {
  return { userId, channel, chatId, messageId };
}

function toRoutable(nodes: readonly KnownNode[], activeId: string | undefined): RoutableNode[] {
  return nodes.map(({ nodeId, displayName, connection, sessions }) => ({
    nodeId,
    displayName,
    online: connection !== undefined,
    active: nodeId === activeId,
    sessions: sessions.map(({ name }) => name),
    capabilities: connection?.register.capabilities ?? [],
  }));
}
