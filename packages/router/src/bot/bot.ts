import { DAY_MS } from '@phonework/shared/duration';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import { Inbox } from '@phonework/shared/mail';
import type { NodeFrame } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { ActiveNodes } from '../nodes/active-nodes.ts';
import type { NodeConnection, NodeParcel } from '../nodes/connection.ts';
import type { PassingFiles } from '../nodes/passing-files.ts';
import { putReceipt } from '../nodes/receipts.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Rpc } from '../nodes/rpc.ts';
import type { RoutingAgent } from '../routing/routing-agent.ts';
import type { AnnouncerTimings } from './announcer.ts';
import { Announcer } from './announcer.ts';
import { Broadcasts } from './broadcasts.ts';
import type { ChatChannel, IncomingMessage } from './chat-channel.ts';
import { Commands } from './commands.ts';
import type { DeliveryTimings, SendObserver } from './deliveries.ts';
import { Deliveries } from './deliveries.ts';
import { Dispatch } from './dispatch.ts';
import { Downloads } from './downloads.ts';
import { MessageHandler } from './handler.ts';
import type { BroughtFile } from './node-mail.ts';
import { NodeMail } from './node-mail.ts';
import { Presence } from './presence.ts';
import { Presses } from './presses.ts';
import { Questions } from './questions.ts';

export type BotOptions = {
  readonly store: Store;
  readonly channels: readonly ChatChannel[];
  readonly registry: NodeRegistry;
  readonly activeNodes: ActiveNodes;
  readonly rpc: Rpc;
  readonly nodeOutbox: Outbox<NodeParcel>;
  readonly agent: RoutingAgent;
  /** Who may write to the bot. */
  readonly mayTalk: (user: Pick<IncomingMessage, 'channel' | 'userId'>) => boolean;
  readonly timings: DeliveryTimings & AnnouncerTimings;
  readonly onSend?: SendObserver;
  readonly files: PassingFiles;
  readonly broughtFile: BroughtFile;
  /** How long a message waits for its node, and its files with it. */
  readonly queueTtlMs: number;
  readonly journey: Journey;
  readonly logger: Logger;
};

/** What sends under way get at a shutdown: cut, they would be made again at the next start. */
const DELIVERY_GRACE_MS = 5000;

/** The room between chats and nodes, put together. */
export class Bot {
  readonly #channels: readonly ChatChannel[];
  readonly #deliveries: Deliveries;
  readonly #announcer: Announcer;
  readonly #downloads: Downloads;
  readonly #dispatch: Dispatch;
  readonly #presses: Presses;
  readonly #handler: MessageHandler;
  readonly #nodeMail: NodeMail;

  constructor(options: BotOptions) {
    const { store, channels, registry, activeNodes, rpc, files, mayTalk, timings, journey, logger } = options;
    const outbox = options.nodeOutbox;
    const deliveries = new Deliveries(store, {
      channels,
      logger,
      journey,
      timings,
      files,
      onReceipt: (receipt, messageId) => putReceipt(outbox, receipt, { messageId, logger }),
      ...(options.onSend && { onSend: options.onSend }),
    });
    const questions = new Questions(store, deliveries);
    const presence = new Presence({ store, registry, deliveries, mayTalk });
    const broadcasts = new Broadcasts({ store, registry, rpc, deliveries });
    const notices = { store, registry, rpc, deliveries, questions, broadcasts, presence, logger, timings };
    const announcer = new Announcer(notices);
    const dispatch = new Dispatch({
      store,
      inbox: new Inbox(store, { box: 'routing' }),
      registry,
      activeNodes,
      rpc,
      agent: options.agent,
      questions,
      broadcasts,
      deliveries,
      answeredBy: (messageId) => deliveries.answeredBy(messageId),
      onQueued: (nodeId) => announcer.messageQueued(nodeId),
      logger,
    });
    const presses = new Presses({
      store,
      questions,
      dispatch,
      registry,
      activeNodes,
      rpc,
      outbox,
      deliveries,
      mayTalk,
      logger,
    });
    const downloads = new Downloads({
      store,
      inbox: new Inbox(store, { box: 'download' }),
      channels,
      files,
      deliveries,
      keepMs: options.queueTtlMs + DAY_MS,
      onReady: (message, request) => dispatch.take(message, request),
      timings,
      logger,
    });
    this.#handler = new MessageHandler({
      store,
      inbox: new Inbox(store, { box: 'chat' }),
      commands: new Commands({ registry, activeNodes }),
      presses,
      downloads,
      dispatch,
      presence,
      deliveries,
      mayTalk,
      journey,
      logger,
    });
    const inbox = new Inbox<never>(store, { box: 'node' });
    const { broughtFile } = options;
    const mail = {
      store,
      inbox,
      registry,
      rpc,
      deliveries,
      questions,
      broadcasts,
      broughtFile,
      channels,
      journey,
      logger,
    };
    this.#nodeMail = new NodeMail(mail);
    this.#channels = channels;
    this.#deliveries = deliveries;
    this.#announcer = announcer;
    this.#downloads = downloads;
    this.#dispatch = dispatch;
    this.#presses = presses;
  }

  /** How many messages have not arrived in their chats. */
  get undelivered(): number {
    return this.#deliveries.size;
  }

  /** Begins with what an earlier process left behind, and lets messages in. */
  async start(): Promise<void> {
    this.#deliveries.start();
    this.#announcer.start();
    this.#dispatch.start();
    this.#downloads.start();
    for (const channel of this.#channels) {
      await channel.start(
        (message) => this.#handler.receive(message),
        (action) => this.#presses.press(action),
      );
    }
  }

  /** A frame of a registered node. */
  receive(connection: NodeConnection, frame: NodeFrame): void {
    this.#nodeMail.receive(connection, frame);
  }

  /** Nothing comes in after this; what nodes still send goes out. */
  async closeDoors(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.stop()));
    this.#announcer.stop();
    await Promise.all([this.#downloads.stop(), this.#dispatch.stop()]);
  }

  /** What did not arrive waits for the next start. */
  async stop(): Promise<void> {
    await this.#deliveries.stop(DELIVERY_GRACE_MS);
  }
}
