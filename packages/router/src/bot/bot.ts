import { DAY_MS } from '@phonework/shared/duration';
import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import { Inbox } from '@phonework/shared/mail';
import type { NodeFrame } from '@phonework/shared/protocol';
import type { ReaderLanguages } from '@phonework/shared/reader-languages';
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
import { AttachmentDownloads } from './attachment-downloads.ts';
import type { Unprepared } from './batch.ts';
import { Broadcasts } from './broadcasts.ts';
import type { ChatChannel, IncomingMessage } from './chat-channel.ts';
import { Commands } from './commands.ts';
import type { DeliveryTimings, SendObserver } from './deliveries.ts';
import { Deliveries, peerOf } from './deliveries.ts';
import type { Undecided } from './dispatch.ts';
import { Dispatch } from './dispatch.ts';
import { MessageHandler } from './handler.ts';
import { KnownChats } from './known-chats.ts';
import { MissedMessages } from './missed-messages.ts';
import type { BroughtFile, NodeMailTimings } from './node-mail.ts';
import { NodeMail } from './node-mail.ts';
import { PREPARATIONS_BOX, Preparations } from './preparations.ts';
import { Presence } from './presence.ts';
import { Presses } from './presses.ts';
import { Questions } from './questions.ts';
import { Quota } from './quota.ts';
import { Quotes } from './quotes.ts';
import { Recalls } from './recalls.ts';
import { SeenMarks } from './seen-marks.ts';
import { Stops } from './stops.ts';
import { StorageAlarm } from './storage-alarm.ts';
import { Visits } from './visits.ts';

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
  readonly timings: DeliveryTimings & AnnouncerTimings & NodeMailTimings;
  readonly onSend?: SendObserver;
  readonly files: PassingFiles;
  readonly broughtFile: BroughtFile;
  /** How long a message waits for its node, and its files with it. */
  readonly queueTtlMs: number;
  readonly languages: ReaderLanguages;
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
  readonly #preparations: Preparations;
  readonly #dispatch: Dispatch;
  readonly #presses: Presses;
  readonly #stops: Stops;
  readonly #seenMarks: SeenMarks;
  readonly #quota: Quota;
  readonly #handler: MessageHandler;
  readonly #alarm: StorageAlarm;
  readonly #nodeMail: NodeMail;
  readonly #recalls: Recalls;
  readonly #visits: Visits;
  readonly #missed: MissedMessages;

  constructor(options: BotOptions) {
    const { store, channels, registry, activeNodes, rpc, files, mayTalk, timings, languages, journey, logger } =
      options;
    const outbox = options.nodeOutbox;
    const seenMarks = new SeenMarks(store, { channels, logger });
    const deliveries: Deliveries = new Deliveries(store, {
      channels,
      logger,
      journey,
      timings,
      files,
      onReceipt: (receipt, messageId) => putReceipt(outbox, receipt, { messageId, logger }),
      onShown: (messageId, shownId) => questions.shown(messageId, shownId),
      onAnswered: (channel, messageId) => seenMarks.answered(channel, messageId),
      languages,
      ...(options.onSend && { onSend: options.onSend }),
    });
    const questions: Questions = new Questions(store, deliveries, languages);
    const presence = new Presence({ store, registry, deliveries, mayTalk });
    const broadcasts = new Broadcasts({ store, registry, rpc, deliveries });
    const notices = { store, registry, rpc, deliveries, questions, broadcasts, presence, logger, timings };
    const announcer = new Announcer(notices);
    const routingInbox = new Inbox<Undecided>(store, { box: 'routing' });
    const dispatch = new Dispatch({
      store,
      inbox: routingInbox,
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
      onCancelled: ({ channel, messageId }) => store.afterCommit(() => seenMarks.answered(channel, messageId)),
      languages,
      logger,
    });
    const keepMs = options.queueTtlMs + DAY_MS;
    const downloads = new AttachmentDownloads({ channels, files, keepMs, timings, logger });
    const preparationsInbox = new Inbox<Unprepared>(store, { box: PREPARATIONS_BOX });
    const preparations = new Preparations({
      store,
      inbox: preparationsInbox,
      channels,
      downloads,
      quotes: new Quotes({ channels, downloads, logger }),
      deliveries,
      onReady: (message, request) => dispatch.take(message, request),
      onMerged: ({ channel, id }) => store.afterCommit(() => seenMarks.answered(channel, id)),
      onHeard: (message, words) => languages.wrote(peerOf(message), words),
      logger,
    });
    this.#quota = new Quota({
      store,
      unanswered: (userId) => rpc.openOf(userId),
      inboxes: [preparationsInbox, routingInbox],
      deliveries,
      logger,
    });
    const chatInbox = new Inbox<never>(store, { box: 'chat' });
    const knownChats = new KnownChats(store);
    const handler = new MessageHandler({
      store,
      inbox: chatInbox,
      commands: new Commands({ registry, activeNodes }),
      presses,
      preparations,
      dispatch,
      presence,
      deliveries,
      seenMarks,
      quota: this.#quota,
      knownChats,
      languages,
      mayTalk,
      journey,
      logger,
    });
    this.#handler = handler;
    this.#alarm = new StorageAlarm({ channels, mayTalk, logger });
    this.#missed = new MissedMessages({
      store,
      inbox: chatInbox,
      channels,
      chats: knownChats,
      deliveries,
      mayTalk,
      receive: (message) => handler.receive(message),
      timings,
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
      timings,
      languages,
      journey,
      logger,
    };
    this.#nodeMail = new NodeMail(mail);
    this.#channels = channels;
    this.#deliveries = deliveries;
    this.#announcer = announcer;
    this.#preparations = preparations;
    this.#dispatch = dispatch;
    this.#presses = presses;
    this.#stops = new Stops({ store, rpc, registry, deliveries, mayTalk, languages, logger });
    this.#seenMarks = seenMarks;
    this.#visits = new Visits({ store, presence, knownChats, deliveries, mayTalk, logger });
    this.#recalls = new Recalls({
      store,
      inbox: chatInbox,
      preparations,
      dispatch,
      questions,
      rpc,
      registry,
      broadcasts,
      seenMarks,
      languages,
    });
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
    this.#preparations.start();
    this.#quota.start();
    for (const channel of this.#channels) {
      await channel.start({
        onMessage: (message) => this.#alarm.watch(message, this.#handler.receive(message)),
        onAction: (action) => this.#presses.press(action),
        onStop: (stop) => this.#stops.stop(stop),
        onRecall: (recall) => this.#recalls.recall(recall),
        onVisit: (visit) => this.#visits.visit(visit),
        onGap: (gap, signal) => this.#missed.lookFor(gap, signal),
      });
    }
  }

  /** A frame of a registered node. */
  receive(connection: NodeConnection, frame: NodeFrame): void {
    this.#nodeMail.receive(connection, frame);
    // The first thing that a node tells when it comes.
    if (frame.type === 'status') this.#recalls.remind(connection);
  }

  /** Nothing comes in after this; what nodes still send goes out. */
  async closeDoors(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.stop()));
    this.#announcer.stop();
    this.#seenMarks.stop();
    this.#quota.stop();
    await Promise.all([this.#preparations.stop(), this.#dispatch.stop()]);
  }

  /** What did not arrive waits for the next start. */
  async stop(): Promise<void> {
    await this.#deliveries.stop(DELIVERY_GRACE_MS);
  }
}
